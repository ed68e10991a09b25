#include "report/eval_report.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"
#include "data/format/csv.h"

namespace ds {
namespace {

std::string label_of(const std::vector<std::string>& labels, int64_t k) {
    return k >= 0 && size_t(k) < labels.size() ? labels[size_t(k)] : std::to_string(k);
}

size_t label_width(const Metrics& metrics, const std::vector<std::string>& labels) {
    size_t width = 5;
    for (int64_t k = 0; k < metrics.classes(); ++k) width = std::max(width, label_of(labels, k).size());
    return width;
}

} // namespace

Bound parse_bound(const std::string& text, bool is_minimum) {
    const size_t equals = text.find('=');
    Bound bound;
    bound.is_minimum = is_minimum;
    bound.metric = text.substr(0, equals);
    const char* begin = text.data() + std::min(text.size(), equals == std::string::npos ? text.size() : equals + 1);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), bound.value);
    if (equals == std::string::npos || error != std::errc{} || end != text.data() + text.size() ||
        !std::isfinite(bound.value))
        fail(Exit::usage, "--{} takes METRIC=VALUE, such as top1=0.92, not '{}'", is_minimum ? "min" : "max", text);
    return bound;
}

std::vector<BoundResult> check_bounds(const Metrics& metrics, const std::vector<Bound>& bounds) {
    std::vector<BoundResult> results;
    for (const Bound& bound : bounds) {
        const double measured = metrics.value(bound.metric);
        results.push_back({bound, measured, bound.is_minimum ? measured >= bound.value : measured <= bound.value});
    }
    return results;
}

Comparison compare(const Metrics& metrics, const Metrics& other, uint64_t seed) {
    const std::vector<SampleMetric>&a = metrics.per_sample(), &b = other.per_sample();
    if (a.size() != b.size()) bug("compared models saw {} and {} samples", a.size(), b.size());
    // Both models see the same targets, so the weights are the same, and the pairs are drawn together.
    const auto difference = [&](auto&& pick) {
        double value = 0, weight = 0;
        for (size_t i = 0; i < a.size(); ++i) {
            const size_t k = pick(i);
            value += a[k].value - b[k].value;
            weight += a[k].weight;
        }
        return weight > 0 ? value / weight : 0;
    };
    constexpr int rounds = 2000;
    std::vector<double> drawn;
    for (int round = 0; round < rounds; ++round) {
        rng::Sequence random(seed, rng::Stream::bootstrap, uint32_t(round));
        drawn.push_back(difference([&](size_t) { return random.below(a.size()); }));
    }
    std::sort(drawn.begin(), drawn.end());
    return {metrics.deciding(), metrics.greater_is_better(), difference([](size_t i) { return i; }), drawn[rounds / 40],
            drawn[rounds - 1 - rounds / 40]};
}

bool Verdict::held() const {
    return std::ranges::all_of(bounds, &BoundResult::held) && !(comparison && comparison->significantly_worse());
}

std::vector<std::string> verdict_lines(const Verdict& verdict) {
    std::vector<std::string> lines;
    for (const BoundResult& r : verdict.bounds)
        lines.push_back(fmt::format("{} {} {} {}: {:.4f}", r.held ? "held  " : "missed", r.bound.metric,
                                    r.bound.is_minimum ? ">=" : "<=", r.bound.value, r.measured));
    if (const auto& c = verdict.comparison)
        lines.push_back(fmt::format("{} difference {:+.4f}  [{:+.4f}, {:+.4f}]{}", c->metric, c->difference, c->low,
                                    c->high, c->significantly_worse() ? "  significantly worse" : ""));
    return lines;
}

void add_verdict(Json& json, const Verdict& verdict) {
    Json checks = Json::array();
    for (const BoundResult& r : verdict.bounds) {
        Json check = Json::object();
        check.set("metric", r.bound.metric).set("bound", r.bound.is_minimum ? "min" : "max");
        checks.push(check.set("value", r.bound.value).set("measured", r.measured).set("held", r.held));
    }
    if (!verdict.bounds.empty()) json.set("checks", checks);
    if (const auto& c = verdict.comparison) {
        Json difference = Json::object();
        difference.set("metric", c->metric).set("difference", c->difference).set("low", c->low).set("high", c->high);
        json.set("compare", difference);
    }
}

