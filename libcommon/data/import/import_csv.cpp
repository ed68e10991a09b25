// CSV becomes columns of numbers, dates and categories. The text is read three times, a row at a time: to see what each
// column holds, which categories there are, and to write; so memory holds the names of categories, not the table.
#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/names.h"
#include "base/progress.h"
#include "data/format/csv.h"
#include "data/import/beside_rows.h"
#include "data/import/csv_survey.h"
#include "data/import/import.h"

namespace ds {
namespace {

enum class Holds { numbers, dates, names, labels, ids, texts, nothing };

constexpr size_t most_labels = 1 << 16; // a byte of each stands in every row

/// A column on its way into the data file.
struct Column {
    std::string header, name; // in the CSV file, and as it is stored
    size_t at = 0;            // in a row
    int place = -1;           // in the data file
    Holds holds = Holds::numbers;
    bool target = false, weight = false, group = false;
    bool named = false; // its cells are names because somebody said so
    bool wide = false;  // its numbers are kept in 64 bits
    char decimal = '.'; // what stands before their fractions
    CsvSurvey survey;
    std::unordered_map<std::string, int32_t> categories; // the number of each name
    std::vector<std::string> labels;                     // and the name of each number
    std::vector<double> numbers;                         // rows that wait to be written: these
    std::vector<int32_t> classes;                        // or these
    std::vector<uint8_t> marks;                          // or 1 for each label that a row has, else 0
    std::string ids;                                     // or these, or texts, and their lengths
    std::vector<int64_t> lengths;
    WordCounter words;
    StatisticsGatherer statistics{1};
    int64_t missing = 0;
    double least = INFINITY, greatest = -INFINITY;

    bool has_numbers() const { return holds == Holds::numbers || holds == Holds::dates; }
    ColumnInfo info(int64_t most_words) const {
        if (holds == Holds::ids) return {name, DType::u8, {}, true, group ? "group" : "id", {}, {}};
        if (holds == Holds::texts) return document_column(name, most_words);
        if (holds == Holds::labels)
            return {name, DType::u8, {std::ssize(labels)}, false, "target", labels, {{"values", "0,1"}}};
        const std::string kind = target ? "target" : weight ? "weight" : has_numbers() ? "number" : "category";
        const DType dtype = !has_numbers() ? DType::i32 : wide ? DType::f64 : DType::f32;
        ColumnInfo info{name, dtype, {}, false, kind, labels, {}};
        if (holds == Holds::dates) info.attributes = {{"parse", "date"}, {"unit", "days since 1970-01-01"}};
        if (!target && holds == Holds::numbers && decimal != '.') info.attributes = {{"decimal", {decimal}}};
        if (target && holds == Holds::numbers && survey.zero_one) info.attributes = {{"values", "0,1"}};
        return info;
    }
    /// Names in the order of the alphabet, numbered.
    void number_names() {
        for (const auto& [label, number] : categories) labels.push_back(label);
        std::ranges::sort(labels);
        for (size_t k = 0; k < labels.size(); ++k) categories[labels[k]] = int32_t(k);
    }
    bool parse(const std::string& cell, double& value) const {
        return holds == Holds::dates ? parse_csv_date(cell, value) : parse_csv_number(cell, value, decimal);
    }
    void take_number(double value) {
        numbers.push_back(wide ? value : float(value));
        if (std::isnan(value)) {
            ++missing;
            return;
        }
        statistics.add(&numbers.back(), 1, 1);
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    }
    void write_narrow(DataFileWriter& writer) const {
        const std::vector<float> narrow(numbers.begin(), numbers.end());
        writer.append(place, std::as_bytes(std::span(narrow)));
    }
    void write(DataFileWriter& writer) {
        if (holds == Holds::ids || holds == Holds::texts)
            writer.append_ragged(place, std::as_bytes(std::span(ids)), lengths);
        else if (holds == Holds::labels) writer.append(place, std::as_bytes(std::span(marks)));
        else if (wide) writer.append(place, std::as_bytes(std::span(numbers)));
        else if (has_numbers()) write_narrow(writer);
        else writer.append(place, std::as_bytes(std::span(classes)));
        numbers.clear();
        classes.clear();
        marks.clear();
        ids.clear();
        lengths.clear();
    }
};

class CsvImport {
public:
    CsvImport(const ImportRequest& request, const CsvOptions& options, const Source& source, BesideRows* beside)
        : request_(request), options_(options), source_(source), beside_(beside) {
        CsvReader reader = open();
        if (reader.delimiter() != ',' && !options.delimiter)
            notes_.push_back(
                fmt::format("fields are taken to end with '{}'",
                            reader.delimiter() == '\t' ? std::string("tab") : std::string(1, reader.delimiter())));
        name_columns(reader.header());
        take_choices();
        std::vector<CsvSurvey> found = survey(reader, options.missing, options.decimal);
        for (size_t c = 0; c < columns_.size(); ++c) {
            columns_[c].survey = std::move(found[c]);
            columns_[c].decimal = options.decimal;
        }
        for (Column& column : columns_) decide(column);
        std::erase_if(columns_, [](const Column& column) { return column.holds == Holds::nothing; });
        if (columns_.empty()) fail(Exit::data, "{}: {}", source_.name(), "no column is left");
        if (beside_) look_beside();
        find_categories();
    }

