#include "data/format/csv.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/names.h"
#include "data/text/lines.h"

namespace ds {
namespace {

constexpr size_t buffer_size = size_t{1} << 16, longest_field = size_t{1} << 24;

} // namespace

CsvReader::CsvReader(const Source& source, bool skip_bad, char delimiter)
    : source_(source), name_(source.name()), skip_bad_(skip_bad) {
    if (peek() < 0) fail(Exit::data, "{}: the file is empty; CSV starts with a line of column names", name_);
    if (buffer_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    if (peek() < 0) fail(Exit::data, "{}: the file is empty; CSV starts with a line of column names", name_);
    delimiter_ = delimiter ? delimiter : guess_delimiter();
    if (!read_row()) fail(Exit::data, "{}: line 1: text behind a closing quote", name_);
    header_ = row_;
    std::set<std::string> unique;
    for (std::string& name : header_) {
        if (name.empty()) name = "unnamed"; // pandas writes its index so
        if (!unique.insert(name).second)
            fail(Exit::data, "{}: line 1: the column name '{}' stands twice", name_, shown(name));
    }
}

char CsvReader::guess_delimiter() const {
    int64_t comma = 0, semicolon = 0, tab = 0, bar = 0;
    bool quoted = false;
    for (size_t i = at_; i < buffer_.size(); ++i) {
        const char c = buffer_[i];
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '\n' || c == '\r') break;
        comma += c == ',';
        semicolon += c == ';';
        tab += c == '\t';
        bar += c == '|';
    }
    if (comma > 0 || semicolon + tab + bar == 0) return ',';
    return semicolon >= tab && semicolon >= bar ? ';' : tab >= bar ? '\t' : '|';
}

bool CsvReader::next() {
    while (next_as_it_is()) {
        if (is_whole()) return true;
        if (!skip_bad_) check_row();
        --rows_;
        ++left_out_;
    }
    return false;
}

bool CsvReader::next_as_it_is() {
    for (int c; (c = peek()) >= 0;) {
        line_ = next_line_;
        sound_ = read_row();
        if (c == '\n' || c == '\r') continue; // blank
        fields_ = row_.size();
        row_.resize(header_.size());
        return ++rows_, true;
    }
    return false;
}

void CsvReader::check_row() const {
    if (!sound_) fail(Exit::data, "{}: line {}: text behind a closing quote", name_, line_);
    if (!is_whole())
        fail(Exit::data, "{}: line {}: {} fields where the header has {}", name_, line_, fields_, header_.size());
}

int CsvReader::find(const std::string& column) const {
    auto at = std::find(header_.begin(), header_.end(), column);
    if (at == header_.end())
        at = std::find_if(header_.begin(), header_.end(), [&](const auto& h) { return csv_column_name(h) == column; });
    return at == header_.end() ? -1 : int(at - header_.begin());
}

std::string CsvReader::columns() const { return fmt::format("{}", fmt::join(header_, ", ")); }

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

bool CsvReader::read_row() {
    size_t fields = 0;
    do {
        if (row_.size() == fields) row_.emplace_back();
        read_field(row_[fields++]);
    } while (accept(delimiter_));
    row_.resize(fields);
    const bool sound = end_of_line();
    while (!sound && !end_of_line()) take();
    ++next_line_;
    return sound;
}

bool CsvReader::end_of_line() {
    if (accept('\r')) return accept('\n'), true;
    return accept('\n') || peek() < 0;
}

void CsvReader::read_field(std::string& to) {
    to.clear();
    skip_blanks();
    if (accept('"')) {
        read_quoted(to);
        return skip_blanks();
    }
    const char ends[] = {delimiter_, '\r', '\n', 0};
    while (peek() >= 0) { // as much at a time as the buffer has
        const size_t end = std::min(buffer_.find_first_of(ends, at_), buffer_.size());
        to.append(buffer_, at_, end - at_);
        at_ = end;
        if (to.size() > longest_field) fail(Exit::data, "{}: line {}: a field of more than 16 MiB", name_, next_line_);
        if (end < buffer_.size()) break;
    }
    while (!to.empty() && is_blank(static_cast<unsigned char>(to.back()))) to.pop_back();
}

void CsvReader::skip_blanks() {
    while (is_blank(peek())) take();
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

bool parse_csv_number(std::string_view cell, double& value, char decimal) {
    if (decimal != '.') {
        std::string with_points(cell); // a point there is none of a fraction: 1.500 may be one and a half thousand
        if (cell.find('.') != cell.npos) return false;
        std::ranges::replace(with_points, decimal, '.');
        return parse_csv_number(with_points, value);
    }
    if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return error == std::errc{} && end == cell.data() + cell.size() &&
           std::abs(value) <= double(std::numeric_limits<float>::max());
}

namespace {

/// Exactly `digits` digits at the front of `text`, which are taken off.
bool take_number(std::string_view& text, size_t digits, int& value) {
    if (text.size() < digits) return false;
    value = 0;
    for (char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return false;
        value = 10 * value + (c - '0');
    }
    text.remove_prefix(digits);
    return true;
}

bool take_char(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

bool take_day(std::string_view& text, int& year, int& month, int& day) {
    std::string_view rest = text;
    for (char separator : {'-', '/'}) {
        rest = text;
        if (take_number(rest, 4, year) && take_char(rest, separator) && take_number(rest, 2, month) &&
            take_char(rest, separator) && take_number(rest, 2, day))
            return text = rest, true;
    }
    rest = text;
    const bool german = take_number(rest, 2, day) && take_char(rest, '.') && take_number(rest, 2, month) &&
                        take_char(rest, '.') && take_number(rest, 4, year);
    if (german) text = rest;
    return german;
}

/// "", or a blank or T, HH:MM and perhaps :SS with or without a fraction, and perhaps Z; as a part of the day.
bool take_time(std::string_view text, double& part) {
    part = 0;
    if (text.empty()) return true;
    int hour = 0, minute = 0, second = 0;
    if (!take_char(text, 'T') && !take_char(text, ' ')) return false;
    if (!take_number(text, 2, hour) || !take_char(text, ':') || !take_number(text, 2, minute)) return false;
    if (take_char(text, ':') && !take_number(text, 2, second)) return false;
    if (take_char(text, '.'))
        while (!text.empty() && text[0] >= '0' && text[0] <= '9') text.remove_prefix(1);
    take_char(text, 'Z');
    part = (hour * 3600.0 + minute * 60.0 + second) / 86400;
    return text.empty() && hour < 24 && minute < 60 && second < 61;
}

} // namespace

bool parse_csv_date(std::string_view cell, double& days) {
    int year = 0, month = 0, day = 0;
    double part = 0;
    if (!take_day(cell, year, month, day) || !take_time(cell, part)) return false;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                           std::chrono::day(unsigned(day))};
    if (!date.ok()) return false;
    days = double(std::chrono::sys_days(date).time_since_epoch().count()) + part;
    return true;
}

std::string csv_field(const std::string& text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    const bool plain = !text.empty() && text.find_first_of(",;|\t\"\r\n") == std::string::npos &&
                       !is_blank(text.front()) && !is_blank(text.back()) &&
                       !text.starts_with("\xef\xbb\xbf"); // an empty one alone would be a blank line
    if (plain) return text;
    std::string out = "\"";
    for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

} // namespace ds