std::string table(const Metrics& metrics) {
    std::string out = fmt::format("{:<14} {}\n", "samples", metrics.samples());
    for (const auto& [name, value] : metrics.values()) out += fmt::format("{:<14} {:.4f}\n", name, value);
    return out;
}

std::string class_table(const Metrics& metrics, const std::vector<std::string>& labels) {
    const size_t width = label_width(metrics, labels);
    std::string out =
        fmt::format("{:<{}}  {:>7}  {:>9}  {:>7}  {:>7}\n", "class", width, "samples", "precision", "recall", "f1");
    const std::vector<ClassMetrics> all = metrics.per_class();
    for (size_t k = 0; k < all.size(); ++k)
        out += fmt::format("{:<{}}  {:>7}  {:>9.4f}  {:>7.4f}  {:>7.4f}\n", label_of(labels, int64_t(k)), width,
                           all[k].count, all[k].precision, all[k].recall, all[k].f1);
    return out;
}

std::string confusion_table(const Metrics& metrics, const std::vector<std::string>& labels) {
    const size_t width = label_width(metrics, labels);
    std::string out = fmt::format("{:<{}}", "true \\ given", std::max<size_t>(width, 12));
    for (int64_t k = 0; k < metrics.classes(); ++k) out += fmt::format(" {:>6.6}", label_of(labels, k));
    out += "\n";
    for (int64_t t = 0; t < metrics.classes(); ++t) {
        out += fmt::format("{:<{}}", label_of(labels, t), std::max<size_t>(width, 12));
        for (int64_t k = 0; k < metrics.classes(); ++k)
            out += fmt::format(" {:>6}", metrics.confusion()[size_t(t * metrics.classes() + k)]);
        out += "\n";
    }
    return out;
}

Json to_json(const Metrics& metrics, const std::vector<std::string>& labels) {
    Json json = Json::object();
    json.set("task", metrics.task()).set("samples", metrics.samples());
    for (const auto& [name, value] : metrics.values()) json.set(name, value);
    const std::vector<ClassMetrics> all = metrics.per_class();
    if (all.empty()) return json;
    Json classes = Json::array(), confusion = Json::array();
    for (size_t k = 0; k < all.size(); ++k) {
        Json one = Json::object();
        one.set("class", label_of(labels, int64_t(k))).set("samples", all[k].count).set("precision", all[k].precision);
        classes.push(one.set("recall", all[k].recall).set("f1", all[k].f1));
        const auto row = metrics.confusion().begin() + int64_t(k * all.size());
        confusion.push(Json(std::vector<int64_t>(row, row + int64_t(all.size()))));
    }
    json.set("classes", classes).set("confusion", confusion);
    return json;
}

std::string predictions_csv(const Metrics& metrics, const std::vector<std::string>& labels) {
    const bool classes = !metrics.predicted().empty();
    std::string out = classes ? "sample,target,predicted,probability\n" : "sample,target,value\n";
    if (metrics.output().empty()) fail(Exit::usage, "--predictions: there are none for {}", metrics.task());
    const size_t per_sample = metrics.output().size() / std::max<size_t>(1, size_t(metrics.samples()));
    for (size_t i = 0; i < metrics.output().size(); ++i) {
        const double target = metrics.target()[i];
        if (classes)
            out += fmt::format("{},{},{},{:.6f}\n", i, csv_field(label_of(labels, int64_t(target))),
                               csv_field(label_of(labels, metrics.predicted()[i])), metrics.output()[i]);
        else out += fmt::format("{},{},{}\n", i / std::max<size_t>(1, per_sample), target, metrics.output()[i]);
    }
    return out;
}

} // namespace ds
