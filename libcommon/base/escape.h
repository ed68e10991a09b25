// Text that comes from a file (names, labels, messages that quote them) as it may be printed: what a terminal would
// obey or a reader would take for another line is written out, and what is printed as shell stays in its quotes.
//
// Written out are control characters (\n, \t, \u001b ...), characters that turn the direction of what follows or break
// lines (\u202e, \u2028 ...) and bytes that are no UTF-8 (\xff). Everything else, a backslash too, stands as it is:
// this is for eyes, and is not read back.
#pragma once

#include <string>
#include <string_view>

namespace ds {

/// One line: for a name in the middle of words.
std::string visible(std::string_view text);

/// Whole lines: newlines and tabs stay.
std::string visible_lines(std::string_view text);

/// One word of POSIX shell that stands for exactly these bytes, in quotes where it needs them; a control character
/// becomes "$(printf '\033')". Error(data) for a NUL, which no word of a shell can hold.
std::string shell_word(std::string_view text);

} // namespace ds
