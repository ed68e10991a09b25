// The subcommands of ds-data that put rows together anew: split, cat, sample.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/groups.h"

namespace ds::cli {

struct RowSettings {
    std::vector<std::string> inputs;
    std::string file, output, validation, test, group, time, fold, by;
    std::optional<int64_t> seed;
    int64_t rows = 0;
    bool stratify = false, force = false;
};

void row_commands(Command& tool, RowSettings& settings);

} // namespace ds::cli
