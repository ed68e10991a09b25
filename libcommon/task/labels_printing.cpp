// How the labels of a sample print: those that are likelier than the threshold, in the order of the labels.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "task/printing.h"

namespace ds {
namespace {

bool usable(Outputs x, const OutputNames&) {
    return std::ranges::all_of(x, [](double v) { return std::isfinite(v); });
}

std::vector<int64_t> given(Outputs x, const OutputNames& names) {
    std::vector<int64_t> all;
    for (size_t k = 0; k < x.size(); ++k)
        if (logistic(x[k]) > names.threshold) all.push_back(int64_t(k));
    return all;
}

/// The likeliest first; of equals the first label.
std::vector<int64_t> likeliest(Outputs x, int64_t most) {
    std::vector<int64_t> order(x.size());
    for (size_t k = 0; k < order.size(); ++k) order[k] = int64_t(k);
    std::ranges::stable_sort(order, [&](int64_t a, int64_t b) { return x[size_t(a)] > x[size_t(b)]; });
    order.resize(std::min(order.size(), size_t(most)));
    return order;
}

/// What is predicted; or, where more than one is asked for, the likeliest, whatever they reach.
std::string words(Outputs x, const OutputNames& names) {
    std::string out;
    for (const int64_t k : names.top > 1 ? likeliest(x, names.top) : given(x, names))
        out += fmt::format("{}{} {:.2f} %", out.empty() ? "" : ", ", names.label(k), 100 * logistic(x[size_t(k)]));
    return out.empty() ? "none" : out;
}

Json with_probability(Outputs x, int64_t k, const OutputNames& names) {
    Json one = Json::object();
    return one.set("class", names.label(k)).set("probability", logistic(x[size_t(k)]));
}

void json(Json& one, Outputs x, const OutputNames& names) {
    Json predicted = Json::array(), top = Json::array();
    for (const int64_t k : given(x, names)) predicted.push(with_probability(x, k, names));
    for (const int64_t k : likeliest(x, names.top)) top.push(with_probability(x, k, names));
    one.set("predicted", predicted).set("top", top);
}

/// "news;sport", as an import takes a cell of labels.
std::string cell(const std::vector<int64_t>& labels, const OutputNames& names) {
    std::string out;
    for (const int64_t k : labels) out += (out.empty() ? "" : ";") + names.label(k);
    return out;
}

std::vector<std::string> columns(int64_t size, const OutputNames& names) {
    std::vector<std::string> all{"predicted"};
    for (int64_t k = 0; names.probabilities && k < size; ++k) all.push_back("probability_" + names.label(k));
    return all;
}

std::vector<std::string> fields(Outputs x, const OutputNames& names) {
    std::vector<std::string> all{cell(given(x, names), names)};
    if (names.probabilities)
        for (const double logit : x) all.push_back(fmt::format("{:.6g}", logistic(logit)));
    return all;
}

std::vector<std::string> target_columns(int64_t, const OutputNames&) { return {"target"}; }

std::vector<std::string> target_fields(const Tensor& target, int64_t s, const OutputNames& names) {
    const int64_t size = target.size() / target.shape()[0]; // room for a whole batch
    std::vector<int64_t> there;
    for (int64_t k = 0; k < size; ++k)
        if (float_at(target.view(), s * size + k) > 0.5) there.push_back(k);
    return {cell(there, names)};
}

} // namespace

const Printing labels_printing{usable,         words,         json,    columns, fields,
                               target_columns, target_fields, nullptr, nullptr, true};

} // namespace ds
