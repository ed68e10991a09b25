// Augmentation of images [C,H,W] in place: random flip, shifted crop, cut-out square. Which one a sample gets is
// a function of seed, epoch and sample only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ds {

struct Augmentation {
    bool flip = false;  // left-right, every second sample
    int64_t crop = 0;   // shift by up to this many pixels; black comes in (He et al. 2016 use 4)
    int64_t cutout = 0; // side of a square that is blackened (DeVries & Taylor 2017)
    bool any() const { return flip || crop > 0 || cutout > 0; }
    bool operator==(const Augmentation&) const = default;
};

/// black[c]: the value of a black pixel of channel c after standardisation. `work` is as large as the image.
void augment(std::span<float> image, int64_t channels, int64_t height, int64_t width, const Augmentation& how,
             uint64_t seed, int64_t epoch, int64_t sample, std::span<const float> black, std::vector<float>& work);

} // namespace ds
