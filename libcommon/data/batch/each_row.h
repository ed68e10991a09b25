// A column's numbers, row by row in the order of the source, in bounded memory.
#pragma once

#include <functional>
#include <span>

#include "data/batch/source.h"

namespace ds {

/// Calls `each` with the number of every row of the source (from 0) and its elements, until it says false; of a ragged
/// column as many as the row has. Error(data) for elements that are no numbers.
void each_row(const DataSource& source, int column,
              const std::function<bool(int64_t row, std::span<const double> elements)>& each);

} // namespace ds
