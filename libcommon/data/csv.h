// Comma-separated values (RFC 4180) with a header line. Fields may be quoted; lines end in LF or CR LF.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ds {

struct CsvTable {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows; // each as long as the header
    std::vector<int64_t> lines;                 // where each row starts, from 1
    int64_t left_out = 0;                       // rows of another length, where the caller asked for that
    int find(const std::string& column) const;  // -1
    std::string names() const;                  // "a, b, c"
    /// A finite number that a float holds, too; Error(data) naming source, line and column.
    double number(size_t row, size_t column, const std::string& source) const;
};

/// Error(data) naming source and line: a row of another length (left out and counted with `skip_bad`), an open quote,
/// an empty or repeated column name.
CsvTable parse_csv(std::string_view text, const std::string& source, bool skip_bad = false);
/// The field as it is written: quoted where it must be.
std::string csv_field(const std::string& text);

} // namespace ds
