// The last line of a terminal's stderr, shared by progress and log: whoever prints a full line first
// erases the progress line, so that the two never run into each other. Thread-safe.
#pragma once

#include <string_view>

namespace ds {

/// stderr is a terminal that understands cursor movement.
bool stderr_is_terminal();
/// Writes one whole line (a newline is added), erasing a status line that stands there.
void print_line(std::string_view line);
/// Redraws the status line in place, cut to the terminal's width.
void draw_status_line(std::string_view line);
void erase_status_line();

} // namespace ds
