// Moving the pixels of an image: every new pixel's centre is mapped back to a place in the old image.
#pragma once

#include <span>
#include <vector>

#include "data/augment/augment.h"

namespace ds {

/// (x, y) of the new image to (a x + b y + c, d x + e y + f) of the old one; pixel i covers [i, i + 1).
struct Affine {
    double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0;
};

Affine operator*(const Affine& outer, const Affine& inner); // inner first
Affine shifted(double x, double y);
/// `map` about the middle of the image instead of its corner.
Affine about_middle(const Affine& map, const ImageForm& form);

/// Bilinear; black where the old image is not.
void move_pixels(std::span<float> image, const ImageForm& form, const Affine& map, std::vector<float>& work);
/// The pixel in which the place lies, `outside` where the old image is not: for what cannot be averaged. [H,W]
void move_classes(std::span<int32_t> mask, int64_t height, int64_t width, int32_t outside, const Affine& map,
                  std::vector<int32_t>& work);

} // namespace ds
