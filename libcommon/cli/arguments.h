// argv to (option, text) pairs. Only here is CLI11 used; values are neither converted nor stored.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/tool.h"

namespace ds::cli {

/// The leaf command that the first words name; they are removed from `words`. A branch is returned when the
/// words end or go on with an option. Error(usage) for an unknown subcommand, naming the nearest.
Command& find_command(Command& root, std::vector<std::string>& words);

/// Options and positionals in the order in which they stand; "true" and "false" for flags.
/// Error(usage): unknown option (naming the nearest), missing value, too many positionals.
std::vector<std::pair<Option*, std::string>> parse_arguments(Command& command, std::vector<std::string> words);

} // namespace ds::cli
