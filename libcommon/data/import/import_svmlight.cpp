// SVMlight and LETOR files: rows become an array of all features, the label a number, the qid a group. Read twice, a
// row at a time: to see how many features there are and what the labels are, and to write.
#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/progress.h"
#include "data/format/svmlight.h"
#include "data/import/import.h"

namespace ds {
namespace {

constexpr int64_t most_features = 1 << 16; // of a row that is stored in full
constexpr size_t most_classes = 1 << 16;

struct Survey {
    int64_t wanted = 0, rows = 0, grouped = 0, least_index = INT64_MAX, greatest_index = -1;
    std::set<double> labels; // the different ones; as many as classes may be
    double least_label = INFINITY, greatest_label = -INFINITY;
    int64_t first_without = 0; // line of the first row without a group

    int64_t features() const { return std::max(wanted, greatest_index + 1 - first()); }
    /// The index of the first feature: 1, as most programs write, or 0 where it occurs.
    int64_t first() const { return least_index == 0 ? 0 : 1; }
    bool has_groups() const { return grouped > 0; }
};

class SvmlightImport {
public:
    SvmlightImport(const ImportRequest& request, const SvmlightOptions& options, const Source& source)
        : request_(request), source_(source), as_classes_(!options.categorical.empty()) {
        found_.wanted = options.features;
        look();
        check();
        settle_labels();
    }

    ImportSummary write() {
        DataFileWriter writer(request_.output);
        const int x = writer.add_column({"x", DType::f32, {found_.features()}, false, "number", {}, {}});
        const int label = writer.add_column(label_column());
        const int group = found_.has_groups() ? writer.add_column({"qid", DType::u8, {}, true, "group", {}, {}}) : -1;
        StatisticsGatherer statistics(found_.features());
        std::vector<float> row;
        Progress progress("importing", found_.rows, "rows");
        int64_t done = 0;
        for (SvmlightReader reader(source_); reader.next(); progress.update(++done)) {
            if (done == found_.rows) fail(Exit::data, "{}: changes while it is read", source_.name());
            fill(row, reader);
            statistics.add(row.data(), 1, 1);
            writer.append(x, std::as_bytes(std::span(row)));
            write_label(writer, label, reader.label());
            if (group < 0) continue;
            const auto length = int64_t(reader.group().size());
            writer.append_ragged(group, std::as_bytes(std::span(reader.group())), std::span(&length, 1));
        }
        progress.finish();
        MetaWriter meta;
        meta.add("x", statistics);
        writer.set_meta(meta.json());
        writer.set_history({import_record(request_, {input_of(source_)})});
        writer.commit();
        return {done, 0};
    }

private:
    void look() {
        for (SvmlightReader reader(source_); reader.next(); ++found_.rows) {
            const bool grouped = !reader.group().empty();
            found_.grouped += grouped;
            if (!grouped && found_.first_without == 0) found_.first_without = reader.line();
            if (found_.labels.size() <= most_classes) found_.labels.insert(reader.label());
            found_.least_label = std::min(found_.least_label, reader.label());
            found_.greatest_label = std::max(found_.greatest_label, reader.label());
            if (reader.features().empty()) continue;
            found_.least_index = std::min(found_.least_index, reader.features().front().first);
            found_.greatest_index = std::max(found_.greatest_index, reader.features().back().first);
        }
    }
    void check() const {
        if (found_.rows == 0) fail(Exit::data, "{}: there are no rows in it", source_.name());
        if (found_.greatest_index < 0) fail(Exit::data, "{}: no row has a feature", source_.name());
        if (found_.features() > most_features)
            fail(Exit::data, "{}: {} features; rows are stored in full, with up to {}", source_.name(),
                 found_.features(), most_features);
        if (found_.wanted > 0 && found_.greatest_index + 1 - found_.first() > found_.wanted)
            fail(Exit::data, "{}: --features {}: there is one of index {}", source_.name(), found_.wanted,
                 found_.greatest_index);
        if (found_.has_groups() && found_.grouped < found_.rows)
            fail(Exit::data, "{}: line {}: there is no qid, and other rows have one", source_.name(),
                 found_.first_without);
        if (as_classes_ && found_.labels.size() > most_classes)
            fail(Exit::data, "{}: its labels are more than {} numbers, which make no classes", source_.name(),
                 most_classes);
    }
    void settle_labels() {
        signs_ = !as_classes_ && !found_.has_groups() && found_.labels == std::set<double>{-1, 1};
        if (signs_) log::info("labels are -1 and 1: no and yes, stored as 0 and 1");
        else if (found_.has_groups())
            log::info(fmt::format("labels are relevances, {:.6g} to {:.6g}, in groups by qid", found_.least_label,
                                  found_.greatest_label));
        else if (!as_classes_ && !is_zero_one())
            log::info(fmt::format("labels are numbers from {:.6g} to {:.6g}; --categorical label makes classes of them",
                                  *found_.labels.begin(), *found_.labels.rbegin()));
    }
    bool is_zero_one() const {
        return found_.labels.size() <= 2 &&
               std::ranges::all_of(found_.labels, [](double v) { return v == 0 || v == 1; });
    }
    ColumnInfo label_column() const {
        ColumnInfo info{"label", DType::f32, {}, false, "target", {}, {}};
        if (as_classes_) {
            info.dtype = DType::i32;
            for (const double label : found_.labels) info.labels.push_back(fmt::format("{}", label));
        } else if (signs_ || is_zero_one()) {
            info.attributes = {{"values", "0,1"}};
        }
        return info;
    }
    void fill(std::vector<float>& row, const SvmlightReader& reader) const {
        row.assign(size_t(found_.features()), 0);
        for (const auto& [index, value] : reader.features()) {
            const int64_t at = index - found_.first();
            if (at < 0 || at >= found_.features()) fail(Exit::data, "{}: changes while it is read", source_.name());
            row[size_t(at)] = float(value);
        }
    }
    void write_label(DataFileWriter& writer, int column, double label) const {
        if (as_classes_) {
            const auto at = found_.labels.find(label);
            if (at == found_.labels.end()) fail(Exit::data, "{}: changes while it is read", source_.name());
            const auto k = int32_t(std::distance(found_.labels.begin(), at));
            return writer.append(column, std::as_bytes(std::span(&k, 1)));
        }
        const auto number = float(signs_ ? (label + 1) / 2 : label);
        writer.append(column, std::as_bytes(std::span(&number, 1)));
    }

    const ImportRequest& request_;
    const Source& source_;
    bool as_classes_, signs_ = false;
    Survey found_;
};

} // namespace

ImportSummary import_svmlight(const ImportRequest& request, const SvmlightOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import svmlight takes one file");
    for (const std::string& name : options.categorical)
        if (name != "label") fail(Exit::usage, "--categorical: there is no column '{}' but label", shown(name));
    const Source source(request.inputs[0], true);
    return SvmlightImport(request, options, source).write();
}

} // namespace ds
