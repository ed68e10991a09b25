#include "data/augment/augment.h"

#include <algorithm>

#include "base/rng.h"

namespace ds {
namespace {

struct Window {
    int64_t top, left; // of the source in the result's coordinates
    bool flip;
};

void shift_and_flip(std::span<float> image, int64_t channels, int64_t height, int64_t width, const Window& w,
                    std::span<const float> black, std::vector<float>& work) {
    work.assign(image.begin(), image.end());
    for (int64_t c = 0; c < channels; ++c)
        for (int64_t y = 0; y < height; ++y)
            for (int64_t x = 0; x < width; ++x) {
                const int64_t row = y + w.top, column = (w.flip ? width - 1 - x : x) + w.left;
                const bool inside = row >= 0 && row < height && column >= 0 && column < width;
                image[size_t((c * height + y) * width + x)] =
                    inside ? work[size_t((c * height + row) * width + column)] : black[size_t(c)];
            }
}

void cut_out(std::span<float> image, int64_t channels, int64_t height, int64_t width, int64_t side, int64_t centre_y,
             int64_t centre_x, std::span<const float> black) {
    const int64_t top = std::max<int64_t>(0, centre_y - side / 2),
                  bottom = std::min(height, centre_y - side / 2 + side);
    const int64_t left = std::max<int64_t>(0, centre_x - side / 2), right = std::min(width, centre_x - side / 2 + side);
    for (int64_t c = 0; c < channels; ++c)
        for (int64_t y = top; y < bottom; ++y)
            for (int64_t x = left; x < right; ++x) image[size_t((c * height + y) * width + x)] = black[size_t(c)];
}

} // namespace

void augment(std::span<float> image, int64_t channels, int64_t height, int64_t width, const Augmentation& how,
             uint64_t seed, int64_t epoch, int64_t sample, std::span<const float> black, std::vector<float>& work) {
    rng::Sequence random(seed, rng::Stream::augment, uint32_t(epoch), uint64_t(sample) << 4);
    const bool flip = random.below(2) != 0;
    const int64_t top = int64_t(random.below(uint64_t(2 * how.crop + 1))) - how.crop;
    const int64_t left = int64_t(random.below(uint64_t(2 * how.crop + 1))) - how.crop;
    const int64_t y = int64_t(random.below(uint64_t(height))), x = int64_t(random.below(uint64_t(width)));
    const bool flips = how.flip && flip;
    if (flips || top != 0 || left != 0) shift_and_flip(image, channels, height, width, {top, left, flips}, black, work);
    if (how.cutout > 0) cut_out(image, channels, height, width, how.cutout, y, x, black);
}

} // namespace ds
