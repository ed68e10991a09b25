// Rows for which a condition holds, as a data file of their own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/edit/condition.h"
#include "data/edit/edit.h"

namespace ds {

/// Those of the rows for which the condition holds, in their order. A comparison with a number that is missing is
/// neither true nor false, and neither is its negation; a name that is missing is the text "". Error(usage) for an
/// unknown column (naming the nearest) and for what cannot be compared; a text that is no name of the column is told.
std::vector<int64_t> rows_where(const DataTable& table, const Condition& condition, std::span<const int64_t> rows);

/// Splits are kept with the rows that are left of them, where `input` names none; statistics are those of the rows that
/// are left of what they were of. Returns the rows written. Error(data) when there are none.
int64_t filter_data(const std::string& input, const std::string& output, const std::string& where,
                    const EditRecord& record);

} // namespace ds
