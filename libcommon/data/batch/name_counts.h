// How many rows have each name of a data source's category columns: what a model can learn of a name.
#pragma once

#include "data/batch/facts.h"
#include "data/batch/source.h"

namespace ds {

/// Fills in `rows_of` of the facts of columns with one category a row, from all rows of the source, which are read.
void count_names(const DataSource& source, DataFacts& facts);

} // namespace ds
