// The tools of this family as programs: found beside this one or on PATH, asked, and started.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ds::cli {

/// The names behind "ds-" of all tools found, sorted: "data", "train".
std::vector<std::string> tool_names();
/// Where ds-NAME is. Error(usage) for an unknown name, with the nearest one.
std::filesystem::path find_tool(const std::string& name);
/// What ds-NAME is for, by its own --help; "" when it does not say.
std::string tool_purpose(const std::string& name);
/// Becomes a program (argv is `words`), with this process's streams. Returns only when it cannot be started.
void execute(const std::string& program, const std::vector<std::string>& words);

} // namespace ds::cli
