// The files that a command reads and writes: a file option that is recorded is an input, one that is not an output.
// That the outputs can be written is seen before any work, they are kept apart, and --depfile tells make of them, as
// compilers do.
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

/// Inputs are never changed: Error(usage) when an output is an input, by whatever path, or another output. Only a run
/// that is resumed may be written to where it was read from.
void check_files_apart(const Command& leaf);

/// Stdin is read once: Error(usage) naming the two that would.
void check_stdin(const Command& leaf);

/// Every output can be made: nobody waits an hour for a file that cannot be written. Errors: those of check_output.
void check_outputs(const Command& leaf);

} // namespace ds::cli
