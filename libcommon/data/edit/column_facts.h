// What a column of single values holds: range, missing values, counts of classes; and which columns look as if they
// taught nothing or gave the target away.
#pragma once

#include <string>
#include <vector>

#include "data/batch/source.h"

namespace ds {

struct ColumnFacts {
    int64_t rows = 0, missing = 0;
    double least = 0, greatest = 0, mean = 0; // of numbers; 0 where there are none
    std::vector<int64_t> counts;              // rows of each category or class; empty for numbers
    int64_t used() const;                     // categories that some row has
    bool is_constant() const;
};

/// True for columns of one number, category or class a row.
bool has_facts(const ColumnInfo& column);
/// Of the rows of the source, read some at a time.
ColumnFacts column_facts(const DataSource& source, int column);

/// One line for each column that is constant, or that tells the target by itself: rows far from each other in time or
/// kind do not do that, leaks do. Looks at the first million rows.
std::vector<std::string> column_warnings(const DataSource& source, const std::vector<ColumnFacts>& facts);

} // namespace ds
