#include <algorithm>
#include <cmath>
#include <map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "data/csv.h"
#include "data/import.h"

namespace ds {
namespace {

/// Names in the order of the alphabet, numbered.
struct Categories {
    std::vector<std::string> names;
    std::vector<int32_t> numbers; // of each row
};

Categories categories_of(const CsvTable& table, size_t column) {
    std::map<std::string, int32_t> known;
    for (const auto& row : table.rows) known.emplace(row[column], 0);
    Categories all;
    for (auto& [name, number] : known) {
        number = int32_t(all.names.size());
        all.names.push_back(name);
    }
    for (const auto& row : table.rows) all.numbers.push_back(known[row[column]]);
    return all;
}

bool is_number(const std::string& cell) {
    try {
        CsvTable one{{"x"}, {{cell}}, {1}};
        one.number(0, 0, "");
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// A target of names is one of classes; 0 and 1 alone is binary and other numbers are values to predict.
bool target_is_classes(const CsvTable& table, size_t column, bool declared) {
    return declared ||
           !std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return is_number(row[column]); });
}

/// Leaves out rows in which a number is none, when that is asked for.
int64_t drop_bad_rows(CsvTable& table, const std::vector<bool>& numeric) {
    int64_t dropped = 0;
    for (size_t r = table.rows.size(); r-- > 0;) {
        bool sound = true;
        for (size_t c = 0; c < numeric.size(); ++c) sound = sound && (!numeric[c] || is_number(table.rows[r][c]));
        if (sound) continue;
        table.rows.erase(table.rows.begin() + int64_t(r));
        table.lines.erase(table.lines.begin() + int64_t(r));
        ++dropped;
    }
    return dropped;
}

std::vector<float> numbers_of(const CsvTable& table, size_t column, const std::string& source) {
    std::vector<float> values;
    for (size_t r = 0; r < table.rows.size(); ++r) values.push_back(float(table.number(r, column, source)));
    return values;
}

} // namespace

ImportSummary import_csv(const ImportRequest& request, const CsvOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import csv takes one file");
    const std::string source = base_name(request.inputs[0]);
    CsvTable table = parse_csv(read_file(request.inputs[0], size_t{1} << 34), source, request.skip_bad);
    if (table.rows.empty()) fail(Exit::data, "{}: there are no rows under the header", source);
    std::vector<std::string> asked = options.categorical;
    if (!options.target.empty()) asked.push_back(options.target);
    for (const std::string& name : asked)
        if (table.find(name) < 0)
            fail(Exit::usage, "{}: there is no column '{}'; there are: {}", source, name, table.names());
    const int target = options.target.empty() ? -1 : table.find(options.target);
    std::vector<bool> numeric(table.header.size());
    for (size_t c = 0; c < numeric.size(); ++c) {
        const bool named = std::find(options.categorical.begin(), options.categorical.end(), table.header[c]) !=
                           options.categorical.end();
        numeric[c] = int(c) == target ? !target_is_classes(table, c, named) : !named;
    }
    ImportSummary summary;
    summary.skipped = table.left_out;
    if (request.skip_bad) summary.skipped += drop_bad_rows(table, numeric);
    if (table.rows.empty()) fail(Exit::data, "{}: no row could be read", source);
    DataFileWriter writer(request.output);
    MetaWriter meta;
    for (size_t c = 0; c < table.header.size(); ++c) {
        const std::string kind = int(c) == target ? "target" : numeric[c] ? "number" : "category";
        if (numeric[c]) {
            const std::vector<float> values = numbers_of(table, c, source);
            writer.append(writer.add_column({table.header[c], DType::f32, {}, false, kind, {}, {}}),
                          std::as_bytes(std::span(values)));
            if (kind == "target") continue;
            StatisticsGatherer statistics(1);
            for (const float& value : values) statistics.add(&value, 1, 1);
            meta.add(table.header[c], statistics);
        } else {
            const Categories categories = categories_of(table, c);
            writer.append(writer.add_column({table.header[c], DType::i32, {}, false, kind, categories.names, {}}),
                          std::as_bytes(std::span(categories.numbers)));
        }
    }
    writer.set_meta(meta.json());
    writer.set_history({import_record(request, request.inputs)});
    writer.commit();
    summary.samples = int64_t(table.rows.size());
    return summary;
}

} // namespace ds
