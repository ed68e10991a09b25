// The values of expressions in model files: integers (exact), numbers, texts, true and false.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace ds {

using ModelValue = std::variant<int64_t, double, std::string, bool>;

std::string text(const ModelValue& value);

/// Reads an unquoted word as a person means it: 3, 0.5, true, or text.
ModelValue parse_value(std::string_view word);

// Error(config) where the value is of another kind.
double as_number(const ModelValue& value);
bool as_bool(const ModelValue& value);
bool is_text(const ModelValue& value); // or true or false: what has no order
bool is_integer(const ModelValue& value);

/// op: + - * / % and f for the floor of x / y. Two integers give an integer, exactly, but for /. A text on the left of
/// + takes the right one at its end. Error(config) for what has no finite result.
ModelValue arithmetic(char op, const ModelValue& x, const ModelValue& y);
/// x to the power of y; of integers an exact integer where y is not negative.
ModelValue power(const ModelValue& x, const ModelValue& y);
/// -1, 0 or 1, integers compared exactly. Error(config) for texts.
int order(const ModelValue& x, const ModelValue& y);

} // namespace ds
