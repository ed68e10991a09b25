#include "base/escape.h"

#include "base/error.h"

namespace ds {
namespace {

struct Character {
    size_t length = 1; // in bytes
    char32_t code = 0;
    bool valid = false;
};

/// How many bytes the character that begins with this byte has; 0 for a byte that begins none.
size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The first character of a text that is not empty, after RFC 3629: no overlong forms, no surrogates.
Character first_character(std::string_view text) {
    Character c;
    const auto first = static_cast<unsigned char>(text[0]);
    const size_t length = length_of(first);
    if (length == 0 || length > text.size()) return c;
    char32_t code = length == 1 ? first : first & (0x7fu >> length);
    for (size_t i = 1; i < length; ++i) {
        if (!continues(text[i])) return c;
        code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return c;
    return {length, code, true};
}

bool is_harmless(const Character& c) {
    if (!c.valid) return false;
    const bool control = c.code < 0x20 || (c.code >= 0x7f && c.code < 0xa0);
    const bool breaks_lines = c.code == 0x2028 || c.code == 0x2029;
    const bool turns = (c.code >= 0x202a && c.code <= 0x202e) || (c.code >= 0x2066 && c.code <= 0x2069) ||
                       c.code == 0x200e || c.code == 0x200f || c.code == 0x061c;
    return !control && !breaks_lines && !turns;
}

std::string written_out(const Character& c, char byte) {
    if (!c.valid) return fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    if (c.code == '\n') return "\\n";
    if (c.code == '\t') return "\\t";
    if (c.code == '\r') return "\\r";
    return fmt::format("\\u{:04x}", uint32_t(c.code));
}

std::string escaped(std::string_view text, std::string_view kept) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character c = first_character(text);
        if (is_harmless(c) || kept.find(text[0]) != kept.npos) out += text.substr(0, c.length);
        else out += written_out(c, text[0]);
        text.remove_prefix(c.length);
    }
    return out;
}

bool is_plain(std::string_view word) {
    return !word.empty() &&
           word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%") ==
               word.npos;
}

/// Bytes by printf, outside of single quotes that were open: '"$(printf '\033')"'.
std::string by_printf(std::string_view bytes) {
    std::string out = "'\"$(printf '";
    for (const char c : bytes) out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    return out + "')\"'";
}

} // namespace

std::string visible(std::string_view text) { return escaped(text, ""); }

std::string visible_lines(std::string_view text) { return escaped(text, "\n\t"); }

size_t unfinished(std::string_view text) {
    for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const char c = text[text.size() - back];
        if (!continues(c)) return length_of(static_cast<unsigned char>(c)) > back ? back : 0;
    }
    return 0;
}

std::string shell_word(std::string_view text) {
    if (is_plain(text)) return std::string(text);
    std::string out = "'";
    while (!text.empty()) {
        const Character c = first_character(text);
        if (text[0] == '\0') fail(Exit::data, "a word holds a NUL, which no shell can say");
        if (text[0] == '\'') out += "'\\''";
        else if (is_harmless(c) || text[0] == '\n' || text[0] == '\t') out += text.substr(0, c.length);
        else out += by_printf(text.substr(0, c.length));
        text.remove_prefix(c.length);
    }
    return out + "'";
}

} // namespace ds
