// BMP (Windows 2 to 5 and OS/2): palettes of 1 to 8 bits, 16, 24 and 32 bits with or without masks, run lengths.
// Numbers are little-endian, rows are filled up to 4 bytes and stand from the bottom up, unless the height is negative.
#include <algorithm>
#include <array>
#include <bit>

#include "base/error.h"
#include "data/picture/formats.h"

namespace ds {
namespace {

constexpr uint32_t plain = 0, rle8 = 1, rle4 = 2, masks = 3, alpha_masks = 6;
constexpr size_t file_header = 14;

struct Bmp {
    Bytes bytes;
    std::string source;
    int64_t height = 0, width = 0;
    bool top_down = false;
    uint32_t bits = 0, compression = plain;
    std::array<uint32_t, 4> mask{}; // red, green, blue, alpha; 16 and 32 bits
    size_t pixels = 0;              // where they begin
    std::vector<std::array<uint8_t, 3>> palette;

    uint32_t at(size_t offset, size_t n) const { // Error(data) behind the end
        if (offset > bytes.size() || n > bytes.size() - offset)
            fail(Exit::data, "{}: damaged BMP: the file ends too soon", source);
        uint32_t value = 0;
        for (size_t i = n; i-- > 0;) value = value << 8 | uint32_t(bytes[offset + i]);
        return value;
    }
    int64_t stride() const { return (width * int64_t(bits) + 31) / 32 * 4; }
};

void read_masks(Bmp& bmp, uint32_t header) {
    if (bmp.compression == plain) {
        if (bmp.bits == 16) bmp.mask = {0x7c00, 0x03e0, 0x001f, 0};
        else bmp.mask = {0xff0000, 0xff00, 0xff, 0}; // the fourth byte of 32 bits means nothing
        return;
    }
    for (size_t c = 0; c < 3; ++c) bmp.mask[c] = bmp.at(file_header + 40 + 4 * c, 4);
    if (header >= 56 || bmp.compression == alpha_masks) bmp.mask[3] = bmp.at(file_header + 52, 4);
}

void read_palette(Bmp& bmp, size_t begin, size_t count, size_t width) {
    for (size_t i = 0; i < count; ++i) {
        const uint32_t bgr = bmp.at(begin + i * width, 3);
        bmp.palette.push_back({uint8_t(bgr >> 16), uint8_t(bgr >> 8), uint8_t(bgr)});
    }
}

void check_kind(const Bmp& bmp) {
    const uint32_t b = bmp.bits, c = bmp.compression;
    const bool known = c == plain  ? b == 1 || b == 2 || b == 4 || b == 8 || b == 16 || b == 24 || b == 32
                       : c == rle8 ? b == 8 && !bmp.top_down
                       : c == rle4 ? b == 4 && !bmp.top_down
                                   : (c == masks || c == alpha_masks) && (b == 16 || b == 32);
    if (!known) fail(Exit::data, "{}: a BMP of {} bits with compression {}, which is not read", bmp.source, b, c);
    check_picture_size(bmp.height, bmp.width, bmp.bytes.size(), c == rle8 || c == rle4 ? 1 << 20 : 8, bmp.source);
}

Bmp read_header(Bytes bytes, const std::string& source) {
    Bmp bmp;
    bmp.bytes = bytes;
    bmp.source = source;
    bmp.pixels = bmp.at(10, 4);
    const uint32_t header = bmp.at(file_header, 4);
    const bool old = header == 12; // OS/2 1: short sizes, palettes of three bytes
    bmp.width = old ? int64_t(bmp.at(18, 2)) : int64_t(int32_t(bmp.at(18, 4)));
    bmp.height = old ? int64_t(bmp.at(20, 2)) : int64_t(int32_t(bmp.at(22, 4)));
    bmp.top_down = bmp.height < 0;
    if (bmp.top_down) bmp.height = -bmp.height;
    bmp.bits = bmp.at(old ? 24 : 28, 2);
    if (!old) bmp.compression = bmp.at(30, 4);
    check_kind(bmp);
    if (bmp.bits >= 16) {
        if (bmp.bits != 24) read_masks(bmp, header);
        return bmp;
    }
    const size_t most = size_t{1} << bmp.bits;
    size_t count = old || header < 50 - file_header ? 0 : bmp.at(46, 4);
    if (count == 0 || count > most) count = most;
    const size_t begin = file_header + header + (bmp.compression == masks ? 12 : 0), width = old ? 3 : 4;
    if (old && bmp.pixels > begin) count = std::min(count, (bmp.pixels - begin) / width); // some leave entries out
    read_palette(bmp, begin, count, width);
    return bmp;
}

std::array<uint8_t, 3> colour_of(const Bmp& bmp, uint32_t index) {
    if (index >= bmp.palette.size()) fail(Exit::data, "{}: damaged BMP: a colour that it has not", bmp.source);
    return bmp.palette[index];
}

/// The bits of a mask as 0 to 255.
uint8_t field(uint32_t pixel, uint32_t mask) {
    if (mask == 0) return 0;
    const uint64_t value = (pixel & mask) >> std::countr_zero(mask), top = mask >> std::countr_zero(mask);
    return uint8_t((value * 255 + top / 2) / top);
}

/// One row of what is not compressed, to RGB or RGBA.
void read_row(const Bmp& bmp, size_t from, const Raster& raster, uint8_t* to) {
    for (int64_t x = 0; x < bmp.width; ++x, to += raster.channels) {
        if (bmp.bits < 16) {
            const size_t bit = size_t(x) * bmp.bits;
            const uint32_t byte = bmp.at(from + bit / 8, 1);
            const auto c = colour_of(bmp, byte >> (8 - bmp.bits - bit % 8) & ((1u << bmp.bits) - 1));
            std::copy(c.begin(), c.end(), to);
            continue;
        }
        const uint32_t pixel = bmp.at(from + size_t(x) * bmp.bits / 8, bmp.bits / 8);
        for (int64_t c = 0; c < raster.channels; ++c)
            to[c] = bmp.bits == 24 ? uint8_t(pixel >> (16 - 8 * c)) : field(pixel, bmp.mask[size_t(c)]);
    }
}

/// Run lengths to a palette index a pixel, from the bottom up; what they leave out has the first colour.
std::vector<uint8_t> read_runs(const Bmp& bmp) {
    std::vector<uint8_t> indices(size_t(bmp.height * bmp.width));
    int64_t x = 0, y = 0;
    size_t at = bmp.pixels;
    const auto put = [&](uint32_t index) {
        if (x < bmp.width && y < bmp.height) indices[size_t(y * bmp.width + x)] = uint8_t(index);
        ++x;
    };
    const auto put_part = [&](uint32_t byte, uint32_t i) {
        put(bmp.compression == rle8 ? byte : i % 2 == 0 ? byte >> 4 : byte & 15);
    };
    while (y < bmp.height) {
        const uint32_t count = bmp.at(at, 1), value = bmp.at(at + 1, 1);
        at += 2;
        if (count > 0) { // a run
            for (uint32_t i = 0; i < count; ++i) put_part(value, i);
        } else if (value == 0) { // the end of the row
            x = 0, ++y;
        } else if (value == 1) { // of the picture
            break;
        } else if (value == 2) { // a step to the right and up
            x += bmp.at(at, 1), y += bmp.at(at + 1, 1);
            at += 2;
        } else { // pixels one by one, filled up to two bytes
            const uint32_t a_byte = bmp.compression == rle8 ? 1 : 2, length = (value + a_byte - 1) / a_byte;
            for (uint32_t i = 0; i < value; ++i) put_part(bmp.at(at + i / a_byte, 1), i);
            at += length + length % 2;
        }
    }
    return indices;
}

bool colour(Bytes bytes, const std::string& source) {
    const Bmp bmp = read_header(bytes, source);
    return bmp.bits >= 16 || std::any_of(bmp.palette.begin(), bmp.palette.end(),
                                         [](const auto& c) { return c[0] != c[1] || c[1] != c[2]; });
}

Raster decode(Bytes bytes, const std::string& source) {
    const Bmp bmp = read_header(bytes, source);
    const bool runs = bmp.compression == rle8 || bmp.compression == rle4;
    if (!runs) bmp.at(bmp.pixels + size_t(bmp.stride()) * size_t(bmp.height - 1), 1); // before memory is taken
    Raster raster{bmp.height, bmp.width, bmp.mask[3] ? 4 : 3, false, 1, {}};
    raster.samples.resize(size_t(bmp.height * bmp.width * raster.channels));
    const std::vector<uint8_t> indices = runs ? read_runs(bmp) : std::vector<uint8_t>{};
    for (int64_t y = 0; y < bmp.height; ++y) {
        uint8_t* to = raster.samples.data() + (bmp.top_down ? y : bmp.height - 1 - y) * bmp.width * raster.channels;
        if (!runs) {
            read_row(bmp, bmp.pixels + size_t(y * bmp.stride()), raster, to);
            continue;
        }
        for (int64_t x = 0; x < bmp.width; ++x) {
            const auto c = colour_of(bmp, indices[size_t(y * bmp.width + x)]);
            std::copy(c.begin(), c.end(), to + 3 * x);
        }
    }
    return raster;
}

/// Two letters begin texts, too: the size of the second header must be one that is known.
bool begins(std::string_view head) {
    if (!head.starts_with("BM") || head.size() < 18 || head.substr(15, 3) != std::string_view("\0\0\0", 3))
        return false;
    const int header = static_cast<unsigned char>(head[14]);
    return header == 12 || header == 40 || header == 52 || header == 56 || header == 64 || header == 108 ||
           header == 124;
}

} // namespace

PictureFormat bmp_format() { return {"BMP", begins, colour, decode}; }

} // namespace ds
