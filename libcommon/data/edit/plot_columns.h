// The columns of a data file as a sheet of charts.
#pragma once

#include <string>
#include <vector>

#include "data/batch/source.h"
#include "data/picture/sheet.h"

namespace ds {

/// Histograms of numbers and dates (a bin for each of a few whole numbers, else 30), bars of classes and categories
/// (the most frequent ones where there are many), what is missing; of other columns, what they are.
std::vector<CountChart> column_charts(const DataSource& source);

/// Draws them. At most 400 columns; a line tells when there are more.
void plot_columns(const DataSource& source, const std::string& path);

} // namespace ds
