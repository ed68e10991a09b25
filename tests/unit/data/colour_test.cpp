// Operations on colours against numbers of another program (Pillow's ImageOps and ImageEnhance, Python's colorsys), and
// what is drawn for a sample.
#include "data/augment/colour.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "data/augment/randaugment.h"

namespace ds {
namespace {

using Levels = std::vector<int>;
const ImageForm grey{1, 3, 4, {}, {}};
const Levels picture{10, 20, 30, 200, 40, 50, 60, 210, 70, 80, 90, 250};

std::vector<float> from_levels(const Levels& levels) {
    std::vector<float> all;
    for (int x : levels) all.push_back(float(x) / 255);
    return all;
}

void expect_levels(const std::vector<float>& got, const Levels& expected, double off = 1.01) {
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i] * 255, expected[i], off) << i;
}

template <class Change>
std::vector<float> changed(std::vector<float> image, Change change) {
    change(image);
    return image;
}

TEST(Colour, OperationsOnLevels) {
    const std::vector<float> x = from_levels(picture);
    std::vector<float> work;
    expect_levels(changed(x, [](auto& i) { posterize(i, 3); }), {0, 0, 0, 192, 32, 32, 32, 192, 64, 64, 64, 224}, 0.01);
    expect_levels(changed(x, [](auto& i) { solarize(i, 128.0 / 255); }),
                  {10, 20, 30, 55, 40, 50, 60, 45, 70, 80, 90, 5}, 0.01);
    expect_levels(changed(x, [](auto& i) { stretch_contrast(i, grey); }),
                  {0, 10, 21, 201, 31, 42, 53, 212, 63, 74, 85, 255});
    expect_levels(changed(x, [&](auto& i) { sharpen(i, grey, 1.9, work); }),
                  {10, 20, 30, 200, 40, 50, 28, 210, 70, 80, 90, 250});
    expect_levels(changed(x, [](auto& i) { change_contrast(i, grey, 0.5); }),
                  {51, 56, 61, 146, 66, 71, 76, 151, 81, 86, 91, 171});
    expect_levels(changed(x, [](auto& i) { brighten(i, 1.5); }),
                  {15, 30, 45, 255, 60, 75, 90, 255, 105, 120, 135, 255});
}

TEST(Colour, EqualizeSpreadsLevels) {
    const ImageForm form{1, 20, 30, {}, {}};
    Levels levels;
    for (int64_t i = 0; i < 600; ++i) levels.push_back(int(i * i % 97));
    const std::vector<float> got = changed(from_levels(levels), [&](auto& i) { equalize(i, form); });
    double sum = 0;
    for (size_t i = 0; i < got.size(); ++i) {
        sum += got[i] * 255;
        if (levels[i] == 0) {
            EXPECT_EQ(got[i], 0);
        }
        if (levels[i] == 16) {
            EXPECT_NEAR(got[i] * 255, 60, 1e-3);
        }
        if (levels[i] == 86) {
            EXPECT_NEAR(got[i] * 255, 252, 1e-3);
        }
        if (levels[i] == 96) {
            EXPECT_NEAR(got[i] * 255, 255, 1e-3);
        }
    }
    EXPECT_NEAR(sum, 86541, 1);
    const std::vector<float> plain(12, 0.4f);
    EXPECT_EQ(changed(plain, [](auto& i) { equalize(i, grey); }), plain);
    EXPECT_EQ(changed(plain, [](auto& i) { stretch_contrast(i, grey); }), plain);
}

TEST(Colour, SaturationAndHue) {
    const ImageForm two{3, 1, 2, {}, {}}, one{3, 1, 1, {}, {}};
    const std::vector<float> x = from_levels({200, 10, 100, 20, 50, 250});
    expect_levels(changed(x, [&](auto& i) { saturate(i, two, 1.5); }), {238, 0, 88, 8, 13, 255});
    expect_levels(changed(x, [&](auto& i) { saturate(i, two, 0.5); }), {162, 26, 112, 31, 87, 146});
    const auto hue = [&](std::vector<float> c, double part) {
        return changed(c, [&](auto& i) { turn_hue(i, one, part); });
    };
    const auto expect_near = [](const std::vector<float>& got, std::vector<float> expected) {
        for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(got[k], expected[k], 1e-5) << k;
    };
    expect_near(hue({0.5f, 0.25f, 0.125f}, 0.1), {0.5f, 0.475f, 0.125f});
    expect_near(hue({0.2f, 0.7f, 0.4f}, -0.25), {0.7f, 0.65f, 0.2f});
    expect_near(hue({1, 0, 0}, 1.0 / 3), {0, 1, 0});
    expect_near(hue({0.3f, 0.3f, 0.9f}, 0.5), {0.9f, 0.9f, 0.3f});
    expect_near(hue({0.4f, 0.4f, 0.4f}, 0.3), {0.4f, 0.4f, 0.4f});
    const std::vector<float> greys = from_levels(picture);
    EXPECT_EQ(changed(greys, [](auto& i) { saturate(i, grey, 0); }), greys);
}

