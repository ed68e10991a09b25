// PNG, JPEG and PNM, made here byte by byte or by the codec, and sizes by hand.
#include "data/picture/image.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/picture/resize.h"
#include "fixture.h"
#include "unit/data/picture_bytes.h"

namespace ds {
namespace {

using namespace ds::test;

std::string error(const std::string& bytes) {
    return error_of(Exit::data, [&] { decode(bytes); });
}

TEST(Png, GreyAndColour) {
    const Image one = decode(png(2, 2, 8, grey, raw({0, 1, 2, 0, 3, 250})));
    EXPECT_EQ(one.channels, 1);
    EXPECT_EQ(one.pixels, (Pixels{1, 2, 3, 250}));
    const Image three = decode(png(2, 1, 8, rgb, raw({0, 1, 2, 3, 4, 5, 6})));
    EXPECT_EQ(three.channels, 3);
    EXPECT_EQ(three.pixels, (Pixels{1, 4, 2, 5, 3, 6})); // planes
    EXPECT_EQ(decode(png(2, 1, 8, grey, raw({0, 7, 9})), 3).pixels, (Pixels{7, 9, 7, 9, 7, 9}));
}

TEST(Png, AlphaLiesOverBlack) {
    const Image image = decode(png(3, 1, 8, rgba, raw({0, 200, 100, 50, 255, 200, 100, 50, 0, 9, 9, 9, 255})));
    EXPECT_EQ(image.pixels, (Pixels{200, 0, 9, 100, 0, 9, 50, 0, 9}));
    EXPECT_EQ(decode(png(2, 1, 8, grey_alpha, raw({0, 80, 255, 80, 0}))).pixels, (Pixels{80, 0}));
    EXPECT_EQ(decode(png(1, 1, 8, rgba, raw({0, 200, 100, 51, 51}))).pixels, (Pixels{40, 20, 10})); // a fifth of each
}

TEST(Png, SixteenBitsAreRounded) {
    EXPECT_EQ(decode(png(4, 1, 16, grey, raw({0, 0x80, 0x80, 0xff, 0xff, 0, 0, 0x40, 0x40}))).pixels,
              (Pixels{128, 255, 0, 64}));
}

TEST(Png, PaletteAndFewBits) {
    const std::string colours = chunk("PLTE", raw({10, 20, 30, 40, 50, 60, 70, 80, 90}));
    EXPECT_EQ(decode(png(4, 1, 2, palette, raw({0, 0b00011001}), colours)).pixels,
              (Pixels{10, 40, 70, 40, 20, 50, 80, 50, 30, 60, 90, 60}));
    EXPECT_EQ(decode(png(8, 1, 1, grey, raw({0, 0b10100001}))).pixels, (Pixels{255, 0, 255, 0, 0, 0, 0, 255}));
}

TEST(Png, DamagedOrLying) {
    const std::string good = png(2, 2, 8, grey, raw({0, 1, 2, 0, 3, 250}));
    for (size_t length = 8; length < good.size() - 13; length += 5) error(good.substr(0, length));
    std::string flipped = good;
    flipped[flipped.size() - 20] = char(flipped[flipped.size() - 20] ^ 1);
    expect_says(error(flipped), "x: damaged PNG");
    expect_says(error(png(30000, 8000, 8, grey, "x")), "bytes are too few for 30000 x 8000 pixels");
    expect_says(error(png(32768, 32768, 8, grey, "x")), "268435456");
    expect_says(error(png(40000, 1, 8, grey, "x")), "up to 32768 on a side");
}

TEST(Png, WhatIsWrittenIsReadAgain) {
    for (int64_t channels : {1, 3}) {
        Image image{5, 7, channels, Pixels(size_t(35 * channels))};
        for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = uint8_t(i * 37);
        const Image again = decode(encode_png(image));
        EXPECT_EQ(again.channels, channels);
        EXPECT_EQ(again.height, 5);
        EXPECT_EQ(again.pixels, image.pixels);
    }
}

TEST(Jpeg, GreyAndColour) {
    const Image one = decode(jpeg(Pixels(16 * 8, 90), 16, 8, TJPF_GRAY, TJSAMP_GRAY));
    EXPECT_EQ(one.channels, 1);
    EXPECT_EQ(one.width, 16);
    EXPECT_EQ(one.height, 8);
    for (uint8_t p : one.pixels) EXPECT_NEAR(p, 90, 2);
    Pixels colour;
    for (int i = 0; i < 64; ++i) colour.insert(colour.end(), {200, 60, 10});
    const std::string bytes = jpeg(colour, 8, 8, TJPF_RGB, TJSAMP_444);
    const Image three = decode(bytes);
    ASSERT_EQ(three.channels, 3);
    EXPECT_NEAR(three.pixels[0], 200, 3);
    EXPECT_NEAR(three.pixels[64], 60, 3);
    EXPECT_NEAR(three.pixels[128], 10, 3);
    EXPECT_NEAR(decode(bytes, 1).pixels[5], 0.299 * 200 + 0.587 * 60 + 0.114 * 10, 3);
    expect_says(error(bytes.substr(0, bytes.size() / 2)), "damaged JPEG");
    error(bytes.substr(0, 30));
}

TEST(Jpeg, ALyingHeaderTakesNoMemory) {
    std::string bytes = jpeg(Pixels(64, 90), 8, 8, TJPF_GRAY, TJSAMP_GRAY);
    const size_t frame = bytes.find("\xff\xc0"); // marker, length, precision, height, width
    ASSERT_NE(frame, std::string::npos);
    bytes.replace(frame + 5, 4, raw({0x40, 0, 0x3f, 0xff}));
    expect_says(error(bytes), "too few for 16383 x 16384 pixels");
}

TEST(Pnm, AsciiAndBinary) {
    EXPECT_EQ(decode("P2\n# a comment\n3 2 # another\n10\n0 5 10\n1 2 99\n").pixels,
              (Pixels{0, 127, 255, 25, 51, 255}));
    EXPECT_EQ(decode("P3 2 1 255  1 2 3  4 5 6").pixels, (Pixels{1, 4, 2, 5, 3, 6}));
    EXPECT_EQ(decode("P5 2 2 255\n" + raw({1, 2, 3, 255})).pixels, (Pixels{1, 2, 3, 255}));
    EXPECT_EQ(decode("P6\n2\n1\n255\n" + raw({1, 2, 3, 4, 5, 6})).pixels, (Pixels{1, 4, 2, 5, 3, 6}));
    EXPECT_EQ(decode("P6 1 1 255\n" + raw({200, 60, 10}), 1).pixels,
              Pixels{uint8_t(std::lround(0.299 * 200 + 0.587 * 60 + 0.114 * 10))});
    EXPECT_EQ(decode("P5 1 1 255\n" + raw({9}), 3).pixels, (Pixels{9, 9, 9}));
    EXPECT_EQ(decode("P5 4 1 65535\n" + raw({0x80, 0x80, 0xff, 0xff, 0, 0, 0, 0x81})).pixels, (Pixels{128, 255, 0, 1}));
    EXPECT_EQ(decode("P5 2 1 1000\n" + raw({0x01, 0xf4, 0x03, 0xe8})).pixels, (Pixels{128, 255}));
}

TEST(Pnm, DamagedOrLying) {
    expect_says(error("P5 2 2 255\n" + raw({1, 2, 3})), "ends within its pixels");
    expect_says(error("P2 2 2 255\n1 2 3 "), "number missing");
    expect_says(error("P5 30000 30000 255\nx"), "268435456 in all");
    expect_says(error("P5 3000 3000 255\nx"), "too few");
    expect_says(error("P5 99999999999 1 255\n"), "32768 on a side");
    expect_says(error("P5 0 1 255\nxx"), "0 x 1");
    expect_says(error("P5 1 1 65536\nxx"), "65536 levels");
    expect_says(error("P5 2 1 1000\nxyz"), "ends within its pixels");
    expect_says(error("words"), "not a picture of a format that is read (PNG, JPEG, WebP, GIF, TIFF, BMP, PNM)");
    expect_says(error(""), "not a picture");
}

Image grey_image(int64_t height, int64_t width, Pixels pixels) { return {height, width, 1, std::move(pixels)}; }

TEST(Resize, ShrinksByAreaAndGrowsBilinearly) {
    const Image four = grey_image(2, 4, {0, 100, 10, 20, 40, 60, 30, 40});
    EXPECT_EQ(resize(four, 1, 2, ResizeRule::stretch).pixels, (Pixels{50, 25}));
    // Three columns from four: each takes 1 1/3 of them.
    EXPECT_EQ(resize(grey_image(1, 4, {0, 96, 48, 64}), 1, 3, ResizeRule::stretch).pixels,
              (Pixels{24, 72, 60})); // (0 + 96/3) / (4/3) = 24, (64 + 32) / (4/3) = 72, (16 + 64) / (4/3) = 60
    // Centres at 1/4, 3/4, 5/4, 7/4 of pixels whose centres are 1/2 and 3/2.
    EXPECT_EQ(resize(grey_image(1, 2, {0, 100}), 1, 4, ResizeRule::stretch).pixels, (Pixels{0, 25, 75, 100}));
    EXPECT_EQ(resize(four, 2, 4, ResizeRule::fill).pixels, four.pixels);
}

TEST(Resize, FitKeepsTheWholeImageOverBlack) {
    const Image wide = grey_image(2, 4, {10, 10, 20, 20, 10, 10, 20, 20});
    EXPECT_EQ(resize(wide, 4, 4, ResizeRule::fit).pixels,
              (Pixels{0, 0, 0, 0, 10, 10, 20, 20, 10, 10, 20, 20, 0, 0, 0, 0}));
    EXPECT_EQ(resize(wide, 2, 2, ResizeRule::fit).pixels, (Pixels{10, 20, 0, 0}));
}

TEST(Resize, FillCutsTheMiddle) {
    const Image wide = grey_image(2, 4, {1, 10, 20, 2, 3, 30, 40, 4});
    EXPECT_EQ(resize(wide, 2, 2, ResizeRule::fill).pixels, (Pixels{10, 20, 30, 40}));
    EXPECT_EQ(resize(wide, 1, 1, ResizeRule::fill).pixels, Pixels{25});
    const Image colour{1, 2, 3, {1, 2, 3, 4, 5, 6}};
    EXPECT_EQ(resize(colour, 1, 1, ResizeRule::stretch).pixels,
              (Pixels{2, 4, 6})); // 1.5, 3.5, 5.5 rounded away from zero
}

} // namespace
} // namespace ds
