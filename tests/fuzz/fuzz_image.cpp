// Any bytes as a picture of any format: an Error, or an image of the size it says, which a PNG of ours keeps and every
// rule brings to size.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "data/picture/decode.h"
#include "data/picture/rule.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    ds::PictureRule rule;
    rule.channels = size % 2 ? 1 : 3;
    rule.background = {10, 200, 30};
    ds::Image image;
    try {
        image = ds::read_picture(bytes, "fuzz", rule, 0, 0);
        ds::stores_colour(bytes, "fuzz");
    } catch (const ds::Error& error) {
        if (error.code() != ds::Exit::data) std::abort();
        return 0;
    }
    if (!ds::is_picture({reinterpret_cast<const char*>(data), size})) std::abort();
    if (int64_t(image.pixels.size()) != image.height * image.width * rule.channels) std::abort();
    if (image.pixels.size() > 10'000) return 0; // what follows takes long for large ones and is the same
    const std::string png = ds::encode_png(image);
    if (ds::read_picture(std::as_bytes(std::span(png)), "fuzz", rule, 0, 0).pixels != image.pixels) std::abort();
    for (const ds::ResizeRule way : {ds::ResizeRule::stretch, ds::ResizeRule::fit, ds::ResizeRule::fill})
        if (ds::resize(image, 5, 7, way).pixels.size() != size_t(35 * image.channels)) std::abort();
    return 0;
}
