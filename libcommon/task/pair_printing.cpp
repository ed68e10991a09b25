// How two vectors of length 1 print that belong together, or not: by their cosine. The vectors themselves are values of
// layers.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "task/printing.h"

namespace ds {
namespace {

bool is_finite(Outputs x, const OutputNames&) {
    return std::ranges::all_of(x, [](double v) { return std::isfinite(v); });
}
double similarity(Outputs x) {
    const size_t n = x.size() / 2;
    double sum = 0;
    for (size_t i = 0; i < n; ++i) sum += x[i] * x[n + i];
    return sum;
}
std::string words(Outputs x, const OutputNames&) { return fmt::format("similarity {:.4f}", similarity(x)); }
void json(Json& one, Outputs x, const OutputNames&) { one.set("similarity", similarity(x)); }
std::vector<std::string> columns(int64_t, const OutputNames&) { return {"similarity"}; }
std::vector<std::string> fields(Outputs x, const OutputNames&) { return {fmt::format("{:.7g}", similarity(x))}; }
std::vector<std::string> no_columns(int64_t, const OutputNames&) { return {}; }
std::vector<std::string> no_fields(const Tensor&, int64_t, const OutputNames&) { return {}; }

} // namespace

const Printing pair_printing{is_finite, words, json, columns, fields, no_columns, no_fields};

} // namespace ds
