// Masks as PNG: values and palette numbers as they are stored, which libpng's simple interface does not give. Within
// setjmp only what needs no destructor is made.
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "base/error.h"
#include "data/picture/formats.h"
#include "data/picture/mask.h"

namespace ds {
namespace {

struct Stream {
    Bytes bytes;
    size_t at = 0;
    char message[200] = {}; // of what went wrong
};

void read_some(png_structp png, png_bytep to, size_t count) {
    auto* stream = static_cast<Stream*>(png_get_io_ptr(png));
    if (count > stream->bytes.size() - stream->at) png_error(png, "it ends too early");
    std::memcpy(to, stream->bytes.data() + stream->at, count);
    stream->at += count;
}

[[noreturn]] void note_error(png_structp png, png_const_charp why) {
    auto* stream = static_cast<Stream*>(png_get_error_ptr(png));
    std::strncpy(stream->message, why, sizeof stream->message - 1);
    std::longjmp(png_jmpbuf(png), 1);
}
void pass_over(png_structp, png_const_charp) {}

struct Reader {
    explicit Reader(Bytes bytes) : stream{bytes} {
        png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &stream, note_error, pass_over);
        info = png ? png_create_info_struct(png) : nullptr;
        if (!info) fail(Exit::unavailable, "libpng has no memory");
        png_set_read_fn(png, &stream, read_some);
        png_set_user_limits(png, png_uint_32(max_image_side), png_uint_32(max_image_side));
    }
    ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
    Reader(const Reader&) = delete;

    bool head() {
        if (setjmp(png_jmpbuf(png))) return false;
        png_read_info(png, info);
        return true;
    }
    /// Values of 1, 2 and 4 bits a byte each, without stretching them; of grey and alpha the grey.
    bool begin() {
        if (setjmp(png_jmpbuf(png))) return false;
        png_set_packing(png);
        png_set_strip_alpha(png);
        passes = png_set_interlace_handling(png);
        png_read_update_info(png, info);
        return true;
    }
    bool rows(png_bytepp rows) {
        if (setjmp(png_jmpbuf(png))) return false;
        png_read_image(png, rows);
        png_read_end(png, nullptr);
        return true;
    }

    Stream stream;
    png_structp png = nullptr;
    png_infop info = nullptr;
    int passes = 1;
};

} // namespace

std::optional<Mask> read_png_values(Bytes bytes, const std::string& source) {
    Reader reader(bytes);
    const auto damaged = [&] { fail(Exit::data, "{}: damaged PNG: {}", source, reader.stream.message); };
    if (!reader.head()) damaged();
    if (const int kind = png_get_color_type(reader.png, reader.info);
        kind == PNG_COLOR_TYPE_RGB || kind == PNG_COLOR_TYPE_RGB_ALPHA)
        return std::nullopt;
    Mask mask{png_get_image_height(reader.png, reader.info), png_get_image_width(reader.png, reader.info), {}};
    check_picture_size(mask.height, mask.width, bytes.size(), 8 * 1032, source); // as in decode_png.cpp
    if (!reader.begin()) damaged();
    const size_t row = png_get_rowbytes(reader.png, reader.info), depth = row / size_t(mask.width);
    std::vector<uint8_t> raw(row * size_t(mask.height));
    std::vector<png_bytep> rows;
    for (size_t y = 0; y < size_t(mask.height); ++y) rows.push_back(raw.data() + y * row);
    if (!reader.rows(rows.data())) damaged();
    if (depth == 1) return mask.classes = std::move(raw), mask;
    for (size_t i = 0; i < raw.size(); i += 2) {
        if (raw[i] != 0)
            fail(Exit::data, "{}: a pixel has the value {}; classes are 0 to 254, and 255 is none", source,
                 raw[i] * 256 + raw[i + 1]);
        mask.classes.push_back(raw[i + 1]);
    }
    return mask;
}

std::string encode_png(const Mask& mask) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = png_uint_32(mask.width);
    png.height = png_uint_32(mask.height);
    png.format = PNG_FORMAT_RGB_COLORMAP;
    png.colormap_entries = 256;
    std::vector<uint8_t> palette;
    for (int k = 0; k < 256; ++k)
        for (const uint8_t part : class_colour(uint8_t(k))) palette.push_back(part);
    png_alloc_size_t size = 0;
    if (!png_image_write_to_memory(&png, nullptr, &size, 0, mask.classes.data(), 0, palette.data()))
        bug("PNG: {}", png.message);
    std::string out(size, '\0');
    if (!png_image_write_to_memory(&png, out.data(), &size, 0, mask.classes.data(), 0, palette.data()))
        bug("PNG: {}", png.message);
    out.resize(size);
    return out;
}

} // namespace ds
