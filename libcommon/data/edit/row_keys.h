// What rows are grouped, ordered or chosen by: a column as one number a row, other ones for other values.
#pragma once

#include <string>
#include <vector>

#include "io/data_file/data_file.h"

namespace ds {

/// The numbers of a column in the order of the file: numbers and dates as they are, categories and classes by their
/// numbers, ids by a number for each, integers that doubles do not hold by their rank. Error(usage) for an unknown
/// column, listing the known; Error(data) for arrays, text, and where a number is missing, unless it `may_miss`: it is
/// NaN then.
std::vector<double> row_keys(const DataTable& file, const std::string& column, bool may_miss = false);

/// The first whole number of which a column of this type holds two as one; infinity where it holds every one.
double exact_below(DType dtype);
/// Error(data) where numbers of the column may have been different ones before they were stored, so that rows with the
/// same number need not belong together.
void require_exact(const DataTable& file, const std::string& column, const std::vector<double>& keys);

} // namespace ds
