#include "data/picture/rule.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "data/picture/decode.h"

namespace ds {
namespace {

constexpr std::pair<const char*, ResizeRule> resize_names[] = {
    {"none", ResizeRule::none}, {"stretch", ResizeRule::stretch}, {"fit", ResizeRule::fit}, {"fill", ResizeRule::fill}};

std::string name_of(ResizeRule rule) {
    return std::find_if(std::begin(resize_names), std::end(resize_names), [&](auto& n) { return n.second == rule; })
        ->first;
}

std::string hex(const Colour8& c) { return fmt::format("#{:02x}{:02x}{:02x}", c[0], c[1], c[2]); }

uint8_t luma(const Colour8& c) { return uint8_t(std::lround(0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2])); }

/// Where the upright pixel (y, x) lies in the raster.
std::pair<int64_t, int64_t> stored_at(const Raster& r, int orientation, int64_t y, int64_t x) {
    switch (orientation) {
    case 2: return {y, r.width - 1 - x};
    case 3: return {r.height - 1 - y, r.width - 1 - x};
    case 4: return {r.height - 1 - y, x};
    case 5: return {x, y};
    case 6: return {r.height - 1 - x, y};
    case 7: return {r.height - 1 - x, r.width - 1 - y};
    case 8: return {x, r.width - 1 - y};
    default: return {y, x};
    }
}

/// A pixel over the background.
Colour8 flattened(const Raster& r, const uint8_t* sample, const Colour8& background) {
    const bool colours = r.channels >= 3, transparent = r.channels % 2 == 0;
    Colour8 out{sample[0], sample[colours ? 1 : 0], sample[colours ? 2 : 0]};
    if (!transparent) return out;
    const int alpha = sample[r.channels - 1];
    for (size_t c = 0; c < 3; ++c) {
        const int own = r.premultiplied ? out[c] * 255 : out[c] * alpha;
        out[c] = uint8_t(std::min(255, (own + background[c] * (255 - alpha) + 127) / 255));
    }
    return out;
}

Image flat_image(const Raster& r, const PictureRule& rule) {
    const int orientation = rule.upright ? r.orientation : 1;
    const bool turned = orientation >= 5;
    Image image{turned ? r.width : r.height, turned ? r.height : r.width, rule.channels, {}};
    const int64_t n = image.height * image.width;
    const bool plain_grey = r.channels == 1 && rule.channels == 1;
    image.pixels.resize(size_t(n * image.channels));
    for (int64_t y = 0, i = 0; y < image.height; ++y)
        for (int64_t x = 0; x < image.width; ++x, ++i) {
            const auto [row, column] = stored_at(r, orientation, y, x);
            const uint8_t* sample = r.samples.data() + (row * r.width + column) * r.channels;
            if (plain_grey) {
                image.pixels[size_t(i)] = *sample;
                continue;
            }
            const Colour8 pixel = flattened(r, sample, rule.background);
            if (rule.channels == 1) image.pixels[size_t(i)] = luma(pixel);
            else
                for (int64_t c = 0; c < 3; ++c) image.pixels[size_t(c * n + i)] = pixel[size_t(c)];
        }
    return image;
}

std::string known_word(const Json& json, const char* key, const std::string& fallback,
                       const std::vector<std::string>& known, const std::string& source) {
    const std::string word = json.get<std::string>(key, fallback);
    if (std::find(known.begin(), known.end(), word) == known.end())
        fail(Exit::data, "{}: pictures with the {} '{}', which this ds-tools does not know; a newer one may", source,
             key, word);
    return word;
}

} // namespace

bool agree(const PictureRule& a, const PictureRule& b) {
    PictureRule other = b;
    if (a.resize == ResizeRule::none || b.resize == ResizeRule::none) other.resize = a.resize;
    return a == other;
}

Image upright_picture(std::span<const std::byte> bytes, const std::string& source, const PictureRule& rule) {
    return flat_image(decode_picture(bytes, source), rule);
}

Image read_picture(std::span<const std::byte> bytes, const std::string& source, const PictureRule& rule, int64_t height,
                   int64_t width) {
    return sized(upright_picture(bytes, source, rule), rule, height, width);
}

Image sized(const Image& picture, const PictureRule& rule, int64_t height, int64_t width) {
    const uint8_t grey = luma(rule.background);
    return resize(picture, height, width, rule.resize,
                  rule.channels == 1 ? std::span<const uint8_t>(&grey, 1) : std::span<const uint8_t>(rule.background));
}

Json to_json(const PictureRule& rule) {
    Json json = Json::object();
    json.set("resize", name_of(rule.resize))
        .set("interpolation", "area")
        .set("color", rule.channels == 1 ? "grey" : "rgb")
        .set("background", hex(rule.background))
        .set("orientation", rule.upright ? "exif" : "stored");
    return json;
}

PictureRule parse_rule(const Json& json, const std::string& source) {
    PictureRule rule;
    std::vector<std::string> sizes;
    for (const auto& [name, value] : resize_names) sizes.emplace_back(name);
    const std::string resize = known_word(json, "resize", "none", sizes, source);
    for (const auto& [name, value] : resize_names)
        if (resize == name) rule.resize = value;
    known_word(json, "interpolation", "area", {"area"}, source);
    rule.channels = known_word(json, "color", "rgb", {"grey", "rgb"}, source) == "grey" ? 1 : 3;
    rule.upright = known_word(json, "orientation", "exif", {"exif", "stored"}, source) == "exif";
    try {
        rule.background = parse_colour(json.get<std::string>("background", "black"));
    } catch (const Error& error) {
        fail(Exit::data, "{}: {}", source, error.what());
    }
    return rule;
}

std::string text(const PictureRule& rule) {
    return fmt::format(
        "{}, {}, over {}, {}", rule.resize == ResizeRule::none ? "not resized" : name_of(rule.resize) + " to size",
        rule.channels == 1 ? "grey" : "rgb", hex(rule.background), rule.upright ? "upright" : "as stored");
}

Colour8 parse_colour(const std::string& text) {
    if (text == "black") return {0, 0, 0};
    if (text == "white") return {255, 255, 255};
    if (text == "grey") return {128, 128, 128};
    const std::string digits = text.starts_with('#') ? text.substr(1) : text;
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 6 || error != std::errc{} || end != digits.data() + digits.size())
        fail(Exit::usage, "'{}' is no colour: black, white, grey or six hexadecimal digits such as ffe0c0", text);
    return {uint8_t(value >> 16), uint8_t(value >> 8), uint8_t(value)};
}

} // namespace ds
