#include "task/printing.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace ds {
namespace {

using Likeliest = std::vector<std::pair<int64_t, double>>; // classes with their probabilities

std::string probability_text(double p) { return fmt::format("{:.6g}", p); }

std::vector<std::string> one_target(int64_t, const OutputNames&) { return {"target"}; }

// ---- one of K classes: logits

/// The k likeliest, with their probabilities; of equals the first one.
Likeliest likeliest(Outputs x, int64_t k) {
    const std::vector<double> p = softmax(x);
    Likeliest all;
    for (size_t c = 0; c < p.size(); ++c) all.emplace_back(c, p[c]);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    all.resize(std::min(all.size(), size_t(k)));
    return all;
}

/// A softmax exists: minus infinity hides a class, and is fine where another one is finite.
bool has_softmax(Outputs x, const OutputNames&) {
    return std::ranges::none_of(x, [](double v) { return std::isnan(v); }) && std::isfinite(std::ranges::max(x));
}

bool all_finite(Outputs x, const OutputNames&) {
    return std::ranges::all_of(x, [](double v) { return std::isfinite(v); });
}

std::string top_words(const Likeliest& likeliest, const OutputNames& names) {
    std::string out;
    for (const auto& [k, p] : likeliest)
        out += fmt::format("{}{} {:.2f} %", out.empty() ? "" : ", ", names.label(k), 100 * p);
    return out;
}

std::string class_words(Outputs x, const OutputNames& names) { return top_words(likeliest(x, names.top), names); }

Json top_json(const Likeliest& likeliest, const OutputNames& names) {
    Json top = Json::array();
    for (const auto& [k, p] : likeliest) {
        Json entry = Json::object();
        top.push(entry.set("class", names.label(k)).set("probability", p));
    }
    return top;
}

void class_json(Json& one, Outputs x, const OutputNames& names) {
    const auto best = likeliest(x, names.top);
    one.set("predicted", names.label(best[0].first)).set("probability", best[0].second);
    one.set("top", top_json(best, names));
}

std::vector<std::string> class_columns(int64_t size, const OutputNames& names) {
    std::vector<std::string> columns{"predicted", "probability"};
    for (int64_t k = 0; names.probabilities && k < size; ++k) columns.push_back("probability_" + names.label(k));
    return columns;
}

std::vector<std::string> fields_of(size_t predicted, const std::vector<double>& p, const OutputNames& names) {
    std::vector<std::string> fields{names.label(int64_t(predicted)), probability_text(p[predicted])};
    if (names.probabilities)
        for (double each : p) fields.push_back(probability_text(each));
    return fields;
}

std::vector<std::string> class_fields(Outputs x, const OutputNames& names) {
    const std::vector<double> p = softmax(x);
    return fields_of(size_t(std::max_element(x.begin(), x.end()) - x.begin()), p, names);
}

std::vector<std::string> class_target(const Tensor& target, int64_t s, const OutputNames& names) {
    const int64_t k = target.dtype() == DType::i64 ? target.as<int64_t>()[s] : target.as<int32_t>()[s];
    return {k < 0 ? "" : names.label(k)}; // ignored
}

// ---- yes or no: one logit

/// As two classes: no, and yes; the predicted one first.
Likeliest both(Outputs x, const OutputNames& names) {
    const double yes = logistic(x[0]), no = logistic(-x[0]);
    Likeliest all{{1, yes}, {0, no}};
    if (yes <= names.threshold) std::swap(all[0], all[1]);
    all.resize(std::min(all.size(), size_t(names.top)));
    return all;
}

std::string yes_no_words(Outputs x, const OutputNames& names) { return top_words(both(x, names), names); }

void yes_no_json(Json& one, Outputs x, const OutputNames& names) {
    const auto best = both(x, names);
    one.set("predicted", names.label(best[0].first)).set("probability", best[0].second);
    one.set("top", top_json(best, names));
}

std::vector<std::string> yes_no_columns(int64_t, const OutputNames& names) { return class_columns(2, names); }

std::vector<std::string> yes_no_fields(Outputs x, const OutputNames& names) {
    const double p = logistic(x[0]);
    return fields_of(p > names.threshold, {logistic(-x[0]), p}, names);
}

std::vector<std::string> yes_no_target(const Tensor& target, int64_t s, const OutputNames& names) {
    const double t = target.dtype() == DType::f64 ? target.as<double>()[s] : double(target.as<float>()[s]);
    return {t == 0 || t == 1 ? names.label(int64_t(t)) : number_text(t)};
}

// ---- numbers

std::string number_words(Outputs x, const OutputNames& names) {
    std::string out = names.target;
    for (double value : x) out += fmt::format("{}{:.6g}", out.empty() ? "" : " ", value);
    return out;
}

void number_json(Json& one, Outputs x, const OutputNames& names) {
    if (!names.target.empty()) one.set("target", names.target);
    one.set("value", std::vector<double>(x.begin(), x.end()));
}

std::vector<std::string> numbered(const std::string& word, int64_t size) {
    if (size == 1) return {word};
    std::vector<std::string> columns;
    for (int64_t i = 0; i < size; ++i) columns.push_back(fmt::format("{}_{}", word, i));
    return columns;
}

std::vector<std::string> number_columns(int64_t size, const OutputNames&) { return numbered("predicted", size); }
std::vector<std::string> number_targets(int64_t size, const OutputNames&) { return numbered("target", size); }

std::vector<std::string> number_fields(Outputs x, const OutputNames&) {
    std::vector<std::string> fields;
    for (double value : x) fields.push_back(number_text(value));
    return fields;
}

std::vector<std::string> number_target(const Tensor& target, int64_t s, const OutputNames&) {
    const int64_t size = target.size() / target.shape()[0]; // room for a whole batch
    std::vector<std::string> fields;
    for (int64_t i = s * size; i < (s + 1) * size; ++i) fields.push_back(number_text(float_at(target.view(), i)));
    return fields;
}

} // namespace

const Printing class_printing{has_softmax, class_words,  class_json, class_columns, class_fields,
                              one_target,  class_target, nullptr,    nullptr,       true};
const Printing yes_no_printing{all_finite, yes_no_words,  yes_no_json, yes_no_columns, yes_no_fields,
                               one_target, yes_no_target, nullptr,     nullptr,        true};
const Printing number_printing{all_finite,    number_words,   number_json,  number_columns,
                               number_fields, number_targets, number_target};

std::string OutputNames::label(int64_t k) const {
    return k >= 0 && size_t(k) < labels.size() ? labels[size_t(k)] : std::to_string(k);
}

std::vector<double> softmax(Outputs x) {
    const double top = *std::max_element(x.begin(), x.end());
    std::vector<double> p;
    double sum = 0;
    for (double logit : x) sum += p.emplace_back(std::exp(logit - top));
    for (double& each : p) each /= sum;
    return p;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

std::string number_text(double x) {
    const auto narrow = float(x);
    return double(narrow) == x ? fmt::format("{}", narrow) : fmt::format("{}", x);
}

} // namespace ds
