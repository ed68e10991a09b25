#include "base/utf8.h"

namespace ds {
namespace {

bool begins(uint8_t byte) { return byte < 0x80 || (byte >= 0xC2 && byte <= 0xF4); }

} // namespace

bool Utf8::allows(uint8_t byte) const { return missing_ ? byte >= least_ && byte <= most_ : begins(byte); }

bool Utf8::take(uint8_t byte) {
    if (!allows(byte)) return false;
    if (missing_) {
        --missing_;
        taken_ = missing_ ? taken_ + 1 : 0;
        least_ = 0x80, most_ = 0xBF;
        return true;
    }
    missing_ = byte < 0x80 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    taken_ = missing_ ? 1 : 0;
    least_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80; // shorter forms are to be used where there are any
    most_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;  // surrogates; beyond U+10FFFF
    return true;
}

size_t find_not_utf8(std::string_view text) {
    Utf8 state;
    for (size_t i = 0; i < text.size(); ++i)
        if (!state.take(static_cast<uint8_t>(text[i]))) return i;
    return std::string_view::npos;
}

size_t open_utf8(std::string_view text) {
    Utf8 state;
    for (const char c : text) {
        if (state.take(static_cast<uint8_t>(c))) continue;
        state = Utf8();
        state.take(static_cast<uint8_t>(c));
    }
    return state.open();
}

} // namespace ds
