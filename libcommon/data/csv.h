// Comma-separated values (RFC 4180) with a header line. Fields may be quoted; lines end in LF, CR LF or CR.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/source.h"

namespace ds {

/// Reads rows one after another in bounded memory. Error(data) naming source and line: a row of another length (left
/// out and counted with `skip_bad`), an open quote, an empty or repeated column name, a zero byte.
class CsvReader {
public:
    explicit CsvReader(const Source& source, bool skip_bad = false); // reads the header; `source` must live as long

    const std::vector<std::string>& header() const { return header_; }
    /// The next row, as long as the header; false at the end.
    bool next();
    const std::vector<std::string>& row() const { return row_; }
    int64_t line() const { return line_; } // where the row starts, from 1
    /// Field `column` of the row as a finite number that a float holds, too. Error(data) naming line and column.
    double number(size_t column) const;
    int64_t left_out() const { return left_out_; }
    uint64_t position() const { return offset_ - (buffer_.size() - at_); } // bytes read, for progress

private:
    int peek(); // -1 at the end
    void take() { ++at_; }
    bool accept(char c);
    void read_row();
    void read_field(std::string& to);
    void read_quoted(std::string& to);
    bool end_of_line();

    const Source& source_;
    std::string name_;
    bool skip_bad_;
    std::string buffer_;
    size_t at_ = 0;       // in the buffer
    uint64_t offset_ = 0; // of the source: where the buffer ends
    int64_t line_ = 1, next_line_ = 1, left_out_ = 0;
    std::vector<std::string> header_, row_;
};

/// A small table, read whole.
struct CsvTable {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows; // each as long as the header
    std::vector<int64_t> lines;                 // where each row starts, from 1
    /// A column by its name in the file, or else as an import would store it; -1 when there is none.
    int find(const std::string& column) const;
    std::string names() const; // "a, b, c"
    /// As CsvReader::number.
    double number(size_t row, size_t column, const std::string& source) const;
};
CsvTable parse_csv(std::string_view text, const std::string& source);

/// What an import calls the column: each run of what data files do not store in names becomes '_'.
std::string csv_column_name(const std::string& header);
/// A finite number that a float holds, too; false for anything else.
bool parse_csv_number(std::string_view cell, double& value);
/// The field as it is written: quoted where it must be.
std::string csv_field(const std::string& text);

} // namespace ds
