// Augmentation of images [C,H,W] in place, in this order: geometry (flip, shift, window, turn, size), colours
// (jitter, hue), RandAugment's operations, cut-outs. What a sample gets is a function of seed, epoch and sample only:
// not of its batch, nor of the number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ds {

struct Augmentation {
    bool flip = false;       // left-right, every second sample
    int64_t crop = 0;        // shift by up to this many pixels; black comes in (He et al. 2016 use 4)
    double resized_crop = 0; // a window of this share of the area up to all of it, at 3/4 to 4/3 of the proportions,
                             // brought to the whole size (Szegedy et al. 2015 use 0.08); 0: none
    double rotate = 0;       // turned by up to so many degrees, either way
    double scale = 0;        // sized by 1 - scale to 1 + scale about the middle
    double color_jitter = 0; // brightness, contrast and saturation, each by a factor of 1 - x to 1 + x
    double hue = 0;          // turned by up to this part of the circle, either way
    int64_t randaugment = 0; // how many operations of RandAugment (Cubuk et al. 2020)
    double magnitude = 9;    // their strength, 0 to 30
    int64_t cutout = 0;      // side of a square that is blackened (DeVries & Taylor 2017)
    double erase = 0;        // probability of a rectangle of the mean colour (Zhong et al. 2020): 0.02 to 0.33 of the
                             // area, proportions 0.3 to 3.3

    double mixup = 0;  // alpha of Zhang et al. 2018: samples added to each other; 0: none
    double cutmix = 0; // alpha of Yun et al. 2019: rectangles of one sample in another; 0: none

    bool moves() const { return flip || crop > 0 || resamples(); }
    bool resamples() const { return resized_crop > 0 || rotate > 0 || scale > 0; }
    bool recolours() const { return color_jitter > 0 || hue > 0 || randaugment > 0; }
    bool mixes() const { return mixup > 0 || cutmix > 0; } // of a batch: data/augment/mix.h
    bool any() const { return flip || crop > 0 || resamples() || recolours() || cutout > 0 || erase > 0 || mixes(); }
    bool operator==(const Augmentation&) const = default;
};

/// Who draws for a sample. Each has a range of counters of its own, so that one more augmentation changes no other.
enum class Draws : uint64_t { window = 1, turn = 2, colours = 3, operations = 4, erase = 5, mix = 6 };

/// The form of an image. Elements are (pixel - mean[c]) / std[c], pixels 0 to 1; empty: the pixels themselves.
struct ImageForm {
    int64_t channels = 0, height = 0, width = 0;
    std::span<const double> mean, std;
    float black(int64_t c) const { return mean.empty() ? 0.0f : float(-mean[size_t(c)] / std[size_t(c)]); }
};

/// `work` is scratch of the caller's, one for each thread.
void augment(std::span<float> image, const ImageForm& form, const Augmentation& how, uint64_t seed, int64_t epoch,
             int64_t sample, std::vector<float>& work);

/// The mask [H,W] of that sample's image goes where the image goes, each pixel of it whole (nearest neighbour);
/// `outside` is what comes in. Colours and cut-outs leave it alone.
void augment_mask(std::span<int32_t> mask, int64_t height, int64_t width, int32_t outside, const Augmentation& how,
                  uint64_t seed, int64_t epoch, int64_t sample, std::vector<int32_t>& work);

} // namespace ds
