// Expressions in model files: "${width * 2}" or "stage${i}.conv". A small language of integers, numbers,
// texts and booleans:   + - * / // % == != < <= > >= and or not ( ) 'text' names.
// "/" gives a number, "//" the floor of integers. A text that is one ${...} keeps its value's kind.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace ds {

using ModelValue = std::variant<int64_t, double, std::string, bool>;
using Variables = std::map<std::string, ModelValue>;

std::string text(const ModelValue& value);

/// Reads an unquoted word as a person means it: 3, 0.5, true, or text.
ModelValue parse_value(std::string_view word);

/// Replaces every ${...} of `source`. Error(config) naming the unknown name (and listing known ones) or the bad syntax.
ModelValue evaluate(std::string_view source, const Variables& variables);

} // namespace ds
