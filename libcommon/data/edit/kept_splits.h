// Splits of a file of which some rows are kept: what is left of each, and which rows the statistics are of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/batch/source.h"

namespace ds {

class KeptSplits {
public:
    /// `rows`: those of the file that are kept, in the new order. A source that is one split leaves none. A split of
    /// which nothing is left is told; Error(data) when it is the one whose statistics the file has.
    KeptSplits(const DataSource& source, const std::vector<int64_t>& rows);
    void write(DataFileWriter& to) const;
    /// The split whose rows the statistics are of; "" for all rows.
    const std::string& statistics_split() const { return statistics_split_; }
    /// Rows of the old file.
    const std::vector<int64_t>& statistics_rows() const { return statistics_rows_; }
    /// Whether the rows of the new file are among them.
    std::vector<bool> in_statistics(size_t new_rows) const;

private:
    std::map<std::string, std::vector<int64_t>> splits_; // rows of the new file
    std::string statistics_split_;
    std::vector<int64_t> statistics_rows_;
};

} // namespace ds
