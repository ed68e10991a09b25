#include "infer/predictions.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/format/npy.h"

namespace ds {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

} // namespace

void Predictions::append(const Predictions& more) {
    task = more.task;
    labels = more.labels;
    item = more.item;
    dtype = more.dtype;
    sources.insert(sources.end(), more.sources.begin(), more.sources.end());
    outputs.insert(outputs.end(), more.outputs.begin(), more.outputs.end());
}

std::string Predictions::label(int64_t k) const {
    return size_t(k) < labels.size() ? labels[size_t(k)] : std::to_string(k);
}

std::vector<std::pair<int64_t, double>> Predictions::likeliest(int64_t sample, int64_t k) const {
    const int64_t n = count(item);
    const double* x = outputs.data() + sample * n;
    const double top = *std::max_element(x, x + n);
    std::vector<std::pair<int64_t, double>> all;
    double sum = 0;
    for (int64_t c = 0; c < n; ++c) {
        all.emplace_back(c, std::exp(x[c] - top));
        sum += all.back().second;
    }
    for (auto& [c, p] : all) p /= sum;
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    all.resize(size_t(std::min(k, n)));
    return all;
}

std::string Predictions::text(int64_t top) const {
    std::string out;
    const int64_t n = count(item);
    for (int64_t s = 0; s < samples(); ++s) {
        out += sources[size_t(s)] + ":";
        if (task == "classification") {
            const auto best = likeliest(s, top);
            for (size_t i = 0; i < best.size(); ++i)
                out += fmt::format("{} {} {:.2f} %", i ? "," : "", label(best[i].first), 100 * best[i].second);
        } else {
            for (int64_t i = 0; i < n; ++i) {
                const double x = outputs[size_t(s * n + i)];
                out += fmt::format(" {:.6g}", task == "binary" ? logistic(x) : x);
            }
        }
        out += "\n";
    }
    return out;
}

Json Predictions::json(int64_t top) const {
    Json all = Json::array();
    const int64_t n = count(item);
    for (int64_t s = 0; s < samples(); ++s) {
        Json one = Json::object();
        one.set("sample", sources[size_t(s)]);
        if (task == "classification") {
            Json best = Json::array();
            for (const auto& [k, p] : likeliest(s, top)) {
                Json entry = Json::object();
                best.push(entry.set("class", label(k)).set("probability", p));
            }
            one.set("top", best);
        } else if (task == "binary") {
            one.set("probability", logistic(outputs[size_t(s)]));
        } else {
            one.set("value", std::vector<double>(outputs.begin() + s * n, outputs.begin() + (s + 1) * n));
        }
        all.push(one);
    }
    return all;
}

std::string Predictions::npy() const {
    Dims shape = item;
    shape.insert(shape.begin(), samples());
    if (dtype == DType::f64) return encode_npy(dtype, shape, std::as_bytes(std::span(outputs)));
    const std::vector<float> narrow(outputs.begin(), outputs.end()); // exact: they were floats
    return encode_npy(DType::f32, shape, std::as_bytes(std::span(narrow)));
}

} // namespace ds
