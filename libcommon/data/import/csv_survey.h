// What the columns of a CSV file hold, seen in one pass in bounded memory: numbers, dates, names, nothing.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "data/format/csv.h"

namespace ds {

/// From here on up 32-bit floats, and 64-bit floats, take two whole numbers for one.
constexpr double first_wide = 1 << 24, first_lossy = double(int64_t{1} << 53);

/// How often a column's cells are each; a cell is one of these.
struct CsvSurvey {
    int64_t numbers = 0, dates = 0, names = 0;
    int64_t odd = 0;                       // nan, inf, and numbers that no float holds: no names, and no numbers either
    int64_t missing = 0, missing_line = 0; // and the line of the first of them
    bool zero_one = true;                  // every number is 0 or 1
    double least = INFINITY, greatest = -INFINITY; // of the numbers
    bool has_times = false;                        // some date has a time of day
    struct Cell {
        std::string text;
        int64_t line = 0; // 0: there is none
    };
    Cell number, date, other; // the first that is a number, a date, neither
    Cell lossy;               // the first whole number that 64-bit floats do not hold
    int64_t commas = 0;       // names that would be numbers if a comma stood before the fraction
    Cell comma;               // and the first of them

    int64_t filled() const { return numbers + dates + names + odd; }
    bool is_date() const { return dates > 0 && numbers + names < dates; }
    /// Where most are numbers, what is none is a slip and makes no name.
    bool is_name() const { return names + dates > 0 && !is_date() && numbers + odd <= names + dates; }
    /// Cells that do not fit what the column is.
    int64_t slips() const { return is_name() ? 0 : names + odd + (is_date() ? numbers : dates); }
    /// Whether 32-bit floats would make one of what differs: they hold no whole number above 2^24 to its last digit,
    /// nor the time of a day.
    bool is_wide() const {
        return is_date()
                   ? has_times
                   : std::max(-least, greatest) >= first_wide || (least < greatest && float(least) == float(greatest));
    }
    /// The first of them; slips() > 0.
    const Cell& slip() const {
        const Cell& kind = is_date() ? number : date;
        return other.line == 0 || (kind.line > 0 && kind.line < other.line) ? kind : other;
    }
};

bool is_missing(const std::string& cell, const std::vector<std::string>& words);

/// Of every column, in the order of the header; rows of another length are left out where the reader leaves them out.
/// `decimal`: what stands before fractions.
std::vector<CsvSurvey> survey(CsvReader& reader, const std::vector<std::string>& missing, char decimal);

} // namespace ds
