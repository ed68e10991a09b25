#include "data/picture/decode.h"

#include "base/error.h"
#include "data/picture/formats.h"
#include "data/picture/image.h"

namespace ds {
namespace {

const std::vector<PictureFormat>& formats() {
    static const std::vector<PictureFormat> all{png_format(),  jpeg_format(), webp_format(), gif_format(),
                                                tiff_format(), bmp_format(),  pnm_format()};
    return all;
}

const PictureFormat* find_format(std::string_view head) {
    for (const PictureFormat& format : formats())
        if (format.begins(head)) return &format;
    return nullptr;
}

const PictureFormat& format_of(Bytes bytes, const std::string& source) {
    const PictureFormat* format = find_format({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (format) return *format;
    std::string known;
    for (const PictureFormat& each : formats()) known += (known.empty() ? "" : ", ") + std::string(each.name);
    fail(Exit::data, "{}: not a picture of a format that is read ({})", source, known);
}

} // namespace

void check_picture_size(int64_t height, int64_t width, size_t bytes, int64_t pixels_a_byte, const std::string& source) {
    if (height < 1 || width < 1 || height > max_image_side || width > max_image_side)
        fail(Exit::data, "{}: an image of {} x {} pixels; up to {} on a side are read", source, width, height,
             max_image_side);
    if (height * width > max_image_pixels)
        fail(Exit::data, "{}: an image of {} x {} pixels; up to {} in all are read", source, width, height,
             max_image_pixels);
    if (height * width / pixels_a_byte > int64_t(bytes))
        fail(Exit::data, "{}: {} bytes are too few for {} x {} pixels", source, bytes, width, height);
}

Raster decode_picture(Bytes bytes, const std::string& source) { return format_of(bytes, source).decode(bytes, source); }

bool stores_colour(Bytes bytes, const std::string& source) { return format_of(bytes, source).colour(bytes, source); }

bool is_picture(std::string_view head) { return find_format(head) != nullptr; }

} // namespace ds
