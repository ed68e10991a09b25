// The formats of pictures that are read, a row and a file for each. A decoder believes no size before it has
// compared it with the bytes that are there.
#pragma once

#include <string_view>

#include "data/picture/decode.h"

namespace ds {

using Bytes = std::span<const std::byte>;

struct PictureFormat {
    const char* name;
    bool (*begins)(std::string_view head); // whether a file that begins so is one
    bool (*colour)(Bytes bytes, const std::string& source);
    Raster (*decode)(Bytes bytes, const std::string& source);
};

PictureFormat png_format(), jpeg_format(), webp_format(), gif_format(), tiff_format(), bmp_format(), pnm_format();

/// Error(data) for sides and areas that are not read, and for more pixels than `most` bytes make when each makes at
/// most `pixels_a_byte`.
void check_picture_size(int64_t height, int64_t width, size_t bytes, int64_t pixels_a_byte, const std::string& source);

} // namespace ds
