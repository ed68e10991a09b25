// Rows of which one side is the same: of pairs (user and item, picture and caption), those of one user, or of one item.
// A loss or metric that tells a row's partner from those of the others must not take the same one for another.
//
// They come as the target input that alike_input names, i32[N,2]: for each side a number, equal where all columns of
// the side are. A side without columns is the same in no two rows, and one of a single column that is missing in none.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/source.h"

namespace ds {

/// Before the names of the columns. No column has a name with a slash.
constexpr std::string_view alike_in = "alike/";
inline bool is_of_alike(std::string_view input) { return input.starts_with(alike_in); }
/// "alike/user/age//item".
std::string alike_input(const std::vector<std::string>& first, const std::vector<std::string>& second);

class Alike {
public:
    /// Error(data) naming a column that is not there, or that has neither names nor one number a row.
    Alike(const DataSource& source, const std::string& input);
    const std::array<int32_t, 2>& numbers(int64_t row) const { return numbers_[size_t(row)]; }
    /// What is kept of so many rows, and at most of their values while they are numbered.
    static int64_t bytes(int64_t rows) { return rows * int64_t(2 * sizeof(int32_t) + 128); }

private:
    std::vector<std::array<int32_t, 2>> numbers_;
};

/// The numbers of the second side alone; where the source lacks one of its columns, each row is its own.
std::vector<int32_t> second_numbers(const DataSource& source, const std::string& input);

} // namespace ds
