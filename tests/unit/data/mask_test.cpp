// Masks: which values files have, where they lie after resizing, and the way back.
#include "data/picture/mask.h"

#include <gtest/gtest.h>

#include "data/augment/augment.h"
#include "unit/data/picture_bytes.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

using namespace test;
using Values = std::vector<uint8_t>;

std::span<const std::byte> bytes_of(const std::string& file) { return std::as_bytes(std::span(file)); }
Values values(const std::string& file, const MaskColours* colours = nullptr) {
    return read_mask(bytes_of(file), "m.png", colours).classes;
}
std::string refused(const std::string& file, const MaskColours* colours = nullptr) {
    return error_of(Exit::data, [&] { values(file, colours); });
}

const std::string three_colours = chunk("PLTE", raw({0, 0, 0, 200, 10, 10, 9, 9, 9}));

TEST(Mask, ValuesAreThoseThatAreStored) {
    EXPECT_EQ(values(png(3, 1, 8, grey, raw({0, 0, 7, 255}))), (Values{0, 7, 255}));
    EXPECT_EQ(values(png(2, 1, 8, grey_alpha, raw({0, 3, 0, 4, 255}))), (Values{3, 4}));
    EXPECT_EQ(values(png(3, 1, 8, palette, raw({0, 2, 0, 1}), three_colours)), (Values{2, 0, 1})) << "not the colours";
    EXPECT_EQ(values(png(4, 1, 2, grey, raw({0, 0b00011011}))), (Values{0, 1, 2, 3})) << "not stretched to 255";
    EXPECT_EQ(values(png(8, 1, 1, grey, raw({0, 0b01000001}))), (Values{0, 1, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(values(png(2, 1, 4, palette, raw({0, 0x21}), three_colours)), (Values{2, 1}));
    EXPECT_EQ(values(png(2, 1, 16, grey, raw({0, 0, 7, 0, 255}))), (Values{7, 255}));
    EXPECT_EQ(values(png(2, 1, 8, rgb, raw({0, 5, 5, 5, 6, 6, 6}))), (Values{5, 6})) << "grey, stored as colours";
    EXPECT_EQ(values("P5 2 1 255\n\x03\x04"), (Values{3, 4}));
}

TEST(Mask, WhatIsNoMaskIsRefusedByName) {
    EXPECT_EQ(refused(png(1, 1, 16, grey, raw({0, 1, 0}))),
              "m.png: a pixel has the value 256; classes are 0 to 254, and 255 is none");
    EXPECT_NE(refused(png(2, 1, 8, rgb, raw({0, 5, 5, 5, 6, 7, 6}))).find("pixel 1,0 has the colour #060706"),
              std::string::npos);
    EXPECT_NE(refused("\xff\xd8\xff\xe0").find("JPEG"), std::string::npos);
    EXPECT_NE(refused(png(3, 1, 8, grey, raw({0, 0, 7, 255})).substr(0, 50)).find("damaged PNG"), std::string::npos);
}

TEST(Mask, ColourFilesAreReadLineByLine) {
    const MaskColours colours =
        parse_mask_colours("# of the city\n\nfree road #804080\r\ncar ff0000\n- white\nfree road 0a0a0a\n", "c.txt");
    EXPECT_EQ(colours.names, (std::vector<std::string>{"free road", "car"}));
    EXPECT_EQ(values(png(4, 1, 8, rgb, raw({0, 255, 0, 0, 128, 64, 128, 255, 255, 255, 10, 10, 10})), &colours),
              (Values{1, 0, 255, 0}));
    const MaskColours dark = parse_mask_colours("a black\nb #c80a0a\nc 090909", "c.txt");
    EXPECT_EQ(values(png(3, 1, 8, palette, raw({0, 2, 0, 1}), three_colours), &dark), (Values{2, 0, 1}));
    EXPECT_NE(refused(png(1, 1, 8, grey, raw({0, 3})), &colours).find("#030303, which --mask-colors does not name"),
              std::string::npos);
    const auto bad = [](const std::string& text) {
        return error_of(Exit::data, [&] { parse_mask_colours(text, "c.txt"); });
    };
    EXPECT_NE(bad("a black\nb\n").find("c.txt: line 2: 'b' is no name and colour"), std::string::npos);
    EXPECT_NE(bad("a black\nb reddish\n").find("c.txt: line 2: 'reddish' is no colour"), std::string::npos);
    EXPECT_NE(bad("a black\nb 000000\n").find("line 2: this colour stands on a line before"), std::string::npos);
    EXPECT_NE(bad("a black\n- white\n").find("names 1 classes"), std::string::npos);
}

/// Blocks of 8x8 whose classes differ, as a picture and as its mask.
constexpr int64_t rows = 16, columns = 48;
Mask blocks() {
    Mask mask{rows, columns, {}};
    for (int64_t y = 0; y < rows; ++y)
        for (int64_t x = 0; x < columns; ++x) mask.classes.push_back(uint8_t(10 * (y / 8) + x / 8 + 1));
    return mask;
}
Image as_image(const Mask& mask) { return {mask.height, mask.width, 1, mask.classes}; }

/// At sizes by which every new pixel lies within one block the picture of the mask stays the mask's picture.
TEST(Mask, LiesOnItsPictureUnderEveryRule) {
    const Values beside{no_class};
    for (const ResizeRule rule : {ResizeRule::stretch, ResizeRule::fit, ResizeRule::fill})
        for (const auto& [h, w] : {std::pair<int64_t, int64_t>{8, 12}, {8, 8}, {4, 24}, {8, 24}}) {
            if (rule == ResizeRule::fit && w == 8) continue; // a third of a block is no whole pixel
            const Mask mask = resize(blocks(), h, w, rule);
            EXPECT_EQ(mask.classes, resize(as_image(blocks()), h, w, rule, beside).pixels)
                << h << "x" << w << " by rule " << int(rule);
        }
}

TEST(Mask, GrowsAndComesBackAsItWas) {
    for (const ResizeRule rule : {ResizeRule::stretch, ResizeRule::fit})
        for (const auto& [h, w] : {std::pair<int64_t, int64_t>{32, 96}, {50, 61}, {16, 100}, {96, 48}}) {
            const Mask there = resize(blocks(), h, w, rule);
            EXPECT_EQ(int64_t(there.classes.size()), h * w);
            if (h >= rows && w >= columns) {
                EXPECT_EQ(restore(there, rows, columns, rule).classes, blocks().classes) << h << "x" << w;
            }
        }
}

TEST(Mask, WhatWasCutAwayComesBackAsNoClass) {
    const Mask back = restore(resize(blocks(), 16, 16, ResizeRule::fill), rows, columns, ResizeRule::fill);
    for (int64_t x = 0; x < columns; ++x)
        EXPECT_EQ(back.classes[size_t(x)], x < 16 || x >= 32 ? no_class : blocks().classes[size_t(x)]) << x;
}

TEST(Mask, AsPngKeepsItsNumbersAndHasColours) {
    Mask mask{2, 128, {}};
    for (int k = 0; k < 256; ++k) mask.classes.push_back(uint8_t(k));
    const std::string file = encode_png(mask);
    EXPECT_EQ(values(file), mask.classes);
    const Raster raster = decode_picture(bytes_of(file), "m.png");
    ASSERT_EQ(raster.channels, 3);
    EXPECT_EQ(Values(raster.samples.begin(), raster.samples.begin() + 12),
              (Values{0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0}));
}

TEST(Mask, OverAPictureItHidesHalfOfIt) {
    const Image over = overlaid({1, 3, 1, {100, 100, 100}}, {1, 3, {0, 1, no_class}});
    EXPECT_EQ(over.pixels, (Values{100, 114, 100, 100, 50, 100, 100, 50, 100}));
}

// ---- augmentation

constexpr int64_t height = 20, width = 30;

/// Both hold the column of each pixel, or both its row: as the image's pixels move, so do the mask's.
TEST(Mask, MovesWithItsImage) {
    const std::vector<double> mean{1000}, one{1}; // black is -1000
    const ImageForm form{1, height, width, mean, one};
    Augmentation shifts, turns;
    shifts.flip = turns.flip = true;
    shifts.crop = 3;
    turns.crop = 3, turns.rotate = 40, turns.scale = 0.3, turns.resized_crop = 0.3;
    for (const Augmentation& how : {shifts, turns})
        for (const bool down : {false, true})
            for (int64_t sample = 0; sample < 20; ++sample) {
                std::vector<float> image, work;
                std::vector<int32_t> mask, mask_work;
                for (int64_t i = 0; i < height * width; ++i) {
                    mask.push_back(int32_t(down ? i / width : i % width));
                    image.push_back(float(mask.back()));
                }
                augment(image, form, how, 7, 2, sample, work);
                augment_mask(mask, height, width, -100, how, 7, 2, sample, mask_work);
                int64_t inside = 0;
                for (size_t i = 0; i < mask.size(); ++i) {
                    ASSERT_EQ(mask[i] == -100, image[i] < -900) << "pixel " << i << " of sample " << sample;
                    if (mask[i] == -100) continue;
                    ++inside;
                    ASSERT_NEAR(double(mask[i]), double(image[i]), how.resamples() ? 0.5001 : 0) << i;
                }
                EXPECT_GT(inside, height * width / 4);
            }
}

} // namespace
} // namespace ds
