#include "data/text/characters.h"

#include <utf8proc.h>

#include <cstdint>

#include "base/utf8.h"

namespace ds {

char32_t take_character(std::string_view text, size_t& at) {
    const auto first = static_cast<uint8_t>(text[at]);
    const size_t length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const std::string_view one = text.substr(at, length);
    if (length == 1 || one.size() < length || find_not_utf8(one) != one.npos) return ++at, first; // or Latin-1
    at += length;
    char32_t c = first & (0xffu >> (length + 1));
    for (const char next : one.substr(1)) c = (c << 6) | (static_cast<uint8_t>(next) & 0x3f);
    return c;
}

void append_character(std::string& to, char32_t c) {
    const auto more = [&](int shift) { to += char(0x80 | ((c >> shift) & 0x3f)); };
    if (c < 0x80) to += char(c);
    else if (c < 0x800) to += char(0xc0 | (c >> 6)), more(0);
    else if (c < 0x10000) to += char(0xe0 | (c >> 12)), more(6), more(0);
    else to += char(0xf0 | (c >> 18)), more(12), more(6), more(0);
}

char32_t lower(char32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return char32_t(utf8proc_tolower(utf8proc_int32_t(c)));
}

std::string lowered(std::string_view text) {
    std::string all;
    for (size_t at = 0; at < text.size();) append_character(all, lower(take_character(text, at)));
    return all;
}

} // namespace ds
