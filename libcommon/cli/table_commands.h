// The subcommands of ds-data that work on tables as a shell user would: select, filter, join.
#pragma once

#include "cli/tool.h"

namespace ds::cli {

struct TableSettings {
    std::vector<std::string> inputs, columns, drop;
    std::string file, output, where, key;
    bool left = false;
};

void table_commands(Command& tool, TableSettings& settings);

} // namespace ds::cli
