// A class for each pixel of a picture: read from files, brought to another size with its picture, and written.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/picture/rule.h"

namespace ds {

/// In a mask: a pixel that belongs to no class.
constexpr uint8_t no_class = 255;

struct Mask {
    int64_t height = 0, width = 0;
    std::vector<uint8_t> classes; // [H,W]
};

/// Which colours of mask files are which classes.
struct MaskColours {
    std::vector<std::string> names; // of the classes
    std::map<Colour8, uint8_t> classes;
};
/// Lines of a name and a colour (as parse_colour takes it): each new name is the next class, one name may have several
/// colours, and the name - is no class. Empty lines and those that begin with "# " are left out. Error(data) naming the
/// line.
MaskColours parse_mask_colours(const std::string& text, const std::string& source);

/// The classes of a mask file: the stored values of a grey picture or the numbers of a palette, or with `colours` what
/// those say. Error(data) for a JPEG, whose values are not kept; for colours where none are told, and for one that is
/// not told.
Mask read_mask(std::span<const std::byte> bytes, const std::string& source, const MaskColours* colours);

/// As resize does it to the picture, each pixel whole (nearest neighbour); no_class beside what is fitted.
Mask resize(const Mask& mask, int64_t height, int64_t width, ResizeRule rule);
/// The way back: a mask of the picture's size before it was resized; no_class where it was cut away.
Mask restore(const Mask& mask, int64_t height, int64_t width, ResizeRule rule);

/// Colours that tell classes apart, the first black (as those of Pascal VOC's masks).
Colour8 class_colour(uint8_t k);
/// A palette of those, whose numbers are the classes.
std::string encode_png(const Mask& mask);
Image coloured(const Mask& mask);
/// The picture under the colours of its classes, but for class 0 and no_class, where it shows. Sizes are the same.
Image overlaid(const Image& picture, const Mask& mask);

/// The stored values of a PNG without colours: grey ones, of 16 bits those that fit into 8, or the numbers of a
/// palette; nothing where it is in colour. Error(data).
std::optional<Mask> read_png_values(std::span<const std::byte> bytes, const std::string& source);

} // namespace ds
