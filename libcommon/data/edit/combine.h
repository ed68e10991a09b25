// Data files of the rows of others: one after another, or some drawn by seed.
#pragma once

#include <string>
#include <vector>

#include "data/edit/edit.h"

namespace ds {

/// Files with the same columns, one after another; names of rows are kept where all files have them, and so are splits
/// of whole files, whose statistics are then those of the training rows. Splits that not all have are told. Returns the
/// rows written.
int64_t concatenate(const std::vector<std::string>& inputs, const std::string& output, const EditRecord& record);

/// `rows` rows drawn by seed, in the order of the file. Returns the rows written.
int64_t sample_data(const std::string& input, const std::string& output, int64_t rows, uint64_t seed,
                    const EditRecord& record);

} // namespace ds
