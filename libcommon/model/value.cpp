#include "model/value.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

int64_t integer(const ModelValue& value) { return std::get<int64_t>(value); }

[[noreturn]] void too_large() { fail(Exit::config, "the result is too large for a whole number"); }

int64_t floor_of_quotient(int64_t x, int64_t y) {
    int64_t quotient = 0;
    if (y == -1) { // the one quotient that may be too large
        if (__builtin_sub_overflow(int64_t{0}, x, &quotient)) too_large();
        return quotient;
    }
    quotient = x / y;
    return x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient;
}

int64_t exact(char op, int64_t x, int64_t y) {
    int64_t result = 0;
    if (op == 'f') return floor_of_quotient(x, y);
    if (op == '%') return y == -1 ? 0 : x - y * floor_of_quotient(x, y);
    const bool overflows = op == '+'   ? __builtin_add_overflow(x, y, &result)
                           : op == '-' ? __builtin_sub_overflow(x, y, &result)
                                       : __builtin_mul_overflow(x, y, &result);
    if (overflows) too_large();
    return result;
}

ModelValue finite(double value) {
    if (!std::isfinite(value)) fail(Exit::config, "the result is no finite number");
    return value;
}

/// Texts that are put together from texts would otherwise double from line to line.
std::string limited(std::string made) {
    constexpr size_t max_text = 4096;
    if (made.size() > max_text) fail(Exit::config, "a text is longer than {} characters", max_text);
    return made;
}

} // namespace

std::string text(const ModelValue& value) {
    if (const auto* s = std::get_if<std::string>(&value)) return *s;
    if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
    if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
    return fmt::format("{}", std::get<double>(value));
}

ModelValue parse_value(std::string_view word) {
    if (word == "true") return true;
    if (word == "false") return false;
    const char* end = word.data() + word.size();
    int64_t integer = 0;
    if (auto r = std::from_chars(word.data(), end, integer); r.ec == std::errc{} && r.ptr == end) return integer;
    double number = 0;
    if (auto r = std::from_chars(word.data(), end, number);
        r.ec == std::errc{} && r.ptr == end && std::isfinite(number))
        return number;
    return std::string(word);
}

double as_number(const ModelValue& value) {
    if (const auto* i = std::get_if<int64_t>(&value)) return double(*i);
    if (const auto* d = std::get_if<double>(&value)) return *d;
    fail(Exit::config, "'{}' is not a number", shown(text(value)));
}

bool as_bool(const ModelValue& value) {
    if (const auto* b = std::get_if<bool>(&value)) return *b;
    fail(Exit::config, "'{}' is not true or false", shown(text(value)));
}

bool is_text(const ModelValue& value) {
    return std::holds_alternative<std::string>(value) || std::holds_alternative<bool>(value);
}

bool is_integer(const ModelValue& value) { return std::holds_alternative<int64_t>(value); }

ModelValue arithmetic(char op, const ModelValue& x, const ModelValue& y) {
    if (op == '+' && std::holds_alternative<std::string>(x)) return limited(std::get<std::string>(x) + text(y));
    const double a = as_number(x), b = as_number(y);
    if ((op == '/' || op == 'f' || op == '%') && b == 0) fail(Exit::config, "division by zero");
    if (op != '/' && is_integer(x) && is_integer(y)) return exact(op, integer(x), integer(y));
    return finite(op == '+'   ? a + b
                  : op == '-' ? a - b
                  : op == '*' ? a * b
                  : op == '/' ? a / b
                  : op == 'f' ? std::floor(a / b)
                              : a - b * std::floor(a / b));
}

ModelValue power(const ModelValue& x, const ModelValue& y) {
    const double a = as_number(x), b = as_number(y);
    if (!is_integer(x) || !is_integer(y) || integer(y) < 0) return finite(std::pow(a, b));
    int64_t result = 1, base = integer(x);
    for (uint64_t left = uint64_t(integer(y)); left; left >>= 1) {
        if (left & 1) result = exact('*', result, base);
        if (left > 1) base = exact('*', base, base);
    }
    return result;
}

int order(const ModelValue& x, const ModelValue& y) {
    if (is_text(x) || is_text(y)) fail(Exit::config, "'{}' and '{}' have no order", shown(text(x)), shown(text(y)));
    if (is_integer(x) && is_integer(y)) return integer(x) < integer(y) ? -1 : integer(x) > integer(y);
    const double a = as_number(x), b = as_number(y);
    return a < b ? -1 : a > b;
}

} // namespace ds
