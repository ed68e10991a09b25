// What a rule makes of a picture: turned, laid over a background, grey or coloured; and how it is written down.
#include "data/picture/rule.h"

#include "data/picture/exif.h"
#include "fixture.h"
#include "unit/data/picture_bytes.h"

namespace ds {
namespace {

using namespace ds::test;

std::string little(uint32_t x, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += char(x >> 8 * i);
    return out;
}

/// A directory with the orientation behind another tag.
std::string exif(int orientation) {
    return "II*" + std::string(1, '\0') + little(8, 4) + little(2, 2) + little(0x0100, 2) + little(3, 2) +
           little(1, 4) + little(7, 4) + little(0x0112, 2) + little(3, 2) + little(1, 4) +
           little(uint32_t(orientation), 4) + little(0, 4);
}

Image read(const std::string& bytes, const PictureRule& rule, int64_t height = 0, int64_t width = 0) {
    return read_picture(std::as_bytes(std::span(bytes)), "x", rule, height, width);
}

PictureRule grey_rule() {
    PictureRule rule;
    rule.channels = 1;
    return rule;
}

// Stored: 1 2 3
//         4 5 6   and what each orientation shows (Exif 2.3, tag Orientation).
TEST(Rule, EveryOrientationIsTurnedUpright) {
    const Pixels shown[] = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3},
                            {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const std::string file =
            png(3, 2, 8, Kind::grey, raw({0, 1, 2, 3, 0, 4, 5, 6}), chunk("eXIf", exif(orientation)));
        const Image image = read(file, grey_rule());
        EXPECT_EQ(image.pixels, shown[orientation - 1]) << orientation;
        EXPECT_EQ(image.height, orientation >= 5 ? 3 : 2) << orientation;
        PictureRule stored = grey_rule();
        stored.upright = false;
        EXPECT_EQ(read(file, stored).pixels, shown[0]);
    }
}

TEST(Rule, OrientationOfJpegs) {
    Pixels pixels(16 * 8);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = i % 16 < 8 ? 20 : 220; // dark at the left
    std::string file = jpeg(pixels, 16, 8, TJPF_GRAY, TJSAMP_GRAY);
    const std::string block = std::string("Exif\0\0", 6) + exif(6);
    file.insert(2, "\xff\xe1" + raw({int(block.size() + 2) >> 8, int(block.size() + 2) & 255}) + block);
    const Image image = read(file, grey_rule());
    ASSERT_EQ(image.height, 16);
    EXPECT_NEAR(image.pixels[0], 20, 3); // turned to the right, the left is above
    EXPECT_NEAR(image.pixels.back(), 220, 3);
}

TEST(Rule, DamagedExifTurnsNothing) {
    const std::string good = exif(6);
    const auto orientation = [](const std::string& bytes) { return exif_orientation(std::as_bytes(std::span(bytes))); };
    EXPECT_EQ(orientation(good), 6);
    EXPECT_EQ(orientation(std::string("MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\x08\0\0", 22)), 8);
    for (size_t n = 0; n < 34; ++n) EXPECT_EQ(orientation(good.substr(0, n)), 1) << n;
    EXPECT_EQ(orientation(exif(0)), 1);
    EXPECT_EQ(orientation(exif(9)), 1);
    EXPECT_EQ(orientation("II*" + std::string(1, '\0') + "\xff\xff\xff\xff"), 1);
}

TEST(Rule, TransparentPixelsShowTheBackground) {
    PictureRule rule;
    rule.background = {100, 200, 0};
    const std::string colours = png(3, 1, 8, Kind::rgba, raw({0, 50, 50, 50, 0, 50, 50, 50, 255, 0, 0, 255, 51}));
    EXPECT_EQ(read(colours, rule).pixels, (Pixels{100, 50, 80, 200, 50, 160, 0, 50, 51}));
    rule.channels = 1; // 0.299 * 100 + 0.587 * 200 = 147.3; 0.299 * 80 + 0.587 * 160 + 0.114 * 51 = 123.654
    EXPECT_EQ(read(colours, rule).pixels, (Pixels{147, 50, 124}));
    EXPECT_EQ(read(png(1, 1, 8, Kind::grey_alpha, raw({0, 50, 0})), rule).pixels, (Pixels{147}));
}

TEST(Rule, TheBackgroundStandsBesideAFittedPicture) {
    PictureRule rule;
    rule.resize = ResizeRule::fit;
    rule.background = {1, 2, 3};
    const Image image = read(png(2, 1, 8, Kind::rgb, raw({0, 9, 9, 9, 9, 9, 9})), rule, 3, 2);
    EXPECT_EQ(image.pixels, (Pixels{1, 1, 9, 9, 1, 1, 2, 2, 9, 9, 2, 2, 3, 3, 9, 9, 3, 3}));
}

TEST(Rule, IsWrittenAndReadAgain) {
    for (const ResizeRule resize : {ResizeRule::none, ResizeRule::stretch, ResizeRule::fit, ResizeRule::fill})
        for (const int64_t channels : {1, 3}) {
            const PictureRule rule{resize, channels, {1, 128, 255}, channels == 3};
            EXPECT_EQ(parse_rule(to_json(rule), "x"), rule);
        }
    for (const char* bad : {R"({"resize":"crop"})", R"({"interpolation":"cubic"})", R"({"color":"cmyk"})",
                            R"({"orientation":"north"})", R"({"background":"red-ish"})"})
        expect_says(error_of(Exit::data, [&] { parse_rule(Json::parse(bad, "j"), "m.h5"); }), "m.h5: ");
}

TEST(Rule, ColoursByNameAndNumber) {
    EXPECT_EQ(parse_colour("white"), (Colour8{255, 255, 255}));
    EXPECT_EQ(parse_colour("#ff8001"), (Colour8{255, 128, 1}));
    EXPECT_EQ(parse_colour("ff8001"), (Colour8{255, 128, 1}));
    for (const char* bad : {"", "#", "fff", "0xffff", "-fffff", "#ff80011", "gg0000", "pink"})
        error_of(Exit::usage, [&] { parse_colour(bad); });
}

TEST(Rule, PicturesThatNeededNoSizeLieBesideResizedOnes) {
    const PictureRule none, fit{ResizeRule::fit, 3, {}, true}, fill{ResizeRule::fill, 3, {}, true},
        white{ResizeRule::none, 3, {255, 255, 255}, true};
    EXPECT_TRUE(agree(none, fit));
    EXPECT_TRUE(agree(fill, none));
    EXPECT_FALSE(agree(fit, fill));
    EXPECT_FALSE(agree(fit, white));
}

} // namespace
} // namespace ds
