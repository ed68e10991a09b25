// Any bytes as a CSV file: an Error, or a table that reads back the same when it is written; and its import, with and
// without categories, a target and bad rows, and with columns of every use.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "../unit/data/csv_table.h"
#include "import_file.h"

namespace {

void add_row(std::string& text, const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) text += (i ? "," : "") + ds::csv_field(row[i]);
    text += "\n";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::test::CsvTable table;
    for (const bool skip_bad : {false, true})
        ds::fuzz::import_files(
            [&](ds::ImportRequest request) {
                request.skip_bad = skip_bad;
                return ds::import_csv(request, skip_bad ? ds::CsvOptions{{"y"}, {"a"}} : ds::CsvOptions{});
            },
            {{data, size}});
    ds::fuzz::import_files(
        [](const ds::ImportRequest& request) {
            ds::CsvOptions options;
            options.target = {"y,z"};
            options.missing = {"NA", ""};
            options.drop = {"d"};
            options.id = "i";
            options.group = "g";
            options.weight = "w";
            options.delimiter = ';';
            options.decimal = ',';
            options.label_separator = '|';
            return ds::import_csv(request, options);
        },
        {{data, size}});
    try {
        table = ds::test::parse_csv({reinterpret_cast<const char*>(data), size});
    } catch (const ds::Error&) {
        return 0;
    }
    std::string text;
    add_row(text, table.header);
    for (const auto& row : table.rows) add_row(text, row);
    const ds::test::CsvTable again = ds::test::parse_csv(text);
    if (again.header != table.header || again.rows != table.rows) std::abort();
    return 0;
}
