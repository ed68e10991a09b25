#include "infer/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ds {
namespace {

/// The numbers of the k likeliest tokens, the likeliest first; those that can be drawn only.
std::vector<int32_t> likeliest(const std::vector<double>& logits, int64_t k) {
    std::vector<int32_t> order;
    for (size_t i = 0; i < logits.size(); ++i)
        if (!std::isinf(logits[i])) order.push_back(int32_t(i));
    const auto end = order.begin() + (k > 0 ? std::min(k, int64_t(order.size())) : int64_t(order.size()));
    std::partial_sort(order.begin(), end, order.end(), [&](int32_t a, int32_t b) {
        const double x = logits[size_t(a)], y = logits[size_t(b)];
        return x != y ? x > y : a < b;
    });
    order.erase(end, order.end());
    return order;
}

/// How many of the weights, which fall, reach the part p of their sum.
size_t nucleus(const std::vector<double>& weights, double p) {
    if (p >= 1) return weights.size();
    const double enough = p * std::accumulate(weights.begin(), weights.end(), 0.0);
    double sum = 0;
    for (size_t i = 0; i < weights.size(); ++i)
        if ((sum += weights[i]) >= enough) return i + 1;
    return weights.size();
}

} // namespace

int32_t draw_token(const std::vector<double>& logits, const Sampling& sampling, rng::Sequence& random) {
    const std::vector<int32_t> order = likeliest(logits, sampling.temperature == 0 ? 1 : sampling.top_k);
    if (order.size() == 1 && sampling.temperature == 0) return order[0];
    const double top = logits[size_t(order[0])];
    std::vector<double> weights;
    for (const int32_t token : order) weights.push_back(std::exp((logits[size_t(token)] - top) / sampling.temperature));
    weights.resize(nucleus(weights, sampling.top_p));
    double place = random.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
    for (size_t i = 0; i < weights.size(); ++i)
        if ((place -= weights[i]) < 0) return order[i];
    return order[0]; // rounding, where the last weight is next to nothing
}

} // namespace ds
