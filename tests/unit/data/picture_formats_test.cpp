// WebP, GIF, TIFF and BMP: files made byte by byte or by the library's encoder, and files that lie.
#include <tiffio.h>
#include <webp/encode.h>

#include "fixture.h"
#include "unit/data/picture_bytes.h"

namespace ds {
namespace {

using namespace ds::test;

std::string little(int64_t x, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += i < 8 ? char(uint64_t(x) >> 8 * i) : 0;
    return out;
}

std::string refusal(const std::string& bytes) {
    return error_of(Exit::data, [&] { decode(bytes); });
}

/// No beginning of a file is taken for a whole one, and none does harm.
void expect_cuts_are_refused(const std::string& good, size_t from) {
    for (size_t n = from; n < good.size(); ++n) refusal(good.substr(0, n));
}

bool in_colour(const std::string& bytes) { return stores_colour(std::as_bytes(std::span(bytes)), "x"); }

// ---- WebP

std::string webp(const Pixels& packed, int width, int height, bool alpha) {
    uint8_t* data = nullptr;
    const size_t size = alpha ? WebPEncodeLosslessRGBA(packed.data(), width, height, width * 4, &data)
                              : WebPEncodeLosslessRGB(packed.data(), width, height, width * 3, &data);
    const std::string out(reinterpret_cast<char*>(data), size);
    WebPFree(data);
    return out;
}

TEST(WebP, ColoursAndAlpha) {
    const std::string opaque = webp({1, 2, 3, 4, 5, 6}, 2, 1, false);
    EXPECT_EQ(decode(opaque).pixels, (Pixels{1, 4, 2, 5, 3, 6}));
    EXPECT_TRUE(in_colour(opaque));
    EXPECT_EQ(decode(webp({200, 100, 50, 51, 9, 9, 9, 255}, 2, 1, true)).pixels, (Pixels{40, 9, 20, 9, 10, 9}));
    expect_says(refusal(opaque.substr(0, opaque.size() - 4)), "damaged WebP");
    expect_says(refusal("RIFFxxxxWEBPxxxxxxxxxxxxxxxxxxx"), "damaged WebP");
}

TEST(WebP, OrientationOfTheChunkExif) {
    const std::string image = webp({1, 1, 1, 2, 2, 2}, 2, 1, false).substr(12); // the chunk VP8L
    const std::string exif = "II*" + std::string(1, '\0') + little(8, 4) + little(1, 2) + little(0x0112, 2) +
                             little(3, 2) + little(1, 4) + little(6, 4);
    const std::string head = "VP8X" + little(10, 4) + little(8, 4) + little(1, 3) + little(0, 3), // 8: there is Exif
        body = "WEBP" + head + image + "EXIF" + little(int64_t(exif.size()), 4) + exif;
    const Image turned = decode("RIFF" + little(int64_t(body.size()), 4) + body, 1);
    EXPECT_EQ(turned.height, 2);
    EXPECT_EQ(turned.pixels, (Pixels{1, 2}));
}

// ---- GIF

/// Codes of 9 bits for 8-bit pixels: a clear before each, so that the table stays empty and codes are the pixels.
std::string lzw(const Pixels& pixels) {
    std::vector<uint32_t> codes;
    for (uint8_t p : pixels) codes.insert(codes.end(), {256, p});
    codes.push_back(257);
    std::string out;
    uint32_t bits = 0, waiting = 0;
    for (uint32_t code : codes) {
        bits |= code << waiting;
        for (waiting += 9; waiting >= 8; waiting -= 8, bits >>= 8) out += char(bits);
    }
    if (waiting > 0) out += char(bits);
    std::string blocks = "\x08";
    for (size_t at = 0; at < out.size(); at += 255)
        blocks += char(std::min<size_t>(255, out.size() - at)) + out.substr(at, 255);
    return blocks + '\0';
}

struct GifFrame {
    int left, top, width, height;
    Pixels pixels;
    bool interlaced = false;
    int transparent = -1;
};

/// A palette of 256 in which colour i is (i, i + step, i + 2 step).
std::string gif(int width, int height, const std::vector<GifFrame>& frames, int step = 1) {
    std::string out = "GIF89a" + little(width, 2) + little(height, 2) + raw({0xf7, 0, 0});
    for (int i = 0; i < 256; ++i) out += raw({i, i + step, i + 2 * step});
    for (const GifFrame& f : frames) {
        if (f.transparent >= 0) out += raw({0x21, 0xf9, 4, 1, 0, 0, f.transparent, 0});
        out += "," + little(f.left, 2) + little(f.top, 2) + little(f.width, 2) + little(f.height, 2) +
               raw({f.interlaced ? 0x40 : 0}) + lzw(f.pixels);
    }
    return out + ";";
}

TEST(Gif, TheFirstFrameInColoursOfThePalette) {
    const std::string file = gif(2, 2, {{0, 0, 2, 2, {1, 2, 3, 4}}, {0, 0, 2, 2, {9, 9, 9, 9}}});
    EXPECT_EQ(decode(file).pixels, (Pixels{1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6}));
    expect_cuts_are_refused(gif(2, 2, {{0, 0, 2, 2, {1, 2, 3, 4}}}).substr(0, 13 + 768 + 10 + 6), 6);
    expect_says(refusal(gif(2, 2, {})), "a GIF without a picture");
    expect_says(refusal(gif(60000, 2, {{0, 0, 2, 2, {1, 2, 3, 4}}})), "up to 32768 on a side");
    expect_says(refusal(gif(30000, 8000, {{0, 0, 2, 2, {1, 2, 3, 4}}})), "too few for 30000 x 8000 pixels");
    EXPECT_TRUE(in_colour(file));
    EXPECT_FALSE(in_colour(gif(1, 1, {{0, 0, 1, 1, {7}}}, 0)));
    EXPECT_EQ(decode(gif(1, 1, {{0, 0, 1, 1, {7}}}, 0)).pixels, (Pixels{7}));
}

TEST(Gif, InterlacedRowsStandInTheirOrder) {
    Pixels rows; // nine rows of one pixel, stored as 0 8, 4, 2 6, 1 3 5 7
    for (int row : {0, 8, 4, 2, 6, 1, 3, 5, 7}) rows.push_back(uint8_t(row));
    EXPECT_EQ(decode(gif(1, 9, {{0, 0, 1, 9, rows, true}}), 1).pixels,
              decode(gif(1, 9, {{0, 0, 1, 9, {0, 1, 2, 3, 4, 5, 6, 7, 8}}}), 1).pixels);
}

TEST(Gif, WhereTheFrameIsNotOrIsTransparentTheBackgroundShows) {
    const std::string file = gif(3, 2, {{1, 1, 2, 1, {50, 60}, false, 60}}, 0);
    PictureRule rule;
    rule.channels = 1;
    rule.background = {200, 200, 200};
    EXPECT_EQ(read_picture(std::as_bytes(std::span(file)), "x", rule, 0, 0).pixels,
              (Pixels{200, 200, 200, 200, 50, 200}));
    // A frame beyond its canvas is cut there.
    EXPECT_EQ(decode(gif(1, 1, {{0, 0, 2, 2, {1, 2, 3, 4}}}, 0)).pixels, (Pixels{1}));
}

// ---- TIFF

struct TiffKind {
    int width = 2, height = 1, photometric = PHOTOMETRIC_RGB, samples = 3, bits = 8, extra = -1, orientation = 1,
        format = 1;
    bool packed = false;
};

/// One strip, by libtiff's writer, through a file.
std::string tiff(const TiffKind& kind, const std::string& strip) {
    const Folder folder;
    const std::string path = folder / "x.tif";
    TIFF* file = TIFFOpen(path.c_str(), "w");
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, kind.width);
    TIFFSetField(file, TIFFTAG_IMAGELENGTH, kind.height);
    TIFFSetField(file, TIFFTAG_PHOTOMETRIC, kind.photometric);
    TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, kind.bits);
    TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, kind.format);
    TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, kind.height);
    TIFFSetField(file, TIFFTAG_ORIENTATION, kind.orientation);
    TIFFSetField(file, TIFFTAG_COMPRESSION, kind.packed ? COMPRESSION_LZW : COMPRESSION_NONE);
    const uint16_t extra = uint16_t(kind.extra);
    if (kind.extra >= 0) TIFFSetField(file, TIFFTAG_EXTRASAMPLES, 1, &extra);
    std::string copy = strip;
    EXPECT_GE(TIFFWriteEncodedStrip(file, 0, copy.data(), tmsize_t(copy.size())), 0);
    TIFFClose(file);
    return slurp(path);
}

