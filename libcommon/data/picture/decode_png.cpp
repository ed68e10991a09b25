// PNG by libpng. Alpha stays beside the colours; gAMA and 16 bits become 8 bits of sRGB.
#include <png.h>

#include <memory>

#include "base/error.h"
#include "data/picture/exif.h"
#include "data/picture/formats.h"

namespace ds {
namespace {

using Guard = std::unique_ptr<png_image, void (*)(png_image*)>;

void begin(png_image& png, Bytes bytes, const std::string& source) {
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()))
        fail(Exit::data, "{}: damaged PNG: {}", source, png.message);
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; // deep PNGs without a gamma are no more linear than others
    // Deflate makes at most 1032 bytes of one, of 8 pixels each where a pixel is a bit.
    check_picture_size(png.height, png.width, bytes.size(), 8 * 1032, source);
}

/// The chunk eXIf, where libpng's simple interface does not show it: length, name, data, checksum.
int orientation_of(Bytes bytes) {
    const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
    for (size_t at = 8; at + 12 <= bytes.size();) {
        const size_t length = size_t(p[at]) << 24 | size_t(p[at + 1]) << 16 | size_t(p[at + 2]) << 8 | p[at + 3];
        if (length > bytes.size() - at - 12) return 1;
        if (std::string_view(reinterpret_cast<const char*>(p) + at + 4, 4) == "eXIf")
            return exif_orientation(bytes.subspan(at + 8, length));
        at += 12 + length;
    }
    return 1;
}

bool colour(Bytes bytes, const std::string& source) {
    png_image png{};
    const Guard guard(&png, png_image_free);
    begin(png, bytes, source);
    return (png.format & PNG_FORMAT_FLAG_COLOR) != 0;
}

Raster decode(Bytes bytes, const std::string& source) {
    png_image png{};
    const Guard guard(&png, png_image_free);
    begin(png, bytes, source);
    const bool colours = png.format & PNG_FORMAT_FLAG_COLOR, alpha = png.format & PNG_FORMAT_FLAG_ALPHA;
    png.format = (colours ? PNG_FORMAT_FLAG_COLOR : 0u) | (alpha ? PNG_FORMAT_FLAG_ALPHA : 0u);
    Raster raster{int64_t(png.height), int64_t(png.width), (colours ? 3 : 1) + (alpha ? 1 : 0), false, 1, {}};
    raster.samples.resize(PNG_IMAGE_SIZE(png));
    if (!png_image_finish_read(&png, nullptr, raster.samples.data(), 0, nullptr))
        fail(Exit::data, "{}: damaged PNG: {}", source, png.message);
    raster.orientation = orientation_of(bytes);
    return raster;
}

} // namespace

PictureFormat png_format() {
    return {"PNG", [](std::string_view head) { return head.starts_with("\x89PNG\r\n\x1a\n"); }, colour, decode};
}

} // namespace ds
