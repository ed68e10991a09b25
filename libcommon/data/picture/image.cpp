#include "data/picture/image.h"

#include <png.h>

#include "base/error.h"

namespace ds {

std::string encode_png(const Image& image) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = png_uint_32(image.width);
    png.height = png_uint_32(image.height);
    png.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    std::vector<uint8_t> packed(image.pixels.size());
    const int64_t n = image.height * image.width;
    for (int64_t c = 0; c < image.channels; ++c)
        for (int64_t i = 0; i < n; ++i) packed[size_t(i * image.channels + c)] = image.pixels[size_t(c * n + i)];
    png_alloc_size_t size = 0;
    if (!png_image_write_to_memory(&png, nullptr, &size, 0, packed.data(), 0, nullptr)) bug("PNG: {}", png.message);
    std::string out(size, '\0');
    if (!png_image_write_to_memory(&png, out.data(), &size, 0, packed.data(), 0, nullptr)) bug("PNG: {}", png.message);
    out.resize(size);
    return out;
}

} // namespace ds
