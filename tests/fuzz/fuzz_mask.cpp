// Any bytes as a file of colours, a NUL, and a mask: an Error, or classes for its pixels, of which each is one that the
// colours name; and a mask that its own PNG gives back.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "data/picture/mask.h"

namespace {

void check(const ds::Mask& mask, size_t classes) {
    if (int64_t(mask.classes.size()) != mask.height * mask.width) std::abort();
    for (const uint8_t k : mask.classes)
        if (k != ds::no_class && k >= classes) std::abort();
    if (mask.classes.size() > 10'000) return; // what follows takes long for large ones and is the same
    const std::string png = ds::encode_png(mask);
    if (ds::read_mask(std::as_bytes(std::span(png)), "fuzz", nullptr).classes != mask.classes) std::abort();
    for (const ds::ResizeRule rule : {ds::ResizeRule::stretch, ds::ResizeRule::fit, ds::ResizeRule::fill}) {
        const ds::Mask other = ds::resize(mask, 5, 7, rule);
        if (other.classes.size() != 35) std::abort();
        if (ds::restore(other, mask.height, mask.width, rule).classes.size() != mask.classes.size()) std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string all(reinterpret_cast<const char*>(data), size);
    const size_t nul = all.find('\0');
    const bool has_colours = nul != std::string::npos && nul > 0;
    try {
        ds::MaskColours colours;
        if (has_colours) colours = ds::parse_mask_colours(all.substr(0, nul), "fuzz");
        const std::string picture = nul == std::string::npos ? all : all.substr(nul + 1);
        check(ds::read_mask(std::as_bytes(std::span(picture)), "fuzz", has_colours ? &colours : nullptr),
              has_colours ? colours.names.size() : ds::no_class);
    } catch (const ds::Error& error) {
        if (error.code() != ds::Exit::data) std::abort();
    }
    return 0;
}