TEST(Tiff, GreyColoursAndCompression) {
    for (const bool packed : {false, true}) {
        TiffKind kind;
        kind.packed = packed;
        const std::string file = tiff(kind, raw({1, 2, 3, 4, 5, 6}));
        EXPECT_EQ(decode(file).pixels, (Pixels{1, 4, 2, 5, 3, 6}));
        EXPECT_TRUE(in_colour(file));
        expect_cuts_are_refused(file.substr(0, 16), 8);
    }
    TiffKind grey;
    grey.photometric = PHOTOMETRIC_MINISBLACK, grey.samples = 1;
    EXPECT_EQ(decode(tiff(grey, raw({7, 250}))).pixels, (Pixels{7, 250}));
    grey.photometric = PHOTOMETRIC_MINISWHITE;
    EXPECT_EQ(decode(tiff(grey, raw({7, 250}))).pixels, (Pixels{248, 5}));
    grey.bits = 16, grey.photometric = PHOTOMETRIC_MINISBLACK;
    EXPECT_EQ(decode(tiff(grey, raw({0x80, 0x80, 0xff, 0xff}))).pixels, (Pixels{128, 255}));
}

TEST(Tiff, AlphaOfBothKinds) {
    TiffKind kind;
    kind.samples = 4, kind.width = 1;
    PictureRule white;
    white.background = {255, 255, 255};
    const auto over_white = [&](const std::string& file) {
        return read_picture(std::as_bytes(std::span(file)), "x", white, 0, 0).pixels;
    };
    kind.extra = EXTRASAMPLE_UNASSALPHA;
    EXPECT_EQ(over_white(tiff(kind, raw({200, 100, 50, 51}))), (Pixels{244, 224, 214})); // 51/255 and 204 of white
    kind.extra = EXTRASAMPLE_ASSOCALPHA;
    EXPECT_EQ(over_white(tiff(kind, raw({40, 20, 10, 51}))), (Pixels{244, 224, 214}));
}

