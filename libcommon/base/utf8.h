// UTF-8 byte by byte: which bytes may follow, and how much of a text ends inside of a character.
// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ds {

class Utf8 {
public:
    /// True when `byte` may come now: it begins a character, or goes on with the one that was begun.
    bool allows(uint8_t byte) const;
    /// Takes a byte that is allowed. False for one that is not, which changes nothing.
    bool take(uint8_t byte);
    /// Bytes of a character that has begun and not ended, and those that it still lacks.
    size_t open() const { return taken_; }
    size_t missing() const { return missing_; }

private:
    size_t taken_ = 0, missing_ = 0;
    uint8_t least_ = 0x80, most_ = 0xBF; // of the next byte, when one is missing
};

/// Where the first byte stands that UTF-8 does not allow; npos when there is none. A text may end inside of a
/// character.
size_t find_not_utf8(std::string_view text);
/// How many bytes at the end of a text belong to a character that does not end in it.
size_t open_utf8(std::string_view text);

} // namespace ds
