// Where pixels come from. The images hold their own coordinates, of which bilinear sampling is exact, so that every new
// pixel tells its place in the old image.
#include "data/augment/geometry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace ds {
namespace {

constexpr int64_t height = 30, width = 40;
const std::vector<double> mean{1e6, 1e6}, one{1, 1}; // black is -1e6
const ImageForm form{2, height, width, mean, one};

/// Channel 0 is x, channel 1 is y of each pixel's centre.
std::vector<float> coordinates() {
    std::vector<float> all;
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x) all.push_back(float(x) + 0.5f);
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x) all.push_back(float(y) + 0.5f);
    return all;
}

struct Place {
    double x, y;
    bool black;
};

struct Moved {
    std::vector<float> all;
    Place at(int64_t y, int64_t x) const {
        const size_t i = size_t(y * width + x);
        return {all[i], all[i + size_t(height * width)], all[i] < -1e5};
    }
};

Moved augmented(const Augmentation& how, int64_t sample) {
    Moved moved{coordinates()};
    std::vector<float> work;
    augment(moved.all, form, how, 1, 0, sample, work);
    return moved;
}

/// The map of the image, from three pixels around the middle, where nothing is clamped.
Affine map_of(const Moved& m) {
    const Place o = m.at(15, 20), right = m.at(15, 21), below = m.at(16, 20);
    const double a = right.x - o.x, d = right.y - o.y, b = below.x - o.x, e = below.y - o.y;
    return {a, b, o.x - a * 20.5 - b * 15.5, d, e, o.y - d * 20.5 - e * 15.5};
}

TEST(Geometry, EveryPixelComesFromWhereTheMapSays) {
    const double angle = 0.3;
    const Affine map = shifted(3, -2) *
                       about_middle({std::cos(angle), std::sin(angle), 0, -std::sin(angle), std::cos(angle), 0}, form);
    Moved m{coordinates()};
    std::vector<float> work;
    move_pixels(m.all, form, map, work);
    int inside = 0;
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x) {
            // About the middle (20, 15), by hand.
            const double u = double(x) + 0.5 - 20, v = double(y) + 0.5 - 15;
            const double sx = std::cos(angle) * u + std::sin(angle) * v + 23,
                         sy = -std::sin(angle) * u + std::cos(angle) * v + 13;
            const Place got = m.at(y, x);
            ASSERT_EQ(got.black, sx < 0 || sx > width || sy < 0 || sy > height) << y << ' ' << x;
            if (got.black) continue;
            ++inside;
            ASSERT_NEAR(got.x, std::clamp(sx, 0.5, width - 0.5), 1e-3);
            ASSERT_NEAR(got.y, std::clamp(sy, 0.5, height - 0.5), 1e-3);
        }
    EXPECT_GT(inside, 800);
}

TEST(Geometry, TurnsAreUniformAndAboutTheMiddle) {
    Augmentation how;
    how.rotate = 30;
    double least = 90, most = -90, sum = 0;
    for (int64_t sample = 0; sample < 300; ++sample) {
        const Affine map = map_of(augmented(how, sample));
        const double angle = std::atan2(map.b, map.a) * 180 / std::numbers::pi;
        ASSERT_NEAR(map.a, map.e, 1e-3);
        ASSERT_NEAR(map.b, -map.d, 1e-3);
        ASSERT_NEAR(std::hypot(map.a, map.b), 1, 1e-3);
        ASSERT_NEAR(map.a * 20 + map.b * 15 + map.c, 20, 1e-2);
        ASSERT_NEAR(map.d * 20 + map.e * 15 + map.f, 15, 1e-2);
        least = std::min(least, angle), most = std::max(most, angle), sum += angle;
    }
    EXPECT_TRUE(least > -30.1 && least < -28 && most < 30.1 && most > 28) << least << ' ' << most;
    EXPECT_NEAR(sum / 300, 0, 4); // four deviations of the mean
}

TEST(Geometry, SizesAreUniform) {
    Augmentation how;
    how.scale = 0.25;
    double least = 9, most = 0;
    for (int64_t sample = 0; sample < 300; ++sample) {
        const Affine map = map_of(augmented(how, sample));
        ASSERT_NEAR(map.a, map.e, 1e-3);
        ASSERT_NEAR(map.b, 0, 1e-3);
        least = std::min(least, 1 / map.a), most = std::max(most, 1 / map.a);
    }
    EXPECT_TRUE(least > 0.749 && least < 0.77 && most < 1.251 && most > 1.23) << least << ' ' << most;
}

TEST(Geometry, WindowsHaveTheirAreaAndProportionsAndLieInTheImage) {
    Augmentation how;
    how.resized_crop = 0.2;
    double least = 1, most = 0, narrow = 9, wide = 0, areas = 0;
    constexpr int n = 500;
    for (int64_t sample = 0; sample < n; ++sample) {
        const Affine map = map_of(augmented(how, sample));
        const double area = map.a * map.e, proportion = map.a * width / (map.e * height);
        ASSERT_NEAR(map.b, 0, 1e-3);
        ASSERT_TRUE(map.c > -1e-2 && map.a * width + map.c < width + 1e-2) << sample;
        ASSERT_TRUE(map.f > -1e-2 && map.e * height + map.f < height + 1e-2) << sample;
        least = std::min(least, area), most = std::max(most, area), areas += area;
        narrow = std::min(narrow, proportion), wide = std::max(wide, proportion);
    }
    EXPECT_TRUE(least > 0.199 && least < 0.23 && most <= 1.001 && most > 0.93) << least << ' ' << most;
    EXPECT_TRUE(narrow > 0.749 && narrow < 0.77 && wide < 1.335 && wide > 1.30) << narrow << ' ' << wide;
    EXPECT_TRUE(areas / n > 0.5 && areas / n < 0.62) << areas / n; // 0.6, less the large ones that do not fit
}

TEST(Geometry, FlipsAndShiftsGoTogetherWithTheRest) {
    Augmentation how;
    how.flip = true, how.crop = 3, how.scale = 1e-9;
    int flipped = 0;
    for (int64_t sample = 0; sample < 50; ++sample) {
        Augmentation plain = how;
        plain.scale = 0; // the path without sampling
        const Moved a = augmented(how, sample), b = augmented(plain, sample);
        for (size_t i = 0; i < a.all.size(); ++i) ASSERT_NEAR(a.all[i], b.all[i], 1e-2) << sample << ' ' << i;
        flipped += map_of(a).a < 0;
    }
    EXPECT_TRUE(flipped > 10 && flipped < 40);
}

TEST(Geometry, OneAugmentationMoreChangesNoOther) {
    Augmentation how;
    how.rotate = 20;
    Augmentation more = how;
    more.erase = 1e-9; // draws, and never erases
    for (int64_t sample = 0; sample < 20; ++sample) EXPECT_EQ(augmented(how, sample).all, augmented(more, sample).all);
}

} // namespace
} // namespace ds
