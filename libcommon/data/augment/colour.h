// Changing the colours of an image [C,H,W] of pixels 0 to 1, which they stay. Greys have no saturation and no hue.
#pragma once

#include <span>
#include <vector>

#include "data/augment/augment.h"

namespace ds {

void brighten(std::span<float> image, double factor);
/// Away from the mean of the image's grey, or towards it.
void change_contrast(std::span<float> image, const ImageForm& form, double factor);
/// Away from each pixel's grey, or towards it.
void saturate(std::span<float> image, const ImageForm& form, double factor);
/// `part` of the circle of hues.
void turn_hue(std::span<float> image, const ImageForm& form, double part);
/// Away from the image smoothed by [1 1 1; 1 5 1; 1 1 1] / 13, or towards it; the border stays.
void sharpen(std::span<float> image, const ImageForm& form, double factor, std::vector<float>& work);
/// Keeps the first bits of 8.
void posterize(std::span<float> image, int bits);
/// Inverts what is at least `threshold`.
void solarize(std::span<float> image, double threshold);
/// Each channel from its least to its greatest value becomes 0 to 1.
void stretch_contrast(std::span<float> image, const ImageForm& form);
/// Each channel's values of 8 bits become equally frequent, as far as they can.
void equalize(std::span<float> image, const ImageForm& form);

} // namespace ds
