// What --help, --version, --completion and man pages show: all of it from the declarations.
#pragma once

#include <string>
#include <string_view>

#include "cli/tool.h"

namespace ds::cli {

std::string usage_line(const Command& command); // "ds-eval [OPTION]... MODEL"
std::string help_text(const Command& command);  // 100 columns
std::string version_text(const Tool& tool);
/// Text in which scdoc finds no markup.
std::string scdoc_text(std::string_view text);
std::string man_options(const Command& root); // the OPTIONS section in scdoc's language, subcommands included
/// shell: bash, zsh or fish. A script to be sourced by the shell or put into its completion folder.
std::string completion_script(const Command& root, std::string_view shell);

} // namespace ds::cli
