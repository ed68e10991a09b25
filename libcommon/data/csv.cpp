#include "data/csv.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"

namespace ds {
namespace {

class Reader {
public:
    Reader(std::string_view text, const std::string& source) : text_(text), source_(source) {}
    bool at_end() const { return at_ >= text_.size(); }
    int64_t line() const { return line_; }
    std::vector<std::string> row() {
        std::vector<std::string> fields;
        do fields.push_back(field());
        while (accept(','));
        accept('\r');
        if (!at_end() && !accept('\n')) fail(Exit::data, "{}: line {}: text behind a closing quote", source_, line_);
        ++line_;
        return fields;
    }

private:
    bool accept(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    std::string field() {
        if (accept('"')) return quoted();
        const size_t start = at_;
        while (!at_end() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
        return std::string(text_.substr(start, at_ - start));
    }
    std::string quoted() {
        std::string out;
        const int64_t opened = line_;
        for (;;) {
            if (at_end()) fail(Exit::data, "{}: line {}: a quote is opened and never closed", source_, opened);
            const char c = text_[at_++];
            if (c == '"' && !accept('"')) return out;
            if (c == '\n') ++line_;
            out += c;
        }
    }
    std::string_view text_;
    const std::string& source_;
    size_t at_ = 0;
    int64_t line_ = 1;
};

} // namespace

int CsvTable::find(const std::string& column) const {
    for (size_t i = 0; i < header.size(); ++i)
        if (header[i] == column) return int(i);
    return -1;
}

std::string CsvTable::names() const {
    std::string list;
    for (const std::string& name : header) list += (list.empty() ? "" : ", ") + name;
    return list;
}

double CsvTable::number(size_t row, size_t column, const std::string& source) const {
    const std::string& cell = rows[row][column];
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc{} || end != cell.data() + cell.size() ||
        !(std::abs(value) <= double(std::numeric_limits<float>::max())))
        fail(Exit::data, "{}: line {}: column '{}' has '{}', which is no finite number", source, lines[row],
             header[column], cell);
    return value;
}

CsvTable parse_csv(std::string_view text, const std::string& source, bool skip_bad) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (text.find('\0') != std::string_view::npos) fail(Exit::data, "{}: a zero byte; this is no CSV text", source);
    if (text.empty()) fail(Exit::data, "{}: the file is empty; CSV starts with a line of column names", source);
    Reader reader(text, source);
    CsvTable table;
    table.header = reader.row();
    const std::set<std::string> unique(table.header.begin(), table.header.end());
    if (unique.size() != table.header.size() || unique.count(""))
        fail(Exit::data, "{}: line 1: column names are empty or stand twice", source);
    while (!reader.at_end()) {
        const int64_t line = reader.line();
        std::vector<std::string> row = reader.row();
        if (row.size() == 1 && row[0].empty()) continue; // a blank line
        if (row.size() != table.header.size() && skip_bad) {
            ++table.left_out;
            continue;
        }
        if (row.size() != table.header.size())
            fail(Exit::data, "{}: line {}: {} fields where the header has {}", source, line, row.size(),
                 table.header.size());
        table.rows.push_back(std::move(row));
        table.lines.push_back(line);
    }
    return table;
}

std::string csv_field(const std::string& text) {
    const bool plain = text.find_first_of(",\"\r\n") == std::string::npos && !text.starts_with("\xef\xbb\xbf");
    if (plain) return text;
    std::string out = "\"";
    for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

} // namespace ds
