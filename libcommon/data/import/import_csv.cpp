// CSV becomes columns of numbers and of categories. The text is read two or three times, a row at a time: to see what
// the target is, which categories there are, and to write; so memory holds the names of categories, not the table.
#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/progress.h"
#include "data/format/csv.h"
#include "data/import/import.h"

namespace ds {
namespace {

bool is_number(const std::string& cell) {
    double ignored = 0;
    return parse_csv_number(cell, ignored);
}

/// A column on its way into the data file.
struct Column {
    std::string header, name; // in the CSV file, and as it is stored
    size_t at = 0;            // in a row
    bool numeric = true, target = false;
    std::unordered_map<std::string, int32_t> categories; // the number of each name
    std::vector<std::string> labels;                     // and the name of each number
    std::vector<float> numbers;                          // rows that wait to be written: these
    std::vector<int32_t> classes;                        // or these
    StatisticsGatherer statistics{1};
    double least = INFINITY, greatest = -INFINITY;

    ColumnInfo info() const {
        const std::string kind = target ? "target" : numeric ? "number" : "category";
        return {name, numeric ? DType::f32 : DType::i32, {}, false, kind, labels, {}};
    }
    /// Names in the order of the alphabet, numbered.
    void number_names() {
        for (const auto& [label, number] : categories) labels.push_back(label);
        std::ranges::sort(labels);
        for (size_t k = 0; k < labels.size(); ++k) categories[labels[k]] = int32_t(k);
    }
    void take(const CsvReader& row) {
        if (!numeric) {
            const auto found = categories.find(row.row()[at]);
            if (found == categories.end()) fail(Exit::data, "{}: changes while it is read", row.source());
            classes.push_back(found->second);
            return;
        }
        const double number = row.number(at);
        least = std::min(least, number);
        greatest = std::max(greatest, number);
        numbers.push_back(float(number));
    }
    void write(DataFileWriter& writer, int place) {
        for (const float& value : numbers) statistics.add(&value, 1, 1);
        writer.append(place, numeric ? std::as_bytes(std::span(numbers)) : std::as_bytes(std::span(classes)));
        numbers.clear();
        classes.clear();
    }
    bool collapses() const { return least < greatest && float(least) == float(greatest); }
};

class CsvImport {
public:
    CsvImport(const ImportRequest& request, const CsvOptions& options, const Source& source)
        : request_(request), source_(source) {
        const CsvReader reader(source, request.skip_bad);
        name_columns(reader.header());
        for (const std::string& column : options.categorical) find(column).numeric = false;
        if (!options.target.empty()) {
            Column& target = find(options.target);
            target.target = true;
            if (target.numeric) target.numeric = is_numeric(target);
        }
        find_categories();
    }

    ImportSummary write() {
        DataFileWriter writer(request_.output);
        for (const Column& column : columns_) writer.add_column(column.info());
        const ImportSummary summary = write_rows(writer);
        if (summary.samples == 0)
            fail(Exit::data, "{}: {}", source_.name(),
                 summary.skipped > 0 ? "no row could be read" : "there are no rows under the header");
        MetaWriter meta;
        for (const Column& column : columns_) {
            if (column.numeric && !column.target) meta.add(column.name, column.statistics);
            if (column.collapses())
                log::warning(fmt::format("column '{}' differs only in digits that 32-bit floats do not hold; subtract "
                                         "what its numbers share",
                                         shown(column.header)));
        }
        writer.set_meta(meta.json());
        writer.set_history({import_record(request_, {input_of(source_)})});
        writer.commit();
        return summary;
    }

private:
    static constexpr int64_t rows_at_a_time = 4096;

    void name_columns(const std::vector<std::string>& headers) {
        std::map<std::string, std::string> taken;
        for (const std::string& header : headers) {
            Column column;
            column.header = header;
            column.name = csv_column_name(header);
            column.at = columns_.size();
            const auto [other, is_new] = taken.emplace(column.name, header);
            if (!is_new)
                fail(Exit::data, "{}: line 1: columns '{}' and '{}' would both be called {}; rename one",
                     source_.name(), shown(other->second), shown(header), column.name);
            if (column.name != header) log::info(fmt::format("column '{}' is called {}", shown(header), column.name));
            columns_.push_back(std::move(column));
        }
    }
    /// A column by its name in the file, or as it is stored.
    Column& find(const std::string& name) {
        std::string known;
        for (Column& column : columns_) {
            if (column.header == name || column.name == name) return column;
            known += (known.empty() ? "" : ", ") + column.header;
        }
        fail(Exit::usage, "{}: there is no column '{}'; there are: {}", source_.name(), name, known);
    }
    /// A target of names is one of classes; 0 and 1 alone is binary and other numbers are values to predict. Where most
    /// are numbers, what is none is a mistake in the file, and makes no class.
    bool is_numeric(const Column& target) const {
        CsvReader reader(source_, request_.skip_bad);
        int64_t numbers = 0, others = 0, line = 0;
        std::string other;
        while (reader.next()) {
            if (is_number(reader.row()[target.at])) {
                ++numbers;
            } else if (others++ == 0) {
                line = reader.line();
                other = reader.row()[target.at];
            }
        }
        if (others > 0 && numbers <= others) return false;
        if (others > 0 && !request_.skip_bad)
            fail(
                Exit::data,
                "{}: line {}: the target '{}' has '{}' where most are numbers; mend it, leave it out by --skip-bad, or "
                "give --categorical {} to take all of them for names",
                source_.name(), line, target.header, shown(other), shown(target.header));
        return true;
    }
    /// A row in which a number is none, when that is asked for.
    bool is_left_out(const CsvReader& reader) const {
        return request_.skip_bad && std::ranges::any_of(columns_, [&](const Column& column) {
                   return column.numeric && !is_number(reader.row()[column.at]);
               });
    }
    void find_categories() {
        if (std::ranges::all_of(columns_, &Column::numeric)) return;
        CsvReader reader(source_, request_.skip_bad);
        while (reader.next()) {
            if (is_left_out(reader)) continue;
            for (Column& column : columns_)
                if (!column.numeric) column.categories.try_emplace(reader.row()[column.at], 0);
        }
        for (Column& column : columns_) column.number_names();
    }
    ImportSummary write_rows(DataFileWriter& writer) {
        ImportSummary summary;
        Progress progress("importing", int64_t(source_.size()), "bytes");
        CsvReader reader(source_, request_.skip_bad);
        while (reader.next()) {
            if (is_left_out(reader)) {
                ++summary.skipped;
                continue;
            }
            for (Column& column : columns_) column.take(reader);
            if (++summary.samples % rows_at_a_time == 0) flush(writer);
            progress.update(int64_t(reader.position()));
        }
        flush(writer);
        progress.finish();
        summary.skipped += reader.left_out();
        return summary;
    }
    void flush(DataFileWriter& writer) {
        for (Column& column : columns_) column.write(writer, int(column.at));
    }

    const ImportRequest& request_;
    const Source& source_;
    std::vector<Column> columns_; // their places in the data file are those in a row
};

} // namespace

ImportSummary import_csv(const ImportRequest& request, const CsvOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import csv takes one file");
    const Source source(request.inputs[0], true);
    return CsvImport(request, options, source).write();
}

} // namespace ds
