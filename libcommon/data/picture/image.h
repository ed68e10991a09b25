// Images in memory and in files: PNG (libpng), JPEG (libjpeg-turbo), PNM. Content decides, not the name's ending.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ds {

struct Image {
    int64_t height = 0, width = 0, channels = 0; // 1 grey, 3 RGB
    std::vector<uint8_t> pixels;                 // [C,H,W]
};

constexpr int64_t max_image_side = 1 << 15, max_image_pixels = 1 << 28;

/// `channels`: 1 or 3 converts; 0 takes what the file has (alpha is laid over black). Error(data) naming `source`.
Image decode_image(std::span<const std::byte> bytes, const std::string& source, int64_t channels = 0);
Image read_image(const std::string& path, int64_t channels = 0);
std::string encode_png(const Image& image);

/// How an image gets another size. stretch: to the size; fit: the whole image, black beside it; fill: the middle, cut
/// to the size's proportions. Sampling is by area when it shrinks and bilinear when it grows.
enum class ResizeRule { stretch, fit, fill };
Image resize(const Image& image, int64_t height, int64_t width, ResizeRule rule);

} // namespace ds
