// Characters of texts: UTF-8, where a byte that is none is read as Latin-1; and their lower case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ds {

/// The character at a place, which moves behind it.
char32_t take_character(std::string_view text, size_t& at);
/// As UTF-8.
void append_character(std::string& to, char32_t c);

/// Unicode's lower case of one character by itself, whatever the language and what stands beside it: a final sigma is a
/// sigma, and the capital I with a dot an i. What has none is its own.
char32_t lower(char32_t c);
/// Of all characters, as UTF-8.
std::string lowered(std::string_view text);

} // namespace ds
