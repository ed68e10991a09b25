// Comma-separated values (RFC 4180) with a header line. Fields may be quoted; lines end in LF, CR LF or CR. Blanks
// around a field do not belong to it, unless they are quoted. The delimiter may be another one, as a header without a
// comma shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/seal/source.h"

namespace ds {

/// Reads rows one after another in bounded memory. Error(data) naming source and line: a row of another length (left
/// out and counted with `skip_bad`, as is one with text behind a closing quote), an open quote, a repeated column name
/// (one may be empty, as that of an index is: it is called "unnamed"), a zero byte.
class CsvReader {
public:
    /// Reads the header; `source` must live as long. `delimiter` 0: a comma or, where the header has none outside
    /// quotes, the most frequent of ; tab and |.
    explicit CsvReader(const Source& source, bool skip_bad = false, char delimiter = 0);

    const std::string& source() const { return name_; }
    char delimiter() const { return delimiter_; }
    const std::vector<std::string>& header() const { return header_; }
    /// A column by its name in the file, or else as an import would store it; -1 when there is none.
    int find(const std::string& column) const;
    std::string columns() const; // "a, b, c"
    /// The next row, as long as the header; false at the end.
    bool next();
    /// The same, but a row that next() would refuse or leave out comes as well, cut to the length of the header or with
    /// empty fields behind it: check_row() refuses it.
    bool next_as_it_is();
    /// Error(data) naming the line of a row of another length, or with text behind a closing quote.
    void check_row() const;
    const std::vector<std::string>& row() const { return row_; }
    int64_t line() const { return line_; }      // where the row starts, from 1
    int64_t rows_read() const { return rows_; } // the row included
    int64_t left_out() const { return left_out_; }
    uint64_t position() const { return offset_ - (buffer_.size() - at_); } // bytes read, for progress

private:
    bool is_whole() const { return sound_ && fields_ == header_.size(); }
    int peek(); // -1 at the end
    void take() { ++at_; }
    bool accept(char c);
    bool read_row(); // false when it is malformed
    bool end_of_line();
    void skip_blanks();
    bool is_blank(int c) const { return (c == ' ' || c == '\t') && c != static_cast<unsigned char>(delimiter_); }
    char guess_delimiter() const; // by the first line in the buffer
    void read_field(std::string& to);
    void read_quoted(std::string& to);

    const Source& source_;
    std::string name_;
    bool skip_bad_;
    char delimiter_ = ',';
    std::string buffer_;
    size_t at_ = 0;       // in the buffer
    uint64_t offset_ = 0; // of the source: where the buffer ends
    bool sound_ = true;   // the row
    size_t fields_ = 0;   // that it has
    int64_t line_ = 1, next_line_ = 1, rows_ = 0, left_out_ = 0;
    std::vector<std::string> header_, row_;
};

/// What an import calls the column: each run of what data files do not store in names becomes '_'.
std::string csv_column_name(const std::string& header);
/// A finite number that a float holds, too; false for anything else. A plus before it is read over. `decimal`: what
/// stands before its fraction, a point or a comma.
bool parse_csv_number(std::string_view cell, double& value, char decimal = '.');
/// A date as days since 1970-01-01: 2024-02-29, 2024/02/29 or 29.02.2024, with a time of day behind it (a blank or T,
/// HH:MM or HH:MM:SS, Z) or without. False for anything else, and for a day that no calendar has.
bool parse_csv_date(std::string_view cell, double& days);
/// The field as it is written: quoted where it must be.
std::string csv_field(const std::string& text);

} // namespace ds
