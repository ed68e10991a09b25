#include "data/augment/mix.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace ds {
namespace {

/// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; below 1 by a power of a uniform one.
double gamma(rng::Sequence& random, double shape) {
    if (shape < 1) {
        const double u = 1 - random.uniform();
        return gamma(random, shape + 1) * std::pow(u, 1 / shape);
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
        const double x = random.normal(), v = std::pow(1 + c * x, 3), u = 1 - random.uniform();
        if (v > 0 && std::log(u) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
    }
}

double beta(rng::Sequence& random, double alpha) {
    const double x = gamma(random, alpha), y = gamma(random, alpha);
    return x + y > 0 ? x / (x + y) : 0.5; // both may underflow for a tiny alpha
}

/// A rectangle of the area 1 - share about a drawn centre, cut at the border; its area is the share in the end.
Mix rectangle(rng::Sequence& random, double share, int64_t height, int64_t width) {
    const double side = std::sqrt(1 - share);
    const int64_t rows = int64_t(side * double(height)), columns = int64_t(side * double(width));
    const int64_t y = int64_t(random.below(uint64_t(height))) - rows / 2,
                  x = int64_t(random.below(uint64_t(width))) - columns / 2;
    Mix mix{1, std::max<int64_t>(0, y), std::max<int64_t>(0, x), std::min(height, y + rows),
            std::min(width, x + columns)};
    mix.share = 1 - double((mix.bottom - mix.top) * (mix.right - mix.left)) / double(height * width);
    return mix;
}

} // namespace

Mix draw_mix(const Augmentation& how, int64_t height, int64_t width, uint64_t seed, int64_t epoch, int64_t sample) {
    rng::Sequence random(seed, rng::Stream::augment, uint32_t(epoch),
                         uint64_t{1} << 63 | uint64_t(sample) << 8 | uint64_t(Draws::mix) << 4);
    const bool coin = random.below(2) != 0;
    const bool cut = how.cutmix > 0 && (how.mixup == 0 || coin);
    const double share = beta(random, cut ? how.cutmix : how.mixup);
    return cut ? rectangle(random, share, height, width) : Mix{share, 0, 0, 0, 0};
}

void mix_images(std::span<float> image, std::span<const float> partner, const ImageForm& form, const Mix& mix) {
    if (mix.bottom == 0) { // no rectangle
        if (mix.share < 1)
            for (size_t i = 0; i < image.size(); ++i)
                image[i] = float(mix.share * image[i] + (1 - mix.share) * partner[i]);
        return;
    }
    for (int64_t c = 0; c < form.channels; ++c)
        for (int64_t y = mix.top; y < mix.bottom; ++y)
            for (int64_t x = mix.left; x < mix.right; ++x) {
                const size_t i = size_t((c * form.height + y) * form.width + x);
                image[i] = partner[i];
            }
}

} // namespace ds
