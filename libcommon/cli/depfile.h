// --depfile: what make needs to know of a command that it cannot see, as compilers tell it: the outputs, and
// the files that they were made from. A file option that is recorded is an input, one that is not an output.
#pragma once

#include <string>

#include "cli/tool.h"

namespace ds::cli {

/// Whether the command names output files.
bool has_outputs(const Command& leaf);

/// "OUTPUT...: INPUT..." and an empty rule for each input, so that a removed one does not stop make.
/// Splits (FILE:SPLIT) are cut off and shipped models become their files; streams are left out.
/// `config` is the --config file, or empty. Error(usage) when the command line names no output.
std::string depfile_text(const Command& leaf, const std::string& config);

} // namespace ds::cli
