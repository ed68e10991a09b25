// Names for the classes of a data file's target. Columns are taken over byte by byte, with their digests.
#pragma once

#include <string>
#include <vector>

#include "data/edit/edit.h"

namespace ds {

/// One name a line; blank lines are refused.
std::vector<std::string> read_names(const std::string& path);

/// Gives the target's classes names and rewrites the file. Error(data) when a label has no name or names repeat.
void name_classes(const std::string& path, const std::vector<std::string>& names, const EditRecord& record);
/// That name_classes would do: asked for every file before the first one is rewritten. Errors as it gives.
void check_class_names(const std::string& path, const std::vector<std::string>& names);

} // namespace ds
