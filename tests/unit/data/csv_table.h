// A CSV text read whole, to be looked at in tests.
#pragma once

#include <string>
#include <vector>

#include "data/format/csv.h"

namespace ds::test {

struct CsvTable {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
    std::vector<int64_t> lines; // where each row starts, from 1
};

inline CsvTable parse_csv(std::string_view text, bool skip_bad = false) {
    const auto bytes = std::as_bytes(std::span(text));
    const Source memory("t", {bytes.begin(), bytes.end()});
    CsvReader reader(memory, skip_bad);
    CsvTable table{reader.header(), {}, {}};
    while (reader.next()) {
        table.rows.push_back(reader.row());
        table.lines.push_back(reader.line());
    }
    return table;
}

} // namespace ds::test