    ImportSummary write() {
        DataFileWriter writer(request_.output);
        if (beside_) beside_->begin(writer);
        for (Column& column : columns_) column.place = writer.add_column(column.info(options_.most_words));
        const ImportSummary summary = write_rows(writer);
        if (summary.samples == 0)
            fail(Exit::data, "{}: {}", source_.name(),
                 summary.skipped > 0 ? "no row could be read" : "there are no rows under the header");
        for (const Column& column : columns_)
            if (column.weight && column.greatest <= 0)
                fail(Exit::data, "{}: all weights in '{}' are 0; nothing would be learned", source_.name(),
                     shown(column.header));
        writer.set_meta(meta());
        std::vector<HistoryInput> inputs = beside_ ? beside_->inputs() : std::vector<HistoryInput>();
        inputs.push_back(input_of(source_));
        writer.set_history({import_record(request_, std::move(inputs))});
        writer.commit();
        tell(summary.samples);
        return summary;
    }

private:
    static constexpr int64_t rows_at_a_time = 4096;
    static constexpr size_t most_renamed_told = 4;  // a line each
    static constexpr size_t most_waiting = 4 << 20; // bytes of labels or texts

    void look_beside() {
        for (const Column& column : columns_)
            if (column.name == "image" || column.name == "file")
                fail(Exit::data, "{}: line 1: a target may not be called {}, as the pictures or their names are",
                     source_.name(), shown(column.header));
        CsvReader reader = open();
        beside_->look(reader);
    }
    CsvReader open() const { return CsvReader(source_, request_.skip_bad, options_.delimiter); }

