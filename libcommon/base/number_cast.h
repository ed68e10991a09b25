// Conversion between number types that is defined for every value: into an integer type, what lies outside its range
// becomes its end and NaN becomes 0.
#pragma once

#include <limits>
#include <type_traits>

namespace ds {

template <class To, class From>
To number_cast(From x) {
    if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
        if (x != x) return 0;
        // The ends as From: the upper one may round up to a value that To lacks, hence >=.
        if (x >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
        if (x <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    }
    return static_cast<To>(x);
}

} // namespace ds
