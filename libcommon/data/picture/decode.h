// Picture files to samples as they are stored: PNG, JPEG, WebP, GIF (its first frame), TIFF (its first page), BMP and
// PNM. Content decides, not the name's ending. What becomes of transparency, orientation and size says a PictureRule
// (data/picture/rule.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ds {

constexpr size_t largest_picture_file = size_t{1} << 30;

struct Raster {
    int64_t height = 0, width = 0;
    int64_t channels = 0;         // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
    bool premultiplied = false;   // the colours are multiplied by alpha already
    int orientation = 1;          // Exif's 1 to 8: how to turn it upright
    std::vector<uint8_t> samples; // [H,W,C]; 16 bits of a file are rounded to 8
};

/// Error(data) naming `source` for what is damaged, too large or of no kind that is read (CMYK, for one).
Raster decode_picture(std::span<const std::byte> bytes, const std::string& source);
/// Whether the file stores colours, also where all of them are grey; from its header alone. Errors as above.
bool stores_colour(std::span<const std::byte> bytes, const std::string& source);
/// Whether a file that begins so is a picture of a known format; some 32 bytes decide.
bool is_picture(std::string_view head);

} // namespace ds
