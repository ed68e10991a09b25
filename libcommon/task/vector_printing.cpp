// How a vector prints: the first numbers to people, all of them to programs.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "task/printing.h"
#include "task/task.h"

namespace ds {
namespace {

constexpr size_t shown_numbers = 4;

bool is_finite(Outputs x, const OutputNames&) {
    return std::ranges::all_of(x, [](double v) { return std::isfinite(v); });
}
std::string words(Outputs x, const OutputNames&) {
    std::string out = "vector";
    for (const double v : x.first(std::min(x.size(), shown_numbers))) out += fmt::format(" {:.4f}", v);
    return out + (x.size() > shown_numbers ? fmt::format(" ... ({} numbers)", x.size()) : "");
}
void json(Json& one, Outputs x, const OutputNames&) { one.set("vector", std::vector<double>(x.begin(), x.end())); }
std::vector<std::string> columns(int64_t size, const OutputNames&) {
    std::vector<std::string> all;
    for (int64_t i = 0; i < size; ++i) all.push_back(fmt::format("vector_{}", i));
    return all;
}
std::vector<std::string> fields(Outputs x, const OutputNames&) {
    std::vector<std::string> all;
    for (const double v : x) all.push_back(number_text(v));
    return all;
}
std::vector<std::string> target_columns(int64_t, const OutputNames&) { return {"target"}; }
/// Classes that were not those of training have no names here.
std::vector<std::string> target_fields(const Tensor& target, int64_t s, const OutputNames&) {
    return {number_text(target_number(target, s))};
}

} // namespace

const Printing vector_printing{is_finite, words, json, columns, fields, target_columns, target_fields};

} // namespace ds
