// What a data file holds, in words, pictures and foreign formats.
#pragma once

#include <string>

#include "base/json.h"
#include "data/source.h"

namespace ds {

/// {samples, columns, splits, history, digest}.
Json describe(const DataSource& source);
std::string description_text(const Json& description);

/// A picture of rows x columns images with their labels, the first ones of the source.
void draw_samples(const DataSource& source, int64_t rows, int64_t columns, const std::string& path);

/// Images of a source as PNG files, a folder a class, under `folder`. Returns how many.
int64_t export_png(const DataSource& source, const std::string& folder);
/// One column as a .npy file.
void export_npy(const DataSource& source, const std::string& column, const std::string& path);
/// Columns of single numbers and categories as CSV.
std::string csv_text(const DataSource& source);

} // namespace ds
