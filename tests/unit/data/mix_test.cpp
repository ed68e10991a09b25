// Mixed samples: how much of each, which pixels, and that shares say what is in the picture.
#include "data/augment/mix.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ds {
namespace {

constexpr int64_t height = 12, width = 20;
const ImageForm form{2, height, width, {}, {}};

TEST(Mix, SharesFollowBeta) { // mean 1/2, variance 1 / (4 (2 alpha + 1))
    for (const double alpha : {0.2, 1.0, 4.0}) {
        Augmentation how;
        how.mixup = alpha;
        double sum = 0, squares = 0;
        constexpr int n = 4000;
        for (int64_t sample = 0; sample < n; ++sample) {
            const Mix mix = draw_mix(how, height, width, 3, 1, sample);
            ASSERT_TRUE(mix.share >= 0 && mix.share <= 1);
            ASSERT_EQ(mix.bottom, 0);
            sum += mix.share, squares += mix.share * mix.share;
        }
        const double mean = sum / n, variance = squares / n - mean * mean;
        EXPECT_NEAR(mean, 0.5, 0.04) << alpha;
        EXPECT_NEAR(variance, 1 / (4 * (2 * alpha + 1)), 0.1 / (4 * (2 * alpha + 1))) << alpha;
    }
}

TEST(Mix, MixupAddsInItsShares) {
    std::vector<float> own(2 * height * width, 3), other(own.size(), -1);
    mix_images(own, other, form, {0.75, 0, 0, 0, 0});
    for (float x : own) EXPECT_FLOAT_EQ(x, 2);
}

TEST(Mix, CutmixPutsARectangleInAndItsAreaIsTheShare) {
    Augmentation how;
    how.cutmix = 1;
    double sum = 0;
    for (int64_t sample = 0; sample < 500; ++sample) {
        const Mix mix = draw_mix(how, height, width, 1, 0, sample);
        std::vector<float> own(2 * height * width, 3);
        const std::vector<float> other(own.size(), -1);
        mix_images(own, other, form, mix);
        double kept = 0;
        for (float x : own) {
            ASSERT_TRUE(x == 3 || x == -1);
            kept += x == 3;
        }
        ASSERT_NEAR(kept / double(own.size()), mix.share, 1e-9) << sample;
        sum += mix.share;
    }
    EXPECT_TRUE(sum / 500 > 0.5 && sum / 500 < 0.8) << sum / 500; // 1/2, more where the border cuts
}

TEST(Mix, ACoinChoosesWhereBothAreAskedFor) {
    Augmentation how;
    how.mixup = how.cutmix = 1;
    int cut = 0;
    for (int64_t sample = 0; sample < 400; ++sample) cut += draw_mix(how, height, width, 1, 0, sample).bottom > 0;
    EXPECT_NEAR(cut, 195, 40);
}

TEST(Mix, PartnersAreMutual) {
    for (int64_t n : {1, 2, 5})
        for (int64_t i = 0; i < n; ++i) EXPECT_EQ(partner_of(partner_of(i, n), n), i);
}

} // namespace
} // namespace ds
