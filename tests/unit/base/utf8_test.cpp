// UTF-8 byte by byte, held to all code points and to what RFC 3629 forbids.
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace ds {
namespace {

std::string encoded(uint32_t c) {
    if (c < 0x80) return {char(c)};
    if (c < 0x800) return {char(0xC0 | c >> 6), char(0x80 | (c & 63))};
    if (c < 0x10000) return {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
    return {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63)), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
}

TEST(Utf8, TakesEveryCharacterAndNothingElse) {
    int64_t wrong = 0;
    for (uint32_t c = 0; c < 0x200000; ++c) {
        const bool is_one = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
        wrong += (find_not_utf8(encoded(c)) == std::string::npos) != is_one;
        if (is_one) wrong += open_utf8(encoded(c)) != 0;
    }
    EXPECT_EQ(wrong, 0);
}

TEST(Utf8, RefusesOverlongFormsAndStrayBytes) {
    const std::pair<std::string, size_t> table[] = {{"\xC0\x80", 0},         {"\xC1\xBF", 0},  {"\xE0\x9F\xBF", 1},
                                                    {"\xF0\x8F\xBF\xBF", 1}, {"a\x80", 1},     {"\xC3(", 1},
                                                    {"\xE2\x82(", 2},        {"ab\xFF\xFE", 2}};
    for (const auto& [text, place] : table) EXPECT_EQ(find_not_utf8(text), place);
}

TEST(Utf8, SaysHowMuchOfACharacterStandsAtTheEnd) {
    EXPECT_EQ(open_utf8(""), 0u);
    EXPECT_EQ(open_utf8("a"), 0u);
    EXPECT_EQ(open_utf8("a\xC3"), 1u);
    EXPECT_EQ(open_utf8("\xE2\x82"), 2u);
    EXPECT_EQ(open_utf8("\xF0\x9F\x98"), 3u);
    EXPECT_EQ(open_utf8("\xF0\x9F\x98\x80"), 0u);
    EXPECT_EQ(open_utf8("\xF0\x9F"
                        "a\xC3"),
              1u); // after what is no UTF-8
}

} // namespace
} // namespace ds
