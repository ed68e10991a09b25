// What the columns of a CSV file hold, seen in one pass in bounded memory: numbers, dates, names, nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/format/csv.h"

namespace ds {

/// How often a column's cells are each; a cell is one of these.
struct CsvSurvey {
    int64_t numbers = 0, dates = 0, names = 0;
    int64_t odd = 0;                       // nan, inf, and numbers that no float holds: no names, and no numbers either
    int64_t missing = 0, missing_line = 0; // and the line of the first of them
    bool zero_one = true;                  // every number is 0 or 1
    struct Cell {
        std::string text;
        int64_t line = 0; // 0: there is none
    };
    Cell number, date, other; // the first that is a number, a date, neither

    int64_t filled() const { return numbers + dates + names + odd; }
    bool is_date() const { return dates > 0 && numbers + names < dates; }
    /// Where most are numbers, what is none is a slip and makes no name.
    bool is_name() const { return names + dates > 0 && !is_date() && numbers + odd <= names + dates; }
    /// Cells that do not fit what the column is.
    int64_t slips() const { return is_name() ? 0 : names + odd + (is_date() ? numbers : dates); }
    /// The first of them; slips() > 0.
    const Cell& slip() const {
        const Cell& kind = is_date() ? number : date;
        return other.line == 0 || (kind.line > 0 && kind.line < other.line) ? kind : other;
    }
};

bool is_missing(const std::string& cell, const std::vector<std::string>& words);

/// Of every column, in the order of the header; rows of another length are left out where the reader leaves them out.
std::vector<CsvSurvey> survey(CsvReader& reader, const std::vector<std::string>& missing);

} // namespace ds
