// RandAugment (Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2020):
// operations drawn from fourteen, all of one magnitude.
#pragma once

#include "base/rng.h"
#include "data/augment/augment.h"

namespace ds {

/// Two numbers of `random` for each operation. Pixels are 0 to 1; `form` has neither mean nor deviation.
void rand_augment(std::span<float> image, const ImageForm& form, int64_t operations, double magnitude,
                  rng::Sequence& random, std::vector<float>& work);

/// Operation `which` of the fourteen, for tests; `sign` is 1 or -1.
void apply_operation(int which, std::span<float> image, const ImageForm& form, double magnitude, double sign,
                     std::vector<float>& work);
constexpr int randaugment_operations = 14;

} // namespace ds
