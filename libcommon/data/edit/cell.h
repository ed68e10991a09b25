// One cell of a data file as what people look at: an image, a class name, a number.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/batch/source.h"
#include "data/picture/image.h"

namespace ds {

/// The first column of the kind ("image", "target", ...), -1 where there is none.
int find_kind(const DataTable& file, const std::string& kind);
/// How many pixels of these rows of a mask column have each of the 256 values.
std::vector<int64_t> pixel_counts(const DataTable& file, int column, std::span<const int64_t> rows);
/// The image column. Error(data) where there is none.
int image_column(const DataSource& source);
/// Error(data) unless the column holds bytes [C,H,W] with C = 1 or 3.
Image image_at(const DataSource& source, int column, int64_t row);
/// A class or a number, as the column holds it: the name of the class, its number where it has none; "" where a number
/// is missing.
std::string cell_text(const ColumnInfo& column, const std::byte* raw);
/// The name of the class, its number where it has none; "" where the column holds no classes or is -1.
std::string label_at(const DataSource& source, int column, int64_t row);

} // namespace ds
