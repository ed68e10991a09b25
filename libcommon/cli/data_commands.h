// The subcommands of ds-data: what each is told, and which library call it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/groups.h"

namespace ds::cli {

struct DataSettings {
    std::vector<std::string> inputs;
    std::string file, output, names, validation;
    std::optional<int64_t> seed;
    bool json = false, stratify = false, skip_bad = false;
};

void data_commands(Command& tool, DataSettings& settings);

} // namespace ds::cli
