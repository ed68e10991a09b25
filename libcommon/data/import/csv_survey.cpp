#include "data/import/csv_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ds {
namespace {

/// nan, inf and 1e400 are written as numbers are; that they are not taken makes them no names.
bool looks_like_number(std::string_view cell) {
    if (cell.starts_with('+') || cell.starts_with('-')) cell.remove_prefix(1);
    double ignored = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), ignored);
    return end == cell.data() + cell.size() && error != std::errc::invalid_argument;
}

/// A whole number is kept as it is written, or not: leading zeros are no digits of it.
bool loses_digits(std::string_view cell, double value) {
    if (std::abs(value) < first_lossy) return false;
    cell.remove_prefix(cell.starts_with('+') || cell.starts_with('-'));
    cell.remove_prefix(std::min(cell.find_first_not_of('0'), cell.size()));
    const bool digits = cell.find_first_not_of("0123456789") == cell.npos;
    return digits && cell != fmt::format("{:.0f}", std::abs(value));
}

void count_number(CsvSurvey& column, const std::string& cell, double value, const CsvReader& row) {
    ++column.numbers;
    column.zero_one = column.zero_one && (value == 0 || value == 1);
    column.least = std::min(column.least, value);
    column.greatest = std::max(column.greatest, value);
    if (column.lossy.line == 0 && loses_digits(cell, value)) column.lossy = {cell, row.line()};
}

void count_name(CsvSurvey& column, const std::string& cell, const CsvReader& row, char decimal) {
    double ignored = 0;
    ++column.names;
    if (decimal == ',' || !parse_csv_number(cell, ignored, ',')) return;
    if (column.commas++ == 0) column.comma = {cell, row.line()};
}

void count(CsvSurvey& column, const std::string& cell, const CsvReader& row, const std::vector<std::string>& missing,
           char decimal) {
    double value = 0;
    if (is_missing(cell, missing)) {
        if (column.missing++ == 0) column.missing_line = row.line();
        return;
    }
    CsvSurvey::Cell* first = &column.other;
    if (parse_csv_number(cell, value, decimal)) {
        count_number(column, cell, value, row);
        first = &column.number;
    } else if (parse_csv_date(cell, value)) {
        ++column.dates;
        column.has_times = column.has_times || value != std::floor(value);
        first = &column.date;
    } else if (looks_like_number(cell)) {
        ++column.odd;
    } else {
        count_name(column, cell, row, decimal);
    }
    if (first->line == 0) *first = {cell, row.line()};
}

} // namespace

bool is_missing(const std::string& cell, const std::vector<std::string>& words) {
    return std::ranges::find(words, cell) != words.end();
}

std::vector<CsvSurvey> survey(CsvReader& reader, const std::vector<std::string>& missing, char decimal) {
    std::vector<CsvSurvey> columns(reader.header().size());
    while (reader.next())
        for (size_t c = 0; c < columns.size(); ++c) count(columns[c], reader.row()[c], reader, missing, decimal);
    return columns;
}

} // namespace ds
