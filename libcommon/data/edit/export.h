// Data files as foreign formats.
#pragma once

#include <string>

#include "data/batch/source.h"

namespace ds {

/// The first `rows` images (0: all) as PNG files, a folder a class, under `folder`. Returns how many.
/// Error(cannot_create) where another picture has the name of one, before any is written.
int64_t export_png(const DataSource& source, int64_t rows, const std::string& folder);
/// One column as a .npy file. Error(usage): no such column, or rows of different lengths.
void export_npy(const DataSource& source, const std::string& column, const std::string& path);
/// Columns of single numbers and categories as CSV.
/// The words of texts and, where there are some, their tags, a tab between them and an empty line behind each text.
/// Error(usage) where the source has no texts whose words stand apart.
void export_conll(const DataSource& source, const std::string& path);
void export_csv(const DataSource& source, const std::string& path);

} // namespace ds
