// Rows that belong together, as the results of one query do: a column of kind "group" names the group of each. It is no
// input of models; losses and metrics of rankings look at rows of one group alone.
//
// A loss takes the groups of a batch as the target input groups_of + COLUMN, i32[N,2]: a row's group as a number, -1
// for a row that only fills the batch up, and its place within the group, from 0 in the order of the data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/source.h"

namespace ds {

/// Before the column's name. No column has a name with a slash.
constexpr std::string_view groups_of = "group/";
/// The target input of the number of each row in its batch, i32[N]: what tells a row from the others. No column is
/// read.
constexpr std::string_view row_numbers = "row/number";
inline bool is_of_groups(std::string_view input) { return input.starts_with(groups_of); }

/// The column of groups, -1: there is none. Error(data) when there are several.
int group_column(const DataSource& source);

class Groups {
public:
    /// Error(data) naming the first row whose group has no name.
    Groups(const DataSource& source, int column);

    int64_t count() const { return int64_t(starts_.size()) - 1; }
    /// Rows of the source in group g, in their order. Groups are numbered in the order in which they come.
    std::span<const int64_t> rows(int64_t g) const;
    int32_t number(int64_t row) const { return number_[size_t(row)]; }
    int32_t place(int64_t row) const { return place_[size_t(row)]; }
    /// What is kept of so many rows.
    static int64_t bytes(int64_t rows) { return rows * int64_t(sizeof(int64_t) + 2 * sizeof(int32_t)); }

private:
    std::vector<int32_t> number_, place_; // of each row
    std::vector<int64_t> rows_, starts_;  // rows by group, and where each group starts
};

} // namespace ds
