#include "task/ssim.h"

#include <array>
#include <vector>

namespace ds {
namespace {

/// Sums over a window: of x, y, xx, yy and xy.
using Sums = std::array<double, 5>;

Sums& operator+=(Sums& a, const Sums& b) {
    for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}
Sums& operator-=(Sums& a, const Sums& b) {
    for (size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
    return a;
}

Sums of_pixel(double x, double y) { return {x, y, x * x, y * y, x * y}; }

/// The index of a window, with variances of a sample (divided by n - 1).
double index_of(const Sums& sums, double range) {
    constexpr double n = ssim_window * ssim_window, unbiased = n / (n - 1);
    const double c1 = (0.01 * range) * (0.01 * range), c2 = (0.03 * range) * (0.03 * range);
    const double mx = sums[0] / n, my = sums[1] / n;
    const double vx = unbiased * (sums[2] / n - mx * mx), vy = unbiased * (sums[3] / n - my * my),
                 vxy = unbiased * (sums[4] / n - mx * my);
    return (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
}

} // namespace

double structural_similarity(std::span<const double> x, std::span<const double> y, int64_t height, int64_t width,
                             double range) {
    const auto at = [&](int64_t row, int64_t column) {
        const auto i = size_t(row * width + column);
        return of_pixel(x[i], y[i]);
    };
    std::vector<Sums> columns(static_cast<size_t>(width)); // of the last ssim_window rows
    double total = 0;
    for (int64_t row = 0; row < height; ++row) {
        for (int64_t c = 0; c < width; ++c) {
            columns[size_t(c)] += at(row, c);
            if (row >= ssim_window) columns[size_t(c)] -= at(row - ssim_window, c);
        }
        if (row + 1 < ssim_window) continue;
        Sums window{};
        for (int64_t c = 0; c < width; ++c) {
            window += columns[size_t(c)];
            if (c >= ssim_window) window -= columns[size_t(c - ssim_window)];
            if (c + 1 >= ssim_window) total += index_of(window, range);
        }
    }
    return total / double((height - ssim_window + 1) * (width - ssim_window + 1));
}

} // namespace ds
