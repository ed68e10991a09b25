#include "data/import/csv_survey.h"

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

void count(CsvSurvey& column, const std::string& cell, const CsvReader& row, const std::vector<std::string>& missing) {
    double value = 0;
    if (is_missing(cell, missing)) {
        if (column.missing++ == 0) column.missing_line = row.line();
        return;
    }
    CsvSurvey::Cell* first = &column.other;
    if (parse_csv_number(cell, value)) {
        ++column.numbers;
        column.zero_one = column.zero_one && (value == 0 || value == 1);
        first = &column.number;
    } else if (parse_csv_date(cell, value)) {
        ++column.dates;
        first = &column.date;
    } else {
        ++(looks_like_number(cell) ? column.odd : column.names);
    }
    if (first->line == 0) *first = {cell, row.line()};
}

} // namespace

bool is_missing(const std::string& cell, const std::vector<std::string>& words) {
    return std::ranges::find(words, cell) != words.end();
}

std::vector<CsvSurvey> survey(CsvReader& reader, const std::vector<std::string>& missing) {
    std::vector<CsvSurvey> columns(reader.header().size());
    while (reader.next())
        for (size_t c = 0; c < columns.size(); ++c) count(columns[c], reader.row()[c], reader, missing);
    return columns;
}

} // namespace ds
