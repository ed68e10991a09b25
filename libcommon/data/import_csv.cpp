// CSV becomes columns of numbers and of categories. The text is read two or three times, a row at a time: to see what
// the target is, which categories there are, and to write; so memory holds the names of categories, not the table.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/progress.h"
#include "data/csv.h"
#include "data/import.h"

namespace ds {
namespace {

bool is_number(const std::string& cell) {
    double ignored = 0;
    return parse_csv_number(cell, ignored);
}

/// The least and the greatest of a column's numbers.
struct Extent {
    double least = 0, greatest = 0;
    bool any = false;
    void add(double x) {
        least = any ? std::min(least, x) : x;
        greatest = any ? std::max(greatest, x) : x;
        any = true;
    }
    bool collapses() const { return least < greatest && float(least) == float(greatest); }
};

/// What the file's columns are.
class CsvImport {
public:
    CsvImport(const ImportRequest& request, const CsvOptions& options, const Source& source)
        : request_(request), source_(source), name_(source.name()) {
        const CsvReader reader(source, request.skip_bad);
        header_ = reader.header();
        name_columns();
        for (const std::string& column : options.categorical) named_.insert(find(column));
        if (!options.target.empty()) target_ = int(find(options.target));
        for (size_t c = 0; c < header_.size(); ++c) numeric_.push_back(!named_.contains(c));
        if (target_ >= 0 && numeric_[size_t(target_)]) numeric_[size_t(target_)] = is_numeric(size_t(target_));
        categories_.resize(header_.size());
        labels_.resize(header_.size());
        find_categories();
    }

    ImportSummary write() {
        ImportSummary summary;
        DataFileWriter writer(request_.output);
        std::vector<int> columns;
        for (size_t c = 0; c < header_.size(); ++c) columns.push_back(writer.add_column(column_info(c)));
        std::vector<StatisticsGatherer> statistics(header_.size(), StatisticsGatherer(1));
        std::vector<std::vector<float>> numbers(header_.size());
        std::vector<Extent> extents(header_.size());
        std::vector<std::vector<int32_t>> classes(header_.size());
        int64_t held = 0;
        const auto flush = [&] {
            for (size_t c = 0; c < header_.size(); ++c) {
                for (const float& value : numbers[c]) statistics[c].add(&value, 1, 1);
                writer.append(columns[c], numeric_[c] ? std::as_bytes(std::span(numbers[c]))
                                                      : std::as_bytes(std::span(classes[c])));
                numbers[c].clear();
                classes[c].clear();
            }
            held = 0;
        };
        Progress progress("importing", int64_t(source_.size()), "bytes");
        CsvReader reader(source_, request_.skip_bad);
        while (reader.next()) {
            if (is_left_out(reader)) {
                ++summary.skipped;
                continue;
            }
            for (size_t c = 0; c < header_.size(); ++c) {
                if (!numeric_[c]) {
                    classes[c].push_back(categories_[c].at(reader.row()[c]));
                    continue;
                }
                extents[c].add(reader.number(c));
                numbers[c].push_back(float(reader.number(c)));
            }
            ++summary.samples;
            if (++held == rows_at_a_time) flush();
            progress.update(int64_t(reader.position()));
        }
        flush();
        progress.finish();
        summary.skipped += reader.left_out();
        if (summary.samples == 0 && summary.skipped > 0) fail(Exit::data, "{}: no row could be read", name_);
        if (summary.samples == 0) fail(Exit::data, "{}: there are no rows under the header", name_);
        for (size_t c = 0; c < header_.size(); ++c)
            if (extents[c].collapses())
                log::warning(fmt::format("column '{}' differs only in digits that 32-bit floats do not hold; subtract "
                                         "what its numbers share",
                                         shown(header_[c])));
        MetaWriter meta;
        for (size_t c = 0; c < header_.size(); ++c)
            if (numeric_[c] && int(c) != target_) meta.add(names_[c], statistics[c]);
        writer.set_meta(meta.json());
        writer.set_history({import_record(request_, {input_of(source_)})});
        writer.commit();
        return summary;
    }

private:
    static constexpr int64_t rows_at_a_time = 4096;

