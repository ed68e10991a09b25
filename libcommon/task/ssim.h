// Structural similarity of two pictures (Wang et al. 2004): how alike they are in brightness, contrast and structure,
// over all windows of 7 x 7 pixels. 1 for equal ones.
#pragma once

#include <cstdint>
#include <span>

namespace ds {

constexpr int64_t ssim_window = 7;

/// Of one channel [height,width], the mean over all windows that lie within; both sides are at least ssim_window.
/// `range`: from the least value that there can be to the greatest.
double structural_similarity(std::span<const double> x, std::span<const double> y, int64_t height, int64_t width,
                             double range);

} // namespace ds
