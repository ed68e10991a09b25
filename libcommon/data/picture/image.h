// Images in memory, and as PNG.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ds {

struct Image {
    int64_t height = 0, width = 0, channels = 0; // 1 grey, 3 RGB
    std::vector<uint8_t> pixels;                 // [C,H,W]
};

constexpr int64_t max_image_side = 1 << 15, max_image_pixels = 1 << 28;

std::string encode_png(const Image& image);

} // namespace ds