TEST(Tiff, IsTurnedUpright) {
    const Pixels shown[] = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3},
                            {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
    TiffKind kind;
    kind.photometric = PHOTOMETRIC_MINISBLACK, kind.samples = 1, kind.width = 3, kind.height = 2;
    for (kind.orientation = 1; kind.orientation <= 8; ++kind.orientation)
        EXPECT_EQ(decode(tiff(kind, raw({1, 2, 3, 4, 5, 6}))).pixels, shown[kind.orientation - 1]) << kind.orientation;
}

TEST(Tiff, WhatIsNotReadIsNamed) {
    TiffKind kind;
    kind.photometric = PHOTOMETRIC_SEPARATED, kind.samples = 4, kind.width = 1;
    expect_says(refusal(tiff(kind, raw({1, 2, 3, 4}))), "x: a TIFF in CMYK colours");
    kind = {};
    kind.photometric = PHOTOMETRIC_MINISBLACK, kind.samples = 1, kind.bits = 32, kind.width = 1,
    kind.format = SAMPLEFORMAT_IEEEFP;
    expect_says(refusal(tiff(kind, "abcd")), "floating-point samples of 32 bits");
    kind.format = SAMPLEFORMAT_UINT;
    expect_says(refusal(tiff(kind, "abcd")), "of 32 bits");
    expect_says(refusal(std::string("II*\0\x08\0\0\0\0\0", 10)), "damaged TIFF");
}

// ---- BMP

std::string bmp(int width, int height, int bits, int compression, const std::string& between, const std::string& pixels,
                int colours = 0) {
    const std::string head = little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(bits, 2) +
                             little(compression, 4) + little(0, 12) + little(colours, 4) + little(0, 4);
    const int64_t start = int64_t(14 + head.size() + between.size());
    return "BM" + little(start + int64_t(pixels.size()), 4) + little(0, 4) + little(start, 4) + head + between + pixels;
}

