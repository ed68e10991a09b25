// How the bytes of a picture file become the pixels of a sample. An import follows the rule and leaves it in the data
// file, training takes it into the model, and prediction follows it again, by the same function: a model sees in use
// what it saw in training.
#pragma once

#include <array>
#include <span>
#include <string>

#include "base/json.h"
#include "data/picture/resize.h"

namespace ds {

using Colour8 = std::array<uint8_t, 3>; // RGB

struct PictureRule {
    ResizeRule resize = ResizeRule::none; // none: all pictures have the size
    int64_t channels = 3;                 // 1: grey, by Rec. 601 luma as JPEG has it; 3: RGB
    Colour8 background{};                 // under what is transparent, and beside a fitted picture
    bool upright = true;                  // turned as its Exif orientation says
    bool operator==(const PictureRule&) const = default;
};

/// Whether the same file gives the same pixels by both: pictures that needed no resizing lie beside resized ones.
bool agree(const PictureRule& a, const PictureRule& b);

/// Decoded, laid over the background, turned upright, grey or RGB, and resized to `height` x `width` unless the rule's
/// resize is none. Errors as decode_picture's.
Image read_picture(std::span<const std::byte> bytes, const std::string& source, const PictureRule& rule, int64_t height,
                   int64_t width);

/// The same but for the last: in its own size, upright, grey or RGB.
Image upright_picture(std::span<const std::byte> bytes, const std::string& source, const PictureRule& rule);
Image sized(const Image& picture, const PictureRule& rule, int64_t height, int64_t width);

/// {"resize": "fit", "interpolation": "area", "color": "rgb", "background": "#000000", "orientation": "exif"}
Json to_json(const PictureRule& rule);
/// Error(data) naming `source` for words that this version does not know.
PictureRule parse_rule(const Json& json, const std::string& source);
/// "fit to size, rgb, over #000000, upright"
std::string text(const PictureRule& rule);
/// "black", "white", "grey", "#ffe0c0" or "ffe0c0". Error(usage).
Colour8 parse_colour(const std::string& text);

} // namespace ds
