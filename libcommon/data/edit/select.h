// Some columns of a data file, as they are.
#pragma once

#include <string>
#include <vector>

#include "data/edit/edit.h"

namespace ds {

struct SelectRequest {
    std::string input, output;
    std::vector<std::string> columns{}; // to keep, in this order; empty: all but those of `drop`
    std::vector<std::string> drop{};
};

/// Rows, splits and statistics stay. Returns how many columns are left. Error(usage) for unknown columns, naming the
/// nearest, and when none is left.
int64_t select_columns(const SelectRequest& request, const EditRecord& record);

} // namespace ds
