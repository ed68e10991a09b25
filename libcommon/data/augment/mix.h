// Mixing the images of a batch with each other: mixup (Zhang et al. 2018) adds them, cutmix (Yun et al. 2019) puts a
// rectangle of one into the other. Their targets are mixed in the same shares.
#pragma once

#include <span>

#include "data/augment/augment.h"

namespace ds {

/// What a sample keeps of itself. The rest comes from its partner: all over (an empty rectangle), or the rectangle.
struct Mix {
    double share = 1;
    int64_t top = 0, left = 0, bottom = 0, right = 0;
};

/// A function of seed, epoch and sample. With both kinds asked for, a coin chooses.
Mix draw_mix(const Augmentation& how, int64_t height, int64_t width, uint64_t seed, int64_t epoch, int64_t sample);
/// image: [C,H,W] of the sample, in place; partner: the other's, before it was mixed.
void mix_images(std::span<float> image, std::span<const float> partner, const ImageForm& form, const Mix& mix);
/// Partners in a batch of n: from the other end, so that each is one's partner; the middle one stays by itself.
inline int64_t partner_of(int64_t position, int64_t n) { return n - 1 - position; }

} // namespace ds
