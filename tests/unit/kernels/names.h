// Names of cases as GoogleTest wants them.
#pragma once

#include <cctype>
#include <string>

namespace ds::testing {

/// Letters, digits and underscores; the number tells apart what would become equal.
inline std::string test_name(const std::string& name, size_t number) {
    std::string legal;
    for (char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c))) legal += c;
        else if (!legal.empty() && legal.back() != '_') legal += '_';
    }
    return legal + "_" + std::to_string(number);
}

} // namespace ds::testing
