// A text line by line, in memory that a line bounds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "io/seal/source.h"

namespace ds {

/// What some programs begin a UTF-8 text with; it is no part of it.
inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Calls each(line, its number from 1) for the lines of a source: without their ends (LF, CR LF), a byte order mark at
/// the start left out. Error(data) naming source and line for one of more than 16 MiB.
void each_line(const Source& source, const std::function<void(std::string_view line, int64_t number)>& each);

/// A text without a byte order mark. Error(data) naming it for a zero byte, and for one of more than 16 MiB.
std::string_view checked_text(std::string_view text, const std::string& name);

} // namespace ds
