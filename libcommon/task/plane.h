// The two principal components of vectors, to look at them.
#pragma once

#include <array>
#include <utility>
#include <vector>

namespace ds {

struct Plane {
    std::vector<std::pair<double, double>> points; // of each vector
    std::array<double, 2> share{};                 // of the variance, along either axis
};

/// `vectors` [n, size], row by row; n >= 1. Axes are turned so that their greatest element is positive.
Plane principal_plane(const std::vector<float>& vectors, size_t n);

} // namespace ds
