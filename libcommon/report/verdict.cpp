#include "report/verdict.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"

namespace ds {
namespace {

constexpr int rounds = 2000;

/// How many times each of n samples is drawn in a round.
std::vector<uint32_t> draw(size_t n, uint64_t seed, int round) {
    std::vector<uint32_t> times(n);
    rng::Sequence random(seed, rng::Stream::bootstrap, uint32_t(round));
    for (size_t i = 0; i < n; ++i) ++times[random.below(n)];
    return times;
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
        if (!metrics.has(metrics.task().metric(bound.metric)))
            fail(Exit::usage, "--{} {}: the samples have no {}; leave it out", bound.is_minimum ? "min" : "max",
                 bound.metric, bound.metric);
        const double measured = metrics.value(bound.metric);
        results.push_back({bound, measured, bound.is_minimum ? measured >= bound.value : measured <= bound.value});
    }
    return results;
}

bool Comparison::known() const { return !std::isnan(difference) && !std::isnan(low) && !std::isnan(high); }

Comparison compare(const Metrics& metrics, const Metrics& other, const MetricRow& by, uint64_t seed) {
    if (metrics.samples() != other.samples())
        bug("compared models saw {} and {} samples", metrics.samples(), other.samples());
    const auto difference = [&](Times times) { return metrics.value(by, times) - other.value(by, times); };
    Comparison result{std::string(by.name), by.better, difference({}), std::nan(""), std::nan("")};
    if (std::isnan(result.difference)) return result;
    std::vector<double> drawn; // both models see the same draw
    for (int round = 0; round < rounds; ++round) {
        const double one = difference(Times(draw(size_t(metrics.draws()), seed, round)));
        if (!std::isnan(one)) drawn.push_back(one); // an AUC needs both kinds, and a draw may have missed one
    }
    if (drawn.empty()) return result;
    std::sort(drawn.begin(), drawn.end());
    result.low = drawn[drawn.size() / 40];
    result.high = drawn[drawn.size() - 1 - drawn.size() / 40];
    return result;
}

bool Verdict::held() const {
    return std::ranges::all_of(bounds, &BoundResult::held) && (!comparison || comparison->held());
}

std::vector<std::string> verdict_lines(const Verdict& verdict) {
    std::vector<std::string> lines;
    for (const BoundResult& r : verdict.bounds)
        lines.push_back(fmt::format("{} {} {} {}: {:.4f}", r.held ? "held  " : "missed", r.bound.metric,
                                    r.bound.is_minimum ? ">=" : "<=", r.bound.value, r.measured));
    if (const auto& c = verdict.comparison; c && !c->known())
        lines.push_back(fmt::format("{} cannot be compared: one of the two models has none on this data", c->metric));
    else if (c)
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
        json.set("compare", difference.set("held", c->held()));
    }
}

} // namespace ds
