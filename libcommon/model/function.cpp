#include "model/function.h"

#include <cmath>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

using Arguments = std::span<const ModelValue>;
constexpr size_t any_number = 64;

ModelValue sqrt_of(Arguments a) { return std::sqrt(as_number(a[0])); }
ModelValue exp_of(Arguments a) { return std::exp(as_number(a[0])); }
ModelValue log_of(Arguments a) { return std::log(as_number(a[0])); }
ModelValue log2_of(Arguments a) { return std::log2(as_number(a[0])); }
ModelValue power_of(Arguments a) { return power(a[0], a[1]); }

ModelValue choose(Arguments a) { return as_bool(a[0]) ? a[1] : a[2]; }

ModelValue absolute(Arguments a) { return order(a[0], int64_t{0}) < 0 ? arithmetic('-', int64_t{0}, a[0]) : a[0]; }

/// The argument that comes first (direction -1) or last (1).
ModelValue extreme(Arguments a, int direction) {
    ModelValue best = a[0];
    for (const ModelValue& value : a)
        if (order(value, best) == direction) best = value;
    return best;
}

ModelValue whole(const ModelValue& value, double (*rounded)(double)) {
    if (is_integer(value)) return value;
    const double result = rounded(as_number(value));
    if (!(std::abs(result) <= 0x1p53)) fail(Exit::config, "the result is too large for a whole number");
    return int64_t(result);
}

} // namespace

std::span<const FunctionRow> function_rows() {
    static const FunctionRow rows[] = {
        {"sqrt", "x", "the square root", 1, 1, sqrt_of},
        {"pow", "x, y", "x to the power of y, which x ** y is too; whole of whole numbers with y of at least 0", 2, 2,
         power_of},
        {"exp", "x", "e to the power of x", 1, 1, exp_of},
        {"log", "x", "the natural logarithm", 1, 1, log_of},
        {"log2", "x", "the logarithm to base 2", 1, 1, log2_of},
        {"min", "x, ...", "the least", 1, any_number, [](Arguments a) { return extreme(a, -1); }},
        {"max", "x, ...", "the greatest", 1, any_number, [](Arguments a) { return extreme(a, 1); }},
        {"choose", "condition, x, y", "x where the condition is true, y where it is false", 3, 3, choose},
        {"abs", "x", "without its sign", 1, 1, absolute},
        {"floor", "x", "the greatest whole number that is not above x", 1, 1,
         [](Arguments a) { return whole(a[0], std::floor); }},
        {"ceil", "x", "the least whole number that is not below x", 1, 1,
         [](Arguments a) { return whole(a[0], std::ceil); }},
        {"round", "x", "the nearest whole number, halves away from 0", 1, 1,
         [](Arguments a) { return whole(a[0], std::round); }},
    };
    return rows;
}

ModelValue call_function(std::string_view name, const std::vector<ModelValue>& arguments) {
    std::vector<std::string_view> known;
    for (const FunctionRow& row : function_rows()) {
        known.push_back(row.name);
        if (row.name != name) continue;
        if (arguments.size() < row.least || arguments.size() > row.most)
            fail(Exit::config, "{}({}) was given {} arguments", name, row.arguments, arguments.size());
        const ModelValue result = row.call(arguments);
        if (const auto* number = std::get_if<double>(&result); number && !std::isfinite(*number))
            fail(Exit::config, "{}({}) is no finite number at {}", name, row.arguments, text(arguments[0]));
        return result;
    }
    fail(Exit::config, "there is no function '{}'{}", shown(name), name_hint(name, known));
}

} // namespace ds
