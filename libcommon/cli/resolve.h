// Values from their sources: command line > environment > config file > the tool's own source > default.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "cli/tool.h"

namespace ds::cli {

/// Stores each option's value. `arguments` as from parse_arguments; `config` is a config file's tree or null.
/// Every source is checked whole, also where a stronger one wins. Error(usage) for the command line,
/// Error(config) for environment and file.
void resolve(Command& command, const std::vector<std::pair<Option*, std::string>>& arguments, const Yaml& config);

/// Error(usage) when a required option has no value.
void check_required(const Command& command);

/// The resolved values as a YAML file for --config; a comment names where each came from.
std::string print_config(const Command& command);

} // namespace ds::cli
