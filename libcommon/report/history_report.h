// A history in words.
#pragma once

#include <string>
#include <vector>

namespace ds {

/// One line a command since the raw data: what it was told, what it read, what it measured. Error(data).
std::string history_text(const std::vector<std::string>& history);

} // namespace ds
