#include "data/augment/randaugment.h"

#include <cmath>
#include <numbers>

#include "data/augment/colour.h"
#include "data/augment/geometry.h"

namespace ds {

// The ranges are those that torchvision has for magnitudes 0 to 30.
void apply_operation(int which, std::span<float> image, const ImageForm& form, double magnitude, double sign,
                     std::vector<float>& work) {
    const double strength = magnitude / 30, factor = 1 + sign * 0.9 * strength, shear = sign * 0.3 * strength,
                 angle = sign * 30 * strength * std::numbers::pi / 180;
    const double far_x = sign * std::floor(150.0 / 331 * double(form.width) * strength),
                 far_y = sign * std::floor(150.0 / 331 * double(form.height) * strength);
    switch (which) {
    case 0: return; // identity
    case 1: return move_pixels(image, form, about_middle({1, shear, 0, 0, 1, 0}, form), work);
    case 2: return move_pixels(image, form, about_middle({1, 0, 0, shear, 1, 0}, form), work);
    case 3: return move_pixels(image, form, shifted(far_x, 0), work);
    case 4: return move_pixels(image, form, shifted(0, far_y), work);
    case 5:
        return move_pixels(
            image, form,
            about_middle({std::cos(angle), std::sin(angle), 0, -std::sin(angle), std::cos(angle), 0}, form), work);
    case 6: return brighten(image, factor);
    case 7: return saturate(image, form, factor);
    case 8: return change_contrast(image, form, factor);
    case 9: return sharpen(image, form, factor, work);
    case 10: return posterize(image, 8 - int(std::lround(magnitude / 7.5)));
    case 11: return solarize(image, 1 - strength);
    case 12: return stretch_contrast(image, form);
    default: return equalize(image, form);
    }
}

void rand_augment(std::span<float> image, const ImageForm& form, int64_t operations, double magnitude,
                  rng::Sequence& random, std::vector<float>& work) {
    for (int64_t i = 0; i < operations; ++i) {
        const int which = int(random.below(randaugment_operations));
        apply_operation(which, image, form, magnitude, random.below(2) ? 1 : -1, work);
    }
}

} // namespace ds
