#include "base/escape.h"

#include "base/error.h"
#include "base/utf8.h"

namespace ds {
namespace {

struct Character {
    size_t length = 1; // in bytes
    char32_t code = 0;
    bool valid = false;
};

/// The first character of a text that is not empty; a byte alone where UTF-8 does not allow it.
Character first_character(std::string_view text) {
    Utf8 state;
    Character c;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (!state.take(byte)) break;
        const bool begins = i == 0;
        const size_t length = begins ? 1 + state.missing() : 0;
        c.code = !begins ? c.code << 6 | (byte & 0x3fu) : length == 1 ? byte : byte & (0x7fu >> length);
        if (state.missing() == 0) return {i + 1, c.code, true};
    }
    return c;
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
