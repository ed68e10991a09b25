// Patterns of file names that the tools expand themselves: 'shard-*.h5', 'shard-?.h5:train'. A shell would stop at the
// colon of a split, and may refuse a line of thousands of names.
#pragma once

#include <string>
#include <vector>

namespace ds::cli {

/// Each text that holds *, ? or [ and is no file of that name gives the files that match, numbers in their names in
/// numerical order, each with the text's ":split"; other texts stay. Error(no_input) where nothing matches.
std::vector<std::string> expand_patterns(const std::vector<std::string>& texts);

/// "shard-2" before "shard-10"; texts of equal numbers in the order of their bytes.
bool naturally_less(const std::string& a, const std::string& b);

} // namespace ds::cli
