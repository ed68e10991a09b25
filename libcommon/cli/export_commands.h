// The subcommands of ds-data export, one for each foreign format.
#pragma once

#include <string>

#include "cli/groups.h"

namespace ds::cli {

struct ExportSettings {
    std::string file, output, column;
    int64_t rows = 0;
};

void export_commands(Command& tool, ExportSettings& settings);

} // namespace ds::cli
