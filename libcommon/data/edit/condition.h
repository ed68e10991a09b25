// A condition on rows, as a person writes it: age > 30 and (city == "Rome" or not missing(income)). From the loosest to
// the closest: or, and, not, one comparison (== != < <= > >=). Compared are columns, numbers and texts in single or
// double quotes; a column whose name could be taken for something else stands in `backquotes`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ds {

/// What stands on one side of a comparison.
struct Term {
    enum class Kind : uint8_t { column, number, text } kind = Kind::column;
    std::string word; // its name, the number as it was written, the text without its quotes
    bool operator==(const Term&) const = default;
};

enum class Comparison : uint8_t { equal, unequal, less, at_most, greater, at_least };

struct Condition {
    enum class Kind : uint8_t { either, both, negation, comparison, missing } kind = Kind::comparison;
    std::vector<Condition> parts; // of either and both two, of negation one
    Comparison comparison = Comparison::equal;
    Term left, right; // of missing: the left one alone, a column
    bool operator==(const Condition&) const = default;
};

/// Error(usage) showing where it cannot be read.
Condition parse_condition(std::string_view source);
/// With all its parentheses: what reads back as the same.
std::string text(const Condition& condition);

} // namespace ds
