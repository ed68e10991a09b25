#include "data/picture/picture_end.h"

#include <algorithm>
#include <cstdint>

namespace ds {
namespace {

constexpr size_t unknown = std::string_view::npos;

uint64_t big_endian(std::string_view bytes, size_t at, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

/// Chunks: length, name, content, checksum; the last one is IEND.
size_t png_end(std::string_view bytes) {
    for (size_t at = 8; at + 12 <= bytes.size();) {
        const uint64_t length = big_endian(bytes, at, 4);
        if (length > bytes.size() - at - 12) return unknown;
        if (bytes.substr(at + 4, 4) == "IEND") return at + 12 + length;
        at += 12 + length;
    }
    return unknown;
}

/// Segments with lengths, then coded data in which FF is followed by 00 or a restart, until the marker D9.
size_t jpeg_end(std::string_view bytes) {
    size_t at = 2;
    while (at + 2 <= bytes.size()) {
        if (bytes[at] != '\xff') {
            ++at; // coded data
            continue;
        }
        const auto marker = static_cast<unsigned char>(bytes[at + 1]);
        if (marker == 0xd9) return at + 2;
        if (marker == 0xff) ++at; // filling
        else if (marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
        else {
            if (at + 4 > bytes.size()) return unknown;
            if (marker == 0xe2 && bytes.substr(at + 4, 4) == std::string_view("MPF\0", 4)) return unknown;
            at += 2 + size_t(big_endian(bytes, at + 2, 2));
        }
    }
    return unknown;
}

/// P5 and P6: three numbers, between which are blanks and comments, one blank, then the pixels.
size_t pnm_end(std::string_view bytes) {
    uint64_t numbers[3] = {}; // width, height, greatest value
    size_t at = 2;
    for (uint64_t& number : numbers) {
        while (at < bytes.size() && !(bytes[at] >= '0' && bytes[at] <= '9')) {
            const bool comment = bytes[at] == '#';
            at = comment ? std::min(bytes.find('\n', at), bytes.size()) : at + 1;
        }
        for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; ++at) {
            number = number * 10 + uint64_t(bytes[at] - '0');
            if (number > 1'000'000) return unknown;
        }
    }
    const uint64_t length = numbers[0] * numbers[1] * (bytes[1] == '6' ? 3 : 1) * (numbers[2] > 255 ? 2 : 1);
    return at + 1 + length <= bytes.size() ? at + 1 + size_t(length) : unknown;
}

} // namespace

size_t picture_end(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return png_end(bytes);
    if (bytes.starts_with("\xff\xd8\xff")) return jpeg_end(bytes);
    if (bytes.starts_with("P5") || bytes.starts_with("P6")) return pnm_end(bytes);
    return unknown;
}

} // namespace ds
