// The options of ds-info, and what it does: one thing a call.
#pragma once

#include "base/exit.h"
#include "cli/groups.h"

namespace ds::cli {

struct InfoSettings {
    std::string model, other, output, signed_by;
    bool history = false, script = false, check = false, model_file = false, graph = false, dot = false, params = false,
         verify = false, seal = false, json = false;
};

void info_options(Command& command, InfoSettings& settings);
/// Does what is asked for; the summary when nothing is. Error(usage) naming two options that do not go together.
Exit show_info(const InfoSettings& settings);

} // namespace ds::cli
