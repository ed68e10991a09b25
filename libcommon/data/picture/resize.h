// Images at another size. Where an image shrinks, each new pixel is the mean of the area that it covers, fractions of
// pixels weighted, so that nothing between the samples is lost (antialiased); where it only grows, sampling is bilinear
// between centres of pixels.
#pragma once

#include <span>

#include "data/picture/image.h"

namespace ds {

/// none: as it is. stretch: to the size, whatever becomes of the proportions. fit: the whole image in the middle, the
/// background beside it. fill: the largest part of the middle that has the size's proportions.
enum class ResizeRule { none, stretch, fit, fill };

/// Which part of an image becomes which part of the result.
struct Placement {
    double top = 0, left = 0, height = 0, width = 0;              // of the image
    int64_t to_top = 0, to_left = 0, to_height = 0, to_width = 0; // of the result
};
/// From an image of `h` x `w` to one of `height` x `width`; the rule is not none.
Placement placement(int64_t h, int64_t w, int64_t height, int64_t width, ResizeRule rule);

/// `background`: of each channel; empty: black.
Image resize(const Image& image, int64_t height, int64_t width, ResizeRule rule,
             std::span<const uint8_t> background = {});

} // namespace ds
