// What rows are grouped, ordered or chosen by: a column as one number a row.
#pragma once

#include <string>
#include <vector>

#include "io/data_file/data_file.h"

namespace ds {

/// The numbers of a column in the order of the file: numbers and dates as they are, categories and classes by their
/// numbers, ids by a number for each. Error(usage) for an unknown column, listing the known; Error(data) for arrays,
/// text, and where a number is missing.
std::vector<double> row_keys(const DataTable& file, const std::string& column);

} // namespace ds