// What jitter draws, seen through standardised elements: brightness alone would scale a picture of one value.
TEST(Colour, JitterIsDrawnUniformlyAndKeepsToPixels) {
    const std::vector<double> mean{0.5, 0.25, 0.125}, deviation{0.2, 0.3, 0.4};
    const ImageForm form{3, 2, 2, mean, deviation};
    Augmentation how;
    how.color_jitter = 0.4;
    double least = 9, most = 0;
    for (int64_t sample = 0; sample < 300; ++sample) {
        std::vector<float> image(12), work; // pixels of 0.5: grey, so that contrast and saturation change nothing
        for (size_t i = 0; i < 12; ++i) image[i] = float((0.5 - mean[i / 4]) / deviation[i / 4]);
        augment(image, form, how, 1, 0, sample, work);
        const double pixel = image[0] * deviation[0] + mean[0];
        for (size_t i = 0; i < 12; ++i) ASSERT_NEAR(image[i] * deviation[i / 4] + mean[i / 4], pixel, 1e-5);
        least = std::min(least, pixel / 0.5), most = std::max(most, pixel / 0.5);
    }
    EXPECT_TRUE(least > 0.599 && least < 0.63 && most < 1.401 && most > 1.37) << least << ' ' << most;
}

TEST(RandAugment, EveryOperationIsDrawnAndAllButOneChangeAPicture) {
    const ImageForm form{3, 9, 11, {}, {}};
    std::vector<float> image(size_t(3 * 9 * 11)), work;
    for (size_t i = 0; i < image.size(); ++i) image[i] = float((i * 37 + i / 99 * 11) % 256) / 255;
    for (int which = 0; which < randaugment_operations; ++which)
        for (const double sign : {-1.0, 1.0}) {
            std::vector<float> got = image;
            apply_operation(which, got, form, 20, sign, work);
            // It spans all levels, so that nothing is stretched, and is too small to be equalized.
            const bool may_stay = which == 0 || which >= 12;
            if (!may_stay) {
                EXPECT_NE(got, image) << which;
            }
            for (float x : got) ASSERT_TRUE(x >= 0 && x <= 1) << which;
            std::vector<float> weak = image; // magnitude 0: nothing, but for those that know no magnitude
            apply_operation(which, weak, form, 0, sign, work);
            for (size_t i = 0; which < 11 && i < image.size(); ++i) ASSERT_NEAR(weak[i], image[i], 1e-5) << which;
        }
}

TEST(RandAugment, IsAFunctionOfSeedEpochAndSample) {
    const ImageForm form{1, 8, 8, {}, {}};
    Augmentation how;
    how.randaugment = 2;
    const auto made = [&](uint64_t seed, int64_t epoch, int64_t sample) {
        std::vector<float> image(64), work;
        for (size_t i = 0; i < 64; ++i) image[i] = float(i * 29 % 64) / 63;
        augment(image, form, how, seed, epoch, sample, work);
        return image;
    };
    std::set<std::vector<float>> seen;
    for (int64_t sample = 0; sample < 60; ++sample) {
        EXPECT_EQ(made(1, 2, sample), made(1, 2, sample));
        seen.insert(made(1, 2, sample));
    }
    EXPECT_GT(seen.size(), 30u);
    EXPECT_NE(made(1, 2, 5), made(2, 2, 5));
    EXPECT_NE(made(1, 2, 5), made(1, 3, 5));
}

TEST(Erase, SomeSamplesLoseARectangleToTheMean) {
    const std::vector<double> mean{0.5}, deviation{0.25};
    const ImageForm form{1, 30, 20, mean, deviation};
    Augmentation how;
    how.erase = 0.4;
    int erased = 0;
    double least = 1, most = 0;
    for (int64_t sample = 0; sample < 400; ++sample) {
        std::vector<float> image(600, 1), work;
        augment(image, form, how, 1, 0, sample, work);
        int64_t y0 = 30, y1 = -1, x0 = 20, x1 = -1, gone = 0;
        for (int64_t i = 0; i < 600; ++i)
            if (image[size_t(i)] != 1) {
                ASSERT_EQ(image[size_t(i)], 0); // the mean, standardised
                ++gone;
                y0 = std::min(y0, i / 20), y1 = std::max(y1, i / 20), x0 = std::min(x0, i % 20),
                x1 = std::max(x1, i % 20);
            }
        if (gone == 0) continue;
        ++erased;
        ASSERT_EQ(gone, (y1 - y0 + 1) * (x1 - x0 + 1));
        least = std::min(least, double(gone) / 600), most = std::max(most, double(gone) / 600);
    }
    EXPECT_NEAR(erased, 160, 40); // four deviations
    EXPECT_TRUE(least >= 0.01 && least < 0.05 && most > 0.27 && most < 0.36) << least << ' ' << most;
}

} // namespace
} // namespace ds
