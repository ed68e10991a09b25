#include "data/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

constexpr size_t buffer_size = size_t{1} << 16, longest_field = size_t{1} << 24;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

double finite(const std::string& cell, const std::string& source, int64_t line, const std::string& column) {
    double value = 0;
    if (!parse_csv_number(cell, value))
        fail(Exit::data, "{}: line {}: column '{}' has '{}', which is no finite number", source, line, column,
             shown(cell));
    return value;
}

} // namespace

CsvReader::CsvReader(const Source& source, bool skip_bad) : source_(source), name_(source.name()), skip_bad_(skip_bad) {
    if (peek() < 0) fail(Exit::data, "{}: the file is empty; CSV starts with a line of column names", name_);
    if (buffer_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    if (peek() < 0) fail(Exit::data, "{}: the file is empty; CSV starts with a line of column names", name_);
    read_row();
    header_ = row_;
    const std::set<std::string> unique(header_.begin(), header_.end());
    if (unique.size() != header_.size() || unique.count(""))
        fail(Exit::data, "{}: line 1: column names are empty or stand twice", name_);
}

bool CsvReader::next() {
    while (peek() >= 0) {
        line_ = next_line_;
        read_row();
        if (row_.size() == 1 && row_[0].empty()) continue; // a blank line
        if (row_.size() == header_.size()) return true;
        if (!skip_bad_)
            fail(Exit::data, "{}: line {}: {} fields where the header has {}", name_, line_, row_.size(),
                 header_.size());
        ++left_out_;
    }
    return false;
}

double CsvReader::number(size_t column) const { return finite(row_[column], name_, line_, header_[column]); }

int CsvReader::peek() {
    if (at_ == buffer_.size()) {
        buffer_.resize(size_t(std::min<uint64_t>(buffer_size, source_.size() - offset_)));
        source_.read(offset_, std::as_writable_bytes(std::span(buffer_)));
        offset_ += buffer_.size();
        at_ = 0;
        if (buffer_.find('\0') != std::string::npos) fail(Exit::data, "{}: a zero byte; this is no CSV text", name_);
        if (buffer_.empty()) return -1;
    }
    return static_cast<unsigned char>(buffer_[at_]);
}

bool CsvReader::accept(char c) {
    if (peek() != static_cast<unsigned char>(c)) return false;
    take();
    return true;
}

void CsvReader::read_row() {
    size_t fields = 0;
    do {
        if (row_.size() == fields) row_.emplace_back();
        read_field(row_[fields++]);
    } while (accept(','));
    row_.resize(fields);
    if (!end_of_line()) fail(Exit::data, "{}: line {}: text behind a closing quote", name_, next_line_);
    ++next_line_;
}

bool CsvReader::end_of_line() {
    if (accept('\r')) return accept('\n'), true;
    return accept('\n') || peek() < 0;
}

void CsvReader::read_field(std::string& to) {
    to.clear();
    if (accept('"')) return read_quoted(to);
    while (peek() >= 0) { // as much at a time as the buffer has
        const size_t end = std::min(buffer_.find_first_of(",\r\n", at_), buffer_.size());
        to.append(buffer_, at_, end - at_);
        at_ = end;
        if (to.size() > longest_field) fail(Exit::data, "{}: line {}: a field of more than 16 MiB", name_, next_line_);
        if (end < buffer_.size()) return;
    }
}

void CsvReader::read_quoted(std::string& to) {
    const int64_t opened = next_line_;
    for (;;) {
        const int c = peek();
        if (c < 0 || to.size() > longest_field)
            fail(Exit::data, "{}: line {}: a quote is opened and never closed", name_, opened);
        take();
        if (c == '"' && !accept('"')) return;
        if (c == '\n') ++next_line_;
        to += char(c);
    }
}

int CsvTable::find(const std::string& column) const {
    auto at = std::find(header.begin(), header.end(), column);
    if (at == header.end())
        at = std::find_if(header.begin(), header.end(), [&](const auto& h) { return csv_column_name(h) == column; });
    return at == header.end() ? -1 : int(at - header.begin());
}

std::string CsvTable::names() const { return fmt::format("{}", fmt::join(header, ", ")); }

double CsvTable::number(size_t row, size_t column, const std::string& source) const {
    return finite(rows[row][column], source, lines[row], header[column]);
}

CsvTable parse_csv(std::string_view text, const std::string& source) {
    const auto bytes = std::as_bytes(std::span(text));
    const Source memory(source, {bytes.begin(), bytes.end()});
    CsvReader reader(memory);
    CsvTable table{reader.header(), {}, {}};
    while (reader.next()) {
        table.rows.push_back(reader.row());
        table.lines.push_back(reader.line());
    }
    return table;
}

std::string csv_column_name(const std::string& header) {
    std::string name;
    for (const char c : header) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                           c == '-' || c == '.';
        if (plain) name += c;
        else if (name.empty() || name.back() != '_') name += '_';
    }
    return name.size() <= 200 && name != "." && name != ".." ? name : "_" + name.substr(0, 199);
}

bool parse_csv_number(std::string_view cell, double& value) {
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return error == std::errc{} && end == cell.data() + cell.size() &&
           std::abs(value) <= double(std::numeric_limits<float>::max());
}

std::string csv_field(const std::string& text) {
    const bool plain = text.find_first_of(",\"\r\n") == std::string::npos && !text.starts_with("\xef\xbb\xbf");
    if (plain) return text;
    std::string out = "\"";
    for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

} // namespace ds