    void name_columns() {
        std::map<std::string, std::string> taken;
        for (const std::string& header : header_) {
            names_.push_back(csv_column_name(header));
            const auto [other, is_new] = taken.emplace(names_.back(), header);
            if (!is_new)
                fail(Exit::data, "{}: line 1: columns '{}' and '{}' would both be called {}; rename one", name_,
                     shown(other->second), shown(header), names_.back());
            if (names_.back() != header)
                log::info(fmt::format("column '{}' is called {}", shown(header), names_.back()));
        }
    }
    /// A column by its name in the file, or as it is stored.
    size_t find(const std::string& column) const {
        for (size_t c = 0; c < header_.size(); ++c)
            if (header_[c] == column || names_[c] == column) return c;
        fail(Exit::usage, "{}: there is no column '{}'; there are: {}", name_, column, fmt::join(header_, ", "));
    }
    /// A target of names is one of classes; 0 and 1 alone is binary and other numbers are values to predict. Where most
    /// are numbers, what is none is a mistake in the file, and makes no class.
    bool is_numeric(size_t column) const {
        CsvReader reader(source_, request_.skip_bad);
        int64_t numbers = 0, others = 0, line = 0;
        std::string other;
        while (reader.next()) {
            if (is_number(reader.row()[column])) {
                ++numbers;
            } else if (others++ == 0) {
                line = reader.line();
                other = reader.row()[column];
            }
        }
        if (others == 0) return true;
        if (numbers <= others) return false;
        if (!request_.skip_bad)
            fail(
                Exit::data,
                "{}: line {}: the target '{}' has '{}' where most are numbers; mend it, leave it out by --skip-bad, or "
                "give --categorical {} to take all of them for names",
                name_, line, header_[column], shown(other), shown(header_[column]));
        return true;
    }
    /// A row in which a number is none, when that is asked for.
    bool is_left_out(const CsvReader& reader) const {
        if (!request_.skip_bad) return false;
        for (size_t c = 0; c < header_.size(); ++c)
            if (numeric_[c] && !is_number(reader.row()[c])) return true;
        return false;
    }
    /// Names in the order of the alphabet, numbered.
    void find_categories() {
        if (std::ranges::all_of(numeric_, [](bool b) { return b; })) return;
        CsvReader reader(source_, request_.skip_bad);
        while (reader.next()) {
            if (is_left_out(reader)) continue;
            for (size_t c = 0; c < header_.size(); ++c)
                if (!numeric_[c]) categories_[c].try_emplace(reader.row()[c], 0);
        }
        for (size_t c = 0; c < header_.size(); ++c) {
            for (const auto& [label, number] : categories_[c]) labels_[c].push_back(label);
            std::ranges::sort(labels_[c]);
            for (size_t k = 0; k < labels_[c].size(); ++k) categories_[c][labels_[c][k]] = int32_t(k);
        }
    }
    ColumnInfo column_info(size_t c) const {
        const std::string kind = int(c) == target_ ? "target" : numeric_[c] ? "number" : "category";
        return {names_[c], numeric_[c] ? DType::f32 : DType::i32, {}, false, kind, labels_[c], {}};
    }

    const ImportRequest& request_;
    const Source& source_;
    std::string name_; // of the source, in messages
    std::vector<std::string> header_, names_;
    std::set<size_t> named_; // columns declared to be categories
    int target_ = -1;
    std::vector<bool> numeric_;
    std::vector<std::unordered_map<std::string, int32_t>> categories_; // the number of each name
    std::vector<std::vector<std::string>> labels_;                     // and the name of each number
};

} // namespace

ImportSummary import_csv(const ImportRequest& request, const CsvOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import csv takes one file");
    const Source source(request.inputs[0], true);
    return CsvImport(request, options, source).write();
}

} // namespace ds