    void name_columns(const std::vector<std::string>& headers) {
        std::map<std::string, std::string> taken;
        std::vector<std::string> renamed;
        for (const std::string& header : headers) {
            Column column;
            column.header = header;
            column.name = csv_column_name(header);
            column.at = columns_.size();
            const auto [other, is_new] = taken.emplace(column.name, header);
            if (!is_new)
                fail(Exit::data, "{}: line 1: columns '{}' and '{}' would both be called {}; rename one",
                     source_.name(), shown(other->second), shown(header), column.name);
            if (column.name != header) renamed.push_back(fmt::format("'{}' is called {}", shown(header), column.name));
            columns_.push_back(std::move(column));
        }
        if (renamed.size() > most_renamed_told)
            notes_.push_back(fmt::format("{} columns get other names: {}", renamed.size(), few_names(renamed)));
        else
            for (const std::string& one : renamed) notes_.push_back("column " + one);
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
    /// A column, or several with commas between them.
    void take_targets(const std::string& list) {
        const auto is_called = [&](const Column& column) { return column.header == list || column.name == list; };
        if (list.find(',') == list.npos || std::ranges::any_of(columns_, is_called)) {
            find(list).target = true;
            return;
        }
        for (size_t at = 0; at <= list.size();) {
            const size_t end = std::min(list.find(',', at), list.size());
            find(list.substr(at, end - at)).target = true;
            at = end + 1;
        }
    }
    /// What the command line says of columns.
    void take_choices() {
        for (const std::string& name : options_.categorical) find(name).named = true;
        for (const std::string& name : options_.drop) find(name).holds = Holds::nothing;
        for (const std::string& name : options_.text) take_text(find(name));
        for (const std::string& list : options_.target) take_targets(list);
        if (!options_.id.empty()) {
            Column& column = find(options_.id);
            if (column.holds == Holds::texts)
                fail(Exit::usage, "column '{}' is given as --text and as --id", shown(column.header));
            column.holds = Holds::ids;
        }
        take_group();
        if (!options_.weight.empty()) find(options_.weight).weight = true;
        if (options_.label_separator && std::ranges::count(columns_, true, &Column::target) == 0)
            fail(Exit::usage, "--label-separator is for the cells of --target");
        for (Column& column : columns_) {
            const bool is_chosen = column.target || column.weight || column.group || column.named ||
                                   column.holds == Holds::ids || column.holds == Holds::texts;
            if (options_.only_chosen && !is_chosen) column.holds = Holds::nothing;
            if (column.target && options_.label_separator) column.holds = Holds::labels;
        }
        for (const Column& column : columns_) {
            const int uses = column.target + column.weight + (column.holds == Holds::ids || column.group) +
                             (column.holds == Holds::nothing) + (column.holds == Holds::texts);
            if (uses > 1 ||
                (column.named && (column.weight || (column.holds != Holds::numbers && column.holds != Holds::labels))))
                fail(Exit::usage,
                     "column '{}' is given two uses of --target, --text, --weight, --id, --group, --drop and "
                     "--categorical",
                     shown(column.header));
        }
    }
    static void take_text(Column& column) {
        if (column.holds == Holds::nothing)
            fail(Exit::usage, "column '{}' is given as --text and as --drop", shown(column.header));
        column.holds = Holds::texts;
    }
    void take_group() {
        if (options_.group.empty()) return;
        Column& column = find(options_.group);
        if (column.holds == Holds::ids)
            fail(Exit::usage, "column '{}' is given as --id and as --group", shown(column.header));
        column.group = true;
        if (column.holds == Holds::numbers) column.holds = Holds::ids;
        else column.named = true; // dropped, too, or a set of labels: refused below
    }
    /// What a column holds where nobody says, and that its cells are that.
    void decide(Column& column) {
        if (column.group && column.survey.missing > 0 && !request_.skip_bad)
            fail(Exit::data, "{}: line {}: the group '{}' is missing; fill it in, or leave such rows out by --skip-bad",
                 source_.name(), column.survey.missing_line, shown(column.header));
        if (column.holds != Holds::numbers) return;
        const CsvSurvey& found = column.survey;
        if ((column.target || column.weight) && !column.named && found.missing > 0 && !request_.skip_bad)
            fail(Exit::data, "{}: line {}: the {} '{}' is missing; fill it in, or leave such rows out by --skip-bad",
                 source_.name(), found.missing_line, column.target ? "target" : "weight", shown(column.header));
        if (column.weight && (found.is_name() || found.is_date()))
            fail(Exit::data, "{}: line {}: the weight '{}' is '{}'; weights are numbers from 0 up", source_.name(),
                 found.other.line ? found.other.line : found.date.line, shown(column.header),
                 shown(found.other.line ? found.other.text : found.date.text));
        if (!column.named && found.filled() == 0 && found.missing > 0) {
            warnings_.push_back(fmt::format("column '{}' is empty; it is left out", shown(column.header)));
            column.holds = Holds::nothing;
            return;
        }
        column.holds = column.named || found.is_name() ? Holds::names : found.is_date() ? Holds::dates : Holds::numbers;
        column.wide = column.has_numbers() && found.is_wide();
        if (column.has_numbers() && found.slips() > 0 && !request_.skip_bad) refuse_slip(column);
    }
    [[noreturn]] void refuse_slip(const Column& column) const {
        const CsvSurvey::Cell& slip = column.survey.slip();
        const std::string names = is_relevance(column)
                                      ? ""
                                      : fmt::format(", or give --categorical {} to take all of them for "
                                                    "names",
                                                    shown(column.header));
        double ignored = 0;
        const bool is_comma = options_.decimal == '.' && parse_csv_number(slip.text, ignored, ',');
        fail(Exit::data,
             "{}: line {}: {} '{}' has '{}' where most are {}; {}mend it, leave it out by --skip-bad{} take it for a "
             "missing value by --missing '{}'{}",
             source_.name(), slip.line,
             column.target   ? "the target"
             : column.weight ? "the weight"
                             : "column",
             shown(column.header), shown(slip.text), column.holds == Holds::dates ? "dates" : "numbers",
             is_comma ? "read decimal commas by --decimal ',', " : "", names.empty() ? ", or" : ",",
             shown(missing_with(slip.text)), names);
    }
    /// What --missing has to say so that a word is missing besides those that are.
    std::string missing_with(const std::string& word) const {
        if (std::ranges::all_of(columns_, [](const Column& c) { return c.survey.missing == 0; })) return word;
        return fmt::format("{},{}", fmt::join(options_.missing, ","), word);
    }
    /// A row in which a number or the target is none, when that is asked for.
    bool is_left_out(const CsvReader& reader) const {
        if (beside_ && !beside_->has(reader)) return true;
        return request_.skip_bad && std::ranges::any_of(columns_, [&](const Column& column) {
                   const std::string& cell = reader.row()[column.at];
                   double ignored = 0;
                   if (column.holds == Holds::labels) return false; // a row may have none
                   if (!column.named && is_missing(cell, options_.missing))
                       return column.target || column.weight || column.group;
                   return column.has_numbers() && !column.parse(cell, ignored);
               });
    }
    /// Missing is a category like others: that of the empty name.
    std::string category(const std::string& cell) const { return is_missing(cell, options_.missing) ? "" : cell; }

    /// Calls each(label) for those of a cell: blanks around them do not belong to them, and empty ones are none.
    template <class Each>
    void each_label(const std::string& cell, const Each& each) const {
        if (is_missing(cell, options_.missing)) return;
        for (size_t at = 0; at <= cell.size();) {
            size_t end = std::min(cell.find(options_.label_separator, at), cell.size()), next = end + 1;
            while (at < end && cell[at] == ' ') ++at;
            while (end > at && cell[end - 1] == ' ') --end;
            if (end > at) each(cell.substr(at, end - at));
            at = next;
        }
    }
    static bool has_names(const Column& column) {
        return column.holds == Holds::names || column.holds == Holds::labels;
    }
    void find_categories() {
        if (std::ranges::none_of(columns_, has_names)) return;
        CsvReader reader = open();
        while (reader.next()) {
            if (is_left_out(reader)) continue;
            for (Column& column : columns_)
                if (column.holds == Holds::names) column.categories.try_emplace(category(reader.row()[column.at]), 0);
                else if (column.holds == Holds::labels)
                    each_label(reader.row()[column.at],
                               [&](const std::string& label) { column.categories.try_emplace(label, 0); });
        }
        for (Column& column : columns_) {
            column.number_names();
            if (column.holds == Holds::labels && (column.labels.size() < 2 || column.labels.size() > most_labels))
                fail(Exit::data, "{}: the cells of '{}' have {} labels between '{}', and a model takes 2 to {}",
                     source_.name(), shown(column.header), column.labels.size(), options_.label_separator, most_labels);
        }
    }
    static void take_bytes(Column& column, const std::string& text) {
        column.ids += text;
        column.lengths.push_back(int64_t(text.size()));
    }
    void take(Column& column, const CsvReader& reader) const {
        const std::string& cell = reader.row()[column.at];
        if (column.holds == Holds::labels) {
            const size_t row = column.marks.size();
            column.marks.resize(row + column.labels.size());
            each_label(cell, [&](const std::string& label) {
                const auto found = column.categories.find(label);
                if (found == column.categories.end()) fail(Exit::data, "{}: changes while it is read", reader.source());
                column.marks[row + size_t(found->second)] = 1;
            });
        } else if (column.holds == Holds::ids) {
            take_bytes(column, cell);
        } else if (column.holds == Holds::texts) {
            const std::string text = is_missing(cell, options_.missing) ? "" : cell;
            take_bytes(column, text);
            column.words.add(text);
        } else if (column.has_numbers()) {
            double value = NAN;
            const bool fits = is_missing(cell, options_.missing) || column.parse(cell, value);
            if (!fits) fail(Exit::data, "{}: changes while it is read", reader.source());
            if (column.weight && !(value >= 0))
                fail(Exit::data, "{}: line {}: the weight '{}' is {}; weights are from 0 up", reader.source(),
                     reader.line(), shown(column.header), cell);
            column.take_number(value);
        } else {
            const auto found = column.categories.find(category(cell));
            if (found == column.categories.end()) fail(Exit::data, "{}: changes while it is read", reader.source());
            column.classes.push_back(found->second);
        }
    }
    ImportSummary write_rows(DataFileWriter& writer) {
        ImportSummary summary;
        Progress progress("importing", int64_t(source_.size()), "bytes");
        CsvReader reader = open();
        while (reader.next()) {
            if (is_left_out(reader) || (beside_ && !beside_->take(reader))) {
                ++summary.skipped;
                continue;
            }
            for (Column& column : columns_) take(column, reader);
            const bool full = std::ranges::any_of(
                columns_, [](const Column& c) { return c.marks.size() + c.ids.size() > most_waiting; });
            if (++summary.samples % rows_at_a_time == 0 || full) flush(writer);
            progress.update(int64_t(reader.position()));
        }
        flush(writer);
        progress.finish();
        summary.skipped += reader.left_out();
        return summary;
    }
    void flush(DataFileWriter& writer) {
        for (Column& column : columns_) column.write(writer);
    }
    std::string meta() const {
        MetaWriter writer;
        if (beside_) beside_->finish(writer);
        for (const Column& column : columns_)
            if (column.has_numbers() && !column.target && !column.weight)
                writer.add(column.name, column.statistics, column.missing);
        for (const Column& column : columns_)
            if (column.holds == Holds::texts) writer.add(column.name, column.words.list(size_t(options_.most_words)));
        Json json = Json::parse(writer.json(), "statistics");
        return json.set("missing_words", options_.missing).dump();
    }
    /// What was found that a person may not expect. It waits until the file is there: a refusal stands alone.
    void tell(int64_t rows) const {
        for (const std::string& note : notes_) log::info(note);
        for (const std::string& warning : warnings_) log::warning(warning);
        for (const Column& column : columns_) {
            if (column.target) log::info(fmt::format("target {}: {}", column.name, about_target(column)));
            if (column.missing > 0) log::info(fmt::format("column {}: {} missing", column.name, column.missing));
            if (column.has_numbers() && column.survey.lossy.line > 0)
                log::warning(fmt::format("column '{}' has '{}' in line {}, whose last digits a number of 64 bits does "
                                         "not hold; {} keeps such numbers as they are written",
                                         shown(column.header), shown(column.survey.lossy.text),
                                         column.survey.lossy.line,
                                         column.target ? fmt::format("--categorical {}", column.name)
                                                       : fmt::format("--id {0} or --categorical {0}", column.name)));
            if (column.holds == Holds::names && !column.named && column.survey.commas > 0)
                log::warning(fmt::format("column '{}' is taken for names, and '{}' in line {} looks like a number with "
                                         "a decimal comma; --decimal ',' reads such numbers",
                                         shown(column.header), shown(column.survey.comma.text),
                                         column.survey.comma.line));
            const int64_t names = int64_t(column.labels.size());
            if (!column.named && !column.target && names > 20 && names > rows / 2)
                log::warning(fmt::format("column '{}' has {} names in {} rows, which teach nothing of other rows; "
                                         "leave it out by --drop {}",
                                         shown(column.header), names, rows, column.name));
        }
    }
    /// Beside groups a target of numbers is how relevant a row is to its group's query.
    bool is_relevance(const Column& column) const {
        return column.target && std::ranges::count(columns_, true, &Column::group) > 0;
    }
    std::string about_target(const Column& column) const {
        if (column.holds == Holds::labels)
            return fmt::format("any of {} labels: {}", column.labels.size(), few_names(column.labels));
        if (column.holds == Holds::names) return fmt::format("{} classes", column.labels.size());
        if (column.holds == Holds::dates) return "dates, as days since 1970-01-01";
        if (is_relevance(column)) return fmt::format("relevances from {} to {}", column.least, column.greatest);
        if (column.survey.zero_one) return "0 and 1";
        return fmt::format("numbers from {} to {}; --categorical {} makes classes of them", column.least,
                           column.greatest, column.name);
    }

    const ImportRequest& request_;
    const CsvOptions& options_;
    const Source& source_;
    BesideRows* beside_;                        // null: the table alone
    std::vector<Column> columns_;               // those that are stored
    std::vector<std::string> notes_, warnings_; // that wait to be told
};

} // namespace

ImportSummary import_csv(const ImportRequest& request, const CsvOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import csv takes one file");
    const Source source(request.inputs[0], true);
    return import_table(request, options, source, nullptr);
}

ImportSummary import_table(const ImportRequest& request, const CsvOptions& options, const Source& source,
                           BesideRows* beside) {
    return CsvImport(request, options, source, beside).write();
}

} // namespace ds
