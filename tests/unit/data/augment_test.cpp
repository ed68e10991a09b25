#include "data/augment/augment.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace ds {
namespace {

constexpr int64_t c = 2, h = 5, w = 6;
const std::vector<double> mean{1, 2}, deviation{1, 1};
constexpr float black[] = {-1, -2}; // what mean and deviation make of it
const ImageForm form{c, h, w, mean, deviation};

std::vector<float> image() {
    std::vector<float> all(c * h * w);
    std::iota(all.begin(), all.end(), 0.0f);
    return all;
}

std::vector<float> augmented(const Augmentation& how, int64_t sample, int64_t epoch = 0, uint64_t seed = 1) {
    std::vector<float> all = image(), work;
    augment(all, form, how, seed, epoch, sample, work);
    return all;
}

/// The image moved by (top, left), mirrored first.
std::vector<float> moved(int64_t top, int64_t left, bool mirrored) {
    std::vector<float> out;
    for (int64_t k = 0; k < c; ++k)
        for (int64_t y = 0; y < h; ++y)
            for (int64_t x = 0; x < w; ++x) {
                const int64_t row = y + top, column = (mirrored ? w - 1 - x : x) + left;
                const bool inside = row >= 0 && row < h && column >= 0 && column < w;
                out.push_back(inside ? float((k * h + row) * w + column) : black[k]);
            }
    return out;
}

TEST(Augment, FlipsEverySecondSample) {
    Augmentation how;
    how.flip = true;
    int flipped = 0;
    for (int64_t sample = 0; sample < 400; ++sample) {
        const std::vector<float> got = augmented(how, sample);
        if (got == moved(0, 0, true)) ++flipped;
        else ASSERT_EQ(got, image());
    }
    EXPECT_NEAR(flipped, 200, 40); // four deviations
}

TEST(Augment, CropShiftsByEveryOffsetUpToItsSize) {
    Augmentation how;
    how.crop = 1;
    std::set<std::pair<int, int>> seen;
    for (int64_t sample = 0; sample < 200; ++sample) {
        const std::vector<float> got = augmented(how, sample);
        bool found = false;
        for (int top = -1; top <= 1; ++top)
            for (int left = -1; left <= 1; ++left)
                if (got == moved(top, left, false)) {
                    seen.insert({top, left});
                    found = true;
                }
        ASSERT_TRUE(found) << sample;
    }
    EXPECT_EQ(seen.size(), 9u);
}

TEST(Augment, CutoutBlackensOneSquareInAllChannels) {
    Augmentation how;
    how.cutout = 3;
    std::set<int> sizes;
    for (int64_t sample = 0; sample < 200; ++sample) {
        const std::vector<float> got = augmented(how, sample);
        int64_t y0 = h, y1 = -1, x0 = w, x1 = -1, cut = 0;
        for (int64_t i = 0; i < h * w; ++i) {
            const bool gone = got[size_t(i)] == -1;
            ASSERT_EQ(got[size_t(h * w + i)], gone ? -2 : float(h * w + i));
            if (!gone) {
                ASSERT_EQ(got[size_t(i)], float(i));
                continue;
            }
            ++cut;
            y0 = std::min(y0, i / w), y1 = std::max(y1, i / w), x0 = std::min(x0, i % w), x1 = std::max(x1, i % w);
        }
        ASSERT_EQ(cut, (y1 - y0 + 1) * (x1 - x0 + 1)); // a rectangle: the square, or what the border leaves of it
        ASSERT_TRUE(y1 - y0 < 3 && x1 - x0 < 3 && cut >= 4) << sample;
        sizes.insert(int(cut));
    }
    EXPECT_EQ(sizes, (std::set<int>{4, 6, 9}));
}

TEST(Augment, IsAFunctionOfSeedEpochAndSample) {
    Augmentation how;
    how.flip = true, how.crop = 2, how.cutout = 2, how.rotate = 20, how.scale = 0.2, how.resized_crop = 0.3;
    how.color_jitter = 0.3, how.randaugment = 2, how.erase = 0.5;
    const auto base = augmented(how, 3);
    EXPECT_EQ(base, augmented(how, 3));
    int other_seed = 0, other_epoch = 0, other_sample = 0;
    for (int64_t sample = 0; sample < 50; ++sample) {
        other_seed += augmented(how, sample, 0, 2) != augmented(how, sample);
        other_epoch += augmented(how, sample, 1) != augmented(how, sample);
        other_sample += augmented(how, sample + 1) != augmented(how, sample);
    }
    for (int differing : {other_seed, other_epoch, other_sample}) EXPECT_GT(differing, 40);
}

} // namespace
} // namespace ds
