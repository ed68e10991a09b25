#include "data/picture/mask.h"

#include <algorithm>

#include "base/error.h"
#include "base/names.h"
#include "data/picture/decode.h"

namespace ds {
namespace {

std::string_view trimmed(std::string_view line) {
    const size_t first = line.find_first_not_of(" \t\r"), last = line.find_last_not_of(" \t\r");
    return first == line.npos ? "" : line.substr(first, last - first + 1);
}

/// One line: the last word is the colour, what stands before it the name.
void add_colour(MaskColours& colours, std::string_view line, const std::string& where) {
    const size_t end = line.find_last_of(" \t");
    if (end == line.npos) fail(Exit::data, "{}: '{}' is no name and colour, as in: road #804080", where, shown(line));
    const std::string name(trimmed(line.substr(0, end)));
    Colour8 colour{};
    try {
        colour = parse_colour(std::string(line.substr(end + 1)));
    } catch (const Error& error) {
        fail(Exit::data, "{}: {}", where, error.what());
    }
    const auto known = std::ranges::find(colours.names, name);
    auto k = size_t(known - colours.names.begin());
    if (name == "-") k = no_class;
    else if (known == colours.names.end()) colours.names.push_back(name);
    if (k > no_class || (k == no_class && name != "-")) fail(Exit::data, "{}: masks have at most 255 classes", where);
    if (!colours.classes.emplace(colour, uint8_t(k)).second)
        fail(Exit::data, "{}: this colour stands on a line before, too", where);
}

Mask classes_of_colours(const Raster& r, const std::string& source, const MaskColours& colours) {
    Mask mask{r.height, r.width, {}};
    for (int64_t i = 0; i < r.height * r.width; ++i) {
        const uint8_t* p = r.samples.data() + i * r.channels;
        const bool rgb = r.channels >= 3;
        const Colour8 colour{p[0], p[rgb ? 1 : 0], p[rgb ? 2 : 0]};
        const auto found = colours.classes.find(colour);
        if (found == colours.classes.end())
            fail(Exit::data, "{}: pixel {},{} has the colour #{:02x}{:02x}{:02x}, which --mask-colors does not name",
                 source, i % r.width, i / r.width, colour[0], colour[1], colour[2]);
        mask.classes.push_back(found->second);
    }
    return mask;
}

/// Grey values that were stored as colours are what they look like.
Mask classes_of_grey(const Raster& r, const std::string& source) {
    Mask mask{r.height, r.width, {}};
    for (int64_t i = 0; i < r.height * r.width; ++i) {
        const uint8_t* p = r.samples.data() + i * r.channels;
        if (r.channels >= 3 && (p[0] != p[1] || p[0] != p[2]))
            fail(Exit::data,
                 "{}: pixel {},{} has the colour #{:02x}{:02x}{:02x}; say which colours are which classes: "
                 "--mask-colors FILE",
                 source, i % r.width, i / r.width, p[0], p[1], p[2]);
        mask.classes.push_back(p[0]);
    }
    return mask;
}

int64_t nearest(double from, double step, int64_t i, int64_t size) {
    return std::clamp<int64_t>(int64_t(from + (double(i) + 0.5) * step), 0, size - 1);
}

} // namespace

MaskColours parse_mask_colours(const std::string& text, const std::string& source) {
    MaskColours colours;
    int64_t number = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = trimmed(std::string_view(text).substr(at, end - at));
        ++number;
        at = end + 1;
        if (line.empty() || line == "#" || line.starts_with("# ")) continue;
        add_colour(colours, line, fmt::format("{}: line {}", source, number));
    }
    if (colours.names.size() < 2)
        fail(Exit::data, "{}: names {} classes; masks have two or more, a line each as in: road #804080", source,
             colours.names.size());
    return colours;
}

Mask read_mask(std::span<const std::byte> bytes, const std::string& source, const MaskColours* colours) {
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min<size_t>(bytes.size(), 16));
    if (head.starts_with("\xff\xd8\xff"))
        fail(Exit::data, "{}: a mask as JPEG, which does not keep values as they are; take the PNG that it was made of",
             source);
    if (!colours && head.starts_with("\x89PNG"))
        if (std::optional<Mask> mask = read_png_values(bytes, source)) return *mask;
    const Raster raster = decode_picture(bytes, source);
    return colours ? classes_of_colours(raster, source, *colours) : classes_of_grey(raster, source);
}

Mask resize(const Mask& mask, int64_t height, int64_t width, ResizeRule rule) {
    if (rule == ResizeRule::none || (mask.height == height && mask.width == width)) return mask;
    const Placement p = placement(mask.height, mask.width, height, width, rule);
    Mask out{height, width, std::vector<uint8_t>(size_t(height * width), no_class)};
    const double step_y = p.height / double(p.to_height), step_x = p.width / double(p.to_width);
    for (int64_t y = 0; y < p.to_height; ++y) {
        const int64_t from_y = nearest(p.top, step_y, y, mask.height);
        for (int64_t x = 0; x < p.to_width; ++x)
            out.classes[size_t((y + p.to_top) * width + x + p.to_left)] =
                mask.classes[size_t(from_y * mask.width + nearest(p.left, step_x, x, mask.width))];
    }
    return out;
}

Mask restore(const Mask& mask, int64_t height, int64_t width, ResizeRule rule) {
    if (rule == ResizeRule::none || (mask.height == height && mask.width == width)) return mask;
    const Placement p = placement(height, width, mask.height, mask.width, rule);
    Mask out{height, width, std::vector<uint8_t>(size_t(height * width), no_class)};
    const double step_y = double(p.to_height) / p.height, step_x = double(p.to_width) / p.width;
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x) {
            const double from_y = (double(y) + 0.5 - p.top) * step_y, from_x = (double(x) + 0.5 - p.left) * step_x;
            if (from_y < 0 || from_x < 0 || from_y >= double(p.to_height) || from_x >= double(p.to_width)) continue;
            out.classes[size_t(y * width + x)] =
                mask.classes[size_t((int64_t(from_y) + p.to_top) * mask.width + int64_t(from_x) + p.to_left)];
        }
    return out;
}

Colour8 class_colour(uint8_t k) {
    Colour8 colour{}; // three bits of k at a time: each is one of the highest bits that are left of a channel
    for (int bit = 7, rest = k; rest > 0; rest >>= 3, --bit)
        for (size_t c = 0; c < 3; ++c) colour[c] = uint8_t(colour[c] | ((rest >> c) & 1) << bit);
    return colour;
}

Image coloured(const Mask& mask) {
    const size_t n = mask.classes.size();
    Image image{mask.height, mask.width, 3, std::vector<uint8_t>(3 * n)};
    for (size_t i = 0; i < n; ++i)
        for (size_t c = 0; c < 3; ++c) image.pixels[c * n + i] = class_colour(mask.classes[i])[c];
    return image;
}

Image overlaid(const Image& picture, const Mask& mask) {
    const size_t n = mask.classes.size();
    Image image{mask.height, mask.width, 3, std::vector<uint8_t>(3 * n)};
    for (size_t i = 0; i < n; ++i) {
        const uint8_t k = mask.classes[i];
        const Colour8 colour = class_colour(k);
        for (size_t c = 0; c < 3; ++c) {
            const int own = picture.pixels[(picture.channels == 1 ? 0 : c) * n + i];
            image.pixels[c * n + i] = uint8_t(k == 0 || k == no_class ? own : (own + colour[c] + 1) / 2);
        }
    }
    return image;
}

} // namespace ds
