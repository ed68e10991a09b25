// What a data file holds, in words and pictures.
#pragma once

#include <string>

#include "base/json.h"
#include "data/batch/source.h"

namespace ds {

/// {samples, columns (with counts, ranges and missing values), splits, warnings, statistics_of (a split, or "" for all
/// rows), history, digest}.
Json describe(const DataSource& source);
std::string description_text(const Json& description);

/// A picture of rows x columns images with their labels, the first ones of the source.
void draw_samples(const DataSource& source, int64_t rows, int64_t columns, const std::string& path);
/// The same with what a model said of them, right or wrong; `csv_path` is a table of ds-eval --predictions.
/// Error(data): another table, or one of another number of samples.
void draw_predictions(const DataSource& source, const std::string& csv_path, int64_t rows, int64_t columns,
                      const std::string& path);

} // namespace ds
