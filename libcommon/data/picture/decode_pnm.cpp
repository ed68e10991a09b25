// PNM: P2 and P5 (grey), P3 and P6 (RGB), in text and in bytes, with 1 to 65535 levels.
#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "data/picture/formats.h"

namespace ds {
namespace {

struct Header {
    int64_t width, height, top;
    bool colour, text;
    size_t end; // where the samples begin
};

/// The next number of a PNM header, past white space and comments.
int64_t next_number(std::string_view text, size_t& at, const std::string& source) {
    while (at < text.size() && (std::isspace(static_cast<unsigned char>(text[at])) || text[at] == '#')) {
        if (text[at] == '#')
            while (at < text.size() && text[at] != '\n') ++at;
        else ++at;
    }
    int64_t value = 0;
    const size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && value < 1'000'000)
        value = value * 10 + (text[at++] - '0');
    if (at == start) fail(Exit::data, "{}: a PNM header with a number missing", source);
    return value;
}

Header read_header(std::string_view text, const std::string& source) {
    Header h{};
    h.end = 2;
    h.width = next_number(text, h.end, source);
    h.height = next_number(text, h.end, source);
    h.top = next_number(text, h.end, source);
    h.colour = text[1] == '3' || text[1] == '6';
    h.text = text[1] == '2' || text[1] == '3';
    check_picture_size(h.height, h.width, text.size(), 1, source);
    if (h.top < 1 || h.top > 65535) fail(Exit::data, "{}: a PNM with {} levels; 1 to 65535 are read", source, h.top);
    h.end = std::min(h.end + 1, text.size());
    return h;
}

/// Up to 255 levels are cut, as they have always been; more are rounded.
uint8_t scaled(int64_t sample, int64_t top) {
    sample = std::min(sample, top);
    return uint8_t(top > 255 ? (sample * 255 + top / 2) / top : sample * 255 / top);
}

std::vector<uint8_t> text_samples(std::string_view text, const Header& h, size_t n, const std::string& source) {
    std::vector<uint8_t> all(n);
    size_t at = h.end;
    for (uint8_t& sample : all) sample = scaled(next_number(text, at, source), h.top);
    return all;
}

std::vector<uint8_t> byte_samples(std::string_view text, const Header& h, size_t n, const std::string& source) {
    const size_t width = h.top > 255 ? 2 : 1;
    if ((text.size() - h.end) / width < n) fail(Exit::data, "{}: the file ends within its pixels", source);
    std::vector<uint8_t> all(n);
    const auto byte = [&](size_t i) { return int64_t(static_cast<unsigned char>(text[h.end + i])); };
    for (size_t i = 0; i < n; ++i)
        all[i] = scaled(width == 2 ? byte(2 * i) << 8 | byte(2 * i + 1) : byte(i), h.top); // the high byte first
    return all;
}

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool colour(Bytes bytes, const std::string& source) { return read_header(as_text(bytes), source).colour; }

Raster decode(Bytes bytes, const std::string& source) {
    const Header h = read_header(as_text(bytes), source);
    Raster raster{h.height, h.width, h.colour ? 3 : 1, false, 1, {}};
    const size_t n = size_t(h.width * h.height * raster.channels);
    if (bytes.size() < n) fail(Exit::data, "{}: the file is too short for {} x {} pixels", source, h.width, h.height);
    raster.samples = h.text ? text_samples(as_text(bytes), h, n, source) : byte_samples(as_text(bytes), h, n, source);
    return raster;
}

bool begins(std::string_view head) {
    return head.size() > 2 && head[0] == 'P' && std::string_view("2356").find(head[1]) != std::string_view::npos &&
           (std::isspace(static_cast<unsigned char>(head[2])) || head[2] == '#');
}

} // namespace

PictureFormat pnm_format() { return {"PNM", begins, colour, decode}; }

} // namespace ds
