// Picture files made byte by byte or by the codec, and what becomes of them.
#pragma once

#include <gtest/gtest.h>
#include <turbojpeg.h>
#include <zlib.h>

#include "data/picture/decode.h"
#include "data/picture/rule.h"

namespace ds::test {

inline std::string big_endian(uint32_t x) { return {char(x >> 24), char(x >> 16), char(x >> 8), char(x)}; }

inline std::string chunk(const std::string& type, const std::string& data) {
    const std::string body = type + data;
    const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), uInt(body.size()));
    return big_endian(uint32_t(data.size())) + body + big_endian(uint32_t(crc));
}

enum Kind : char { grey = 0, rgb = 2, palette = 3, grey_alpha = 4, rgba = 6 };

/// `rows`: of each row a filter byte 0 and its samples.
inline std::string png(uint32_t width, uint32_t height, int depth, Kind kind, const std::string& rows,
                       const std::string& extra = "") {
    std::string packed(compressBound(uLong(rows.size())), '\0');
    uLongf size = uLongf(packed.size());
    compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
             uLong(rows.size()));
    packed.resize(size);
    const std::string head = big_endian(width) + big_endian(height) + std::string{char(depth), kind, 0, 0, 0};
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + extra + chunk("IDAT", packed) + chunk("IEND", "");
}

using Pixels = std::vector<uint8_t>;
inline const auto raw = [](std::initializer_list<int> bytes) {
    std::string out;
    for (int b : bytes) out += char(b);
    return out;
};

inline std::string jpeg(const Pixels& packed, int width, int height, int format, int sampling) {
    unsigned char* data = nullptr;
    unsigned long size = 0;
    const tjhandle encoder = tjInitCompress();
    EXPECT_EQ(tjCompress2(encoder, packed.data(), width, 0, height, format, &data, &size, sampling, 100, 0), 0);
    const std::string out(reinterpret_cast<char*>(data), size);
    tjFree(data);
    tjDestroy(encoder);
    return out;
}

/// As it is stored, in colour if it is, unless `channels` says otherwise; over black.
inline Image decode(const std::string& bytes, int64_t channels = 0) {
    const auto data = std::as_bytes(std::span(bytes));
    PictureRule rule;
    rule.channels = channels ? channels : stores_colour(data, "x") ? 3 : 1;
    return read_picture(data, "x", rule, 0, 0);
}

} // namespace ds::test
