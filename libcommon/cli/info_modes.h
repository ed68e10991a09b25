// The options of ds-info, and what it does: one thing a call.
#pragma once

#include <string>
#include <vector>

#include "base/exit.h"
#include "cli/groups.h"

namespace ds::cli {

struct InfoSettings {
    std::vector<std::string> models;
    std::string model, other, output, signed_by; // model: the first of them
    bool history = false, script = false, check = false, compare = false, csv = false, model_file = false,
         graph = false, dot = false, params = false, verify = false, seal = false, edited = false, json = false;
};

void info_options(Command& command, InfoSettings& settings);
/// Does what is asked for; the summary when nothing is. Error(usage) naming two options that do not go together.
Exit show_info(InfoSettings settings);

} // namespace ds::cli
