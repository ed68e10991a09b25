// The metadata of several data files together, from that of each: what a file of all their rows would say.
#pragma once

#include <functional>
#include <memory>

#include "io/data_file/data_table.h"

namespace ds {

using DataParts = std::vector<std::shared_ptr<const DataTable>>;

/// Statistics are weighted by the rows that they are of (a deviation is that of all rows about the common mean); a
/// category is unseen where no part has seen it; rules of pictures are the common one, or none where a part has none;
/// words for what is missing are those of all. The rest is the first part's. `numbers(part, column)`: the number among
/// `columns` of each name of a part, empty where they are the same. Error(data) for pictures imported by other rules.
std::string joined_meta(const DataParts& parts, const std::vector<ColumnInfo>& columns,
                        const std::function<const std::vector<int32_t>&(size_t part, size_t column)>& numbers);

/// Error(data) where statistics are of splits of different names, or some parts have none for a column.
void require_same_statistics(const DataParts& parts);

} // namespace ds
