// Any bytes as a PNG, JPEG or PNM file: an Error, or an image of the size it says, which a PNG of ours keeps.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "data/picture/image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::Image image;
    try {
        image = ds::decode_image(std::as_bytes(std::span(data, size)), "fuzz", size % 4 == 3 ? 3 : int64_t(size % 2));
    } catch (const ds::Error&) {
        return 0;
    }
    if (int64_t(image.pixels.size()) != image.height * image.width * image.channels) std::abort();
    if (image.pixels.size() > 10'000) return 0; // what follows takes long for large ones and is the same
    const std::string png = ds::encode_png(image);
    if (ds::decode_image(std::as_bytes(std::span(png)), "fuzz").pixels != image.pixels) std::abort();
    for (const ds::ResizeRule rule : {ds::ResizeRule::stretch, ds::ResizeRule::fit, ds::ResizeRule::fill})
        if (ds::resize(image, 5, 7, rule).pixels.size() != size_t(35 * image.channels)) std::abort();
    return 0;
}