TEST(Bmp, TrueColourFromTheBottomUpAndFromTheTop) {
    const std::string pixels = raw({3, 2, 1, 6, 5, 4, 0, 0, 9, 8, 7, 12, 11, 10, 0, 0}); // B G R, filled up to 8 bytes
    EXPECT_EQ(decode(bmp(2, 2, 24, 0, "", pixels), 0).pixels, (Pixels{7, 10, 1, 4, 8, 11, 2, 5, 9, 12, 3, 6}));
    EXPECT_EQ(decode(bmp(2, -2, 24, 0, "", pixels), 0).pixels, (Pixels{1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12}));
    EXPECT_EQ(decode(bmp(1, 1, 32, 0, "", raw({3, 2, 1, 0}))).pixels, (Pixels{1, 2, 3})); // the fourth is no alpha
    EXPECT_EQ(decode(bmp(2, 1, 16, 0, "", little(0x7fff, 2) + little(0x10 << 10, 2))).pixels,
              (Pixels{255, 132, 255, 0, 255, 0}));
    const std::string mask565 = little(0xf800, 4) + little(0x07e0, 4) + little(0x1f, 4);
    EXPECT_EQ(decode(bmp(2, 1, 16, 3, mask565, little(0xffe0, 2) + little(0x1f, 2))).pixels,
              (Pixels{255, 0, 255, 0, 0, 255}));
    EXPECT_EQ(decode("BM" + little(30, 4) + little(0, 4) + little(26, 4) + little(12, 4) + little(1, 2) + little(1, 2) +
                     little(1, 2) + little(24, 2) + raw({3, 2, 1, 0}))
                  .pixels,
              (Pixels{1, 2, 3})); // OS/2
}

TEST(Bmp, PalettesAndRunLengths) {
    const std::string two = raw({1, 2, 3, 0, 4, 5, 6, 0}), four = two + raw({7, 8, 9, 0, 10, 11, 12, 0});
    EXPECT_EQ(decode(bmp(3, 1, 1, 0, two, raw({0b10100000, 0, 0, 0}))).pixels, (Pixels{6, 3, 6, 5, 2, 5, 4, 1, 4}));
    EXPECT_EQ(decode(bmp(3, 1, 4, 0, four, raw({0x12, 0x30, 0, 0}), 4), 1).pixels,
              decode(bmp(3, 1, 8, 0, four, raw({1, 2, 3, 0}), 4), 1).pixels);
    // Three of colour 1; end of row; two one by one (filled up); a step of one to the right; end of the picture.
    const std::string runs = raw({3, 1, 0, 0, 1, 2, 0, 2, 1, 0, 1, 3, 0, 1});
    EXPECT_EQ(decode(bmp(3, 2, 8, 1, four, runs, 4)).pixels,
              (Pixels{9, 3, 12, 6, 6, 6, 8, 2, 11, 5, 5, 5, 7, 1, 10, 4, 4, 4}));
    EXPECT_EQ(decode(bmp(4, 1, 4, 2, four, raw({0, 4, 0x01, 0x23, 0, 1}), 4), 1).pixels,
              decode(bmp(4, 1, 8, 0, four, raw({0, 1, 2, 3}), 4), 1).pixels);
    EXPECT_FALSE(in_colour(bmp(1, 1, 8, 0, raw({7, 7, 7, 0}), raw({0, 0, 0, 0}), 1)));
    EXPECT_TRUE(in_colour(bmp(1, 1, 8, 0, two, raw({0, 0, 0, 0}), 2)));
}

TEST(Bmp, DamagedOrLying) {
    const std::string good = bmp(2, 2, 24, 0, "", std::string(16, 'x'));
    expect_cuts_are_refused(good.substr(0, good.size() - 2), 18);
    expect_says(refusal(bmp(30000, 8000, 24, 0, "", "x")), "too few for 30000 x 8000 pixels");
    expect_says(refusal(bmp(-5, 2, 24, 0, "", "x")), "of -5 x 2 pixels");
    expect_says(refusal(bmp(2, INT32_MIN, 24, 0, "", "x")), "up to 32768 on a side");
    expect_says(refusal(bmp(1, 1, 8, 0, raw({1, 1, 1, 0}), raw({9, 0, 0, 0}), 1)), "a colour that it has not");
    expect_says(refusal(bmp(1, 1, 24, 4, "", "x")), "compression 4, which is not read");
    expect_says(refusal(bmp(3, 2, 8, 1, raw({1, 1, 1, 0}), raw({3, 0}), 1)), "ends too soon");
    expect_says(refusal("BMI,age,weight\n20,3,4\n21,5,6\n"), "not a picture"); // a table, by its words
}

} // namespace
} // namespace ds
