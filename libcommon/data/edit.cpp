#include "data/edit.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/rng.h"
#include "data/order.h"
#include "data/source.h"
#include "io/history.h"

namespace ds {
namespace {

int target_column(const DataFileReader& file) {
    for (size_t i = 0; i < file.columns().size(); ++i)
        if (file.columns()[i].kind == "target") return int(i);
    return -1;
}

std::vector<int32_t> read_classes(const DataFileReader& file, int column) {
    const ColumnInfo& info = file.columns()[size_t(column)];
    if (info.dtype != DType::i32 || !info.item_shape.empty())
        fail(Exit::data, "{}: the target '{}' is not one class number a row", file.path(), info.name);
    std::vector<int32_t> classes(static_cast<size_t>(file.rows()));
    file.read(column, 0, file.rows(), classes.data());
    return classes;
}

std::string edit_text(const EditRecord& edit, const std::vector<HistoryInput>& inputs) {
    HistoryRecord record;
    record.tool = "ds-data";
    record.version = edit.version;
    record.arguments = edit.arguments;
    record.options_json = edit.options_json;
    record.seed = edit.seed;
    record.inputs = inputs;
    return write_record(record);
}

std::vector<std::string> longer_history(const DataFileReader& from, const EditRecord& edit) {
    std::vector<std::string> history = from.history();
    history.push_back(edit_text(edit, {{base_name(from.path()), to_hex(from.file_digest()), maker(from.history())}}));
    return history;
}

int64_t how_many(double part, int64_t rows) { return part < 1 ? int64_t(part * double(rows) + 0.5) : int64_t(part); }

/// Rows in seeded order; stratified: dealt out so that each prefix has every class in proportion.
std::vector<int64_t> drawn_order(const DataFileReader& file, const SplitRequest& request) {
    const int64_t rows = file.rows();
    const Permutation permutation(rows, request.seed ^ uint64_t(rng::Stream::split), 0);
    std::vector<int64_t> order(static_cast<size_t>(rows));
    for (int64_t i = 0; i < rows; ++i) order[size_t(i)] = permutation(i);
    if (!request.stratify) return order;
    const int column = target_column(file);
    if (column < 0) fail(Exit::data, "{}: --stratify needs a target column", request.input);
    const std::vector<int32_t> classes = read_classes(file, column);
    std::map<int32_t, int64_t> total, seen;
    for (int32_t c : classes) ++total[c];
    // The k-th of n rows of a class stands at (k + 1/2)/n of the way.
    std::vector<std::pair<double, int64_t>> placed;
    for (int64_t row : order) {
        const int32_t c = classes[size_t(row)];
        placed.emplace_back((double(seen[c]++) + 0.5) / double(total[c]), row);
    }
    std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = 0; i < placed.size(); ++i) order[i] = placed[i].second;
    return order;
}

/// The target column, each class of which has a name.
int named_column(const DataFileReader& from, const std::string& path, const std::vector<std::string>& names) {
    const int column = target_column(from);
    if (column < 0) fail(Exit::data, "{}: there is no target column whose classes could be named", path);
    int32_t greatest = -1;
    for (int32_t c : read_classes(from, column)) greatest = std::max(greatest, c);
    if (greatest >= int32_t(names.size()))
        fail(Exit::data, "{}: class {} has no name; {} names are given", path, greatest, names.size());
    return column;
}

} // namespace

std::vector<std::string> read_names(const std::string& path) {
    const std::string text = read_file(path, 1 << 24);
    std::vector<std::string> names;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string name = text.substr(at, end - at);
        if (!name.empty() && name.back() == '\r') name.pop_back();
        if (name.empty()) fail(Exit::data, "{}: line {} is empty; each line names a class", path, names.size() + 1);
        if (name.size() > 1000 || name.find('\0') != std::string::npos)
            fail(Exit::data, "{}: line {} is no name", path, names.size() + 1);
        names.push_back(std::move(name));
        at = end + 1;
    }
    std::set<std::string> unique(names.begin(), names.end());
    if (unique.size() != names.size()) fail(Exit::data, "{}: a name stands twice", path);
    return names;
}

void check_names(const std::string& path, const std::vector<std::string>& names) {
    const DataFileReader from(path);
    named_column(from, path, names);
    check_output(path);
}

void name_classes(const std::string& path, const std::vector<std::string>& names, const EditRecord& record) {
    const DataFileReader from(path);
    const int column = named_column(from, path, names);
    DataFileWriter to(path);
    for (size_t i = 0; i < from.columns().size(); ++i) {
        ColumnInfo info = from.columns()[i];
        if (int(i) == column) info.labels = names;
        to.copy_column(from, int(i), info);
    }
    for (const std::string& name : from.splits()) to.set_split(name, from.split(name));
    to.set_meta(from.meta());
    to.set_history(longer_history(from, record));
    to.commit();
}

SplitSummary split_data(const SplitRequest& request, const EditRecord& record) {
    const DataFileReader from(request.input);
    const int64_t rows = from.rows(), validation = how_many(request.validation, rows),
                  test = how_many(request.test, rows);
    if (validation + test >= rows)
        fail(Exit::usage, "{} rows for val and {} for test leave none of {} to train on", validation, test, rows);
    const std::vector<int64_t> order = drawn_order(from, request);
    DataFileWriter to(request.output);
    for (size_t i = 0; i < from.columns().size(); ++i) to.copy_column(from, int(i), from.columns()[i]);
    to.set_meta(from.meta());
    SplitSummary summary;
    auto take = [&](const char* name, int64_t begin, int64_t end) {
        if (begin == end) return;
        std::vector<int64_t> part(order.begin() + begin, order.begin() + end);
        std::sort(part.begin(), part.end());
        to.set_split(name, part);
        summary.splits.emplace_back(name, end - begin);
    };
    take("val", 0, validation);
    take("test", validation, validation + test);
    take("train", validation + test, rows);
    to.set_history(longer_history(from, record));
    to.commit();
    return summary;
}

namespace {

constexpr int64_t rows_at_a_time = 4096;

/// Appends rows of a source's column, ragged or fixed.
void append_rows(const DataFileReader& from, int column, const std::vector<int64_t>& rows, DataFileWriter& to,
                 int target) {
    const ColumnInfo& info = from.columns()[size_t(column)];
    std::vector<std::byte> buffer;
    if (info.ragged) {
        const std::vector<int64_t> offsets = from.offsets(column);
        for (int64_t row : rows) {
            const int64_t length = offsets[size_t(row) + 1] - offsets[size_t(row)];
            buffer.resize(size_t(length * info.item_bytes()));
            from.read_values(column, offsets[size_t(row)], length, buffer.data());
            to.append_ragged(target, buffer, std::span(&length, 1));
        }
        return;
    }
    for (size_t at = 0; at < rows.size(); at += size_t(rows_at_a_time)) {
        const size_t n = std::min(rows.size() - at, size_t(rows_at_a_time));
        buffer.resize(n * size_t(info.item_bytes()));
        from.gather(column, std::span(rows).subspan(at, n), buffer.data());
        to.append(target, buffer);
    }
}

std::vector<int64_t> rows_of(const DataSource& source) {
    std::vector<int64_t> rows;
    for (int64_t i = 0; i < source.rows(); ++i) rows.push_back(source.file_row(i));
    return rows;
}

void require_same_columns(const DataFileReader& a, const DataFileReader& b) {
    bool same = a.columns().size() == b.columns().size();
    for (size_t i = 0; same && i < a.columns().size(); ++i) {
        const ColumnInfo &x = a.columns()[i], &y = b.columns()[i];
        same = x.name == y.name && x.dtype == y.dtype && x.item_shape == y.item_shape && x.ragged == y.ragged &&
               x.labels == y.labels;
    }
    if (!same) fail(Exit::data, "{} and {} have different columns or class names", a.path(), b.path());
}

HistoryInput input_of(const DataSource& source) {
    return {source.recorded_name(), source.digest(), maker(source.file().history())};
}

} // namespace

int64_t concatenate(const std::vector<std::string>& inputs, const std::string& output, const EditRecord& edit) {
    std::vector<DataSource> sources;
    for (const std::string& input : inputs) sources.emplace_back(input);
    std::vector<std::vector<std::string>> chains;
    std::vector<HistoryInput> read;
    int64_t total = 0;
    for (const DataSource& source : sources) {
        require_same_columns(sources[0].file(), source.file());
        chains.push_back(source.file().history());
        read.push_back(input_of(source));
        total += source.rows();
    }
    DataFileWriter to(output);
    for (size_t c = 0; c < sources[0].file().columns().size(); ++c) {
        const int column = to.add_column(sources[0].file().columns()[c]);
        for (const DataSource& source : sources) append_rows(source.file(), int(c), rows_of(source), to, column);
    }
    to.set_meta(sources[0].file().meta()); // standardised as the first one is
    std::vector<std::string> history = merge_history(chains);
    history.push_back(edit_text(edit, read));
    to.set_history(std::move(history));
    to.commit();
    return total;
}

int64_t sample_data(const std::string& input, const std::string& output, int64_t wanted, uint64_t seed,
                    const EditRecord& edit) {
    const DataSource source(input);
    if (wanted < 1 || wanted > source.rows())
        fail(Exit::usage, "{} rows cannot be drawn from the {} of {}", wanted, source.rows(), source.name());
    const Permutation permutation(source.rows(), seed ^ uint64_t(rng::Stream::split), 1);
    std::vector<int64_t> rows;
    for (int64_t i = 0; i < wanted; ++i) rows.push_back(permutation(i));
    std::sort(rows.begin(), rows.end());
    for (int64_t& row : rows) row = source.file_row(row);
    DataFileWriter to(output);
    for (size_t c = 0; c < source.file().columns().size(); ++c)
        append_rows(source.file(), int(c), rows, to, to.add_column(source.file().columns()[c]));
    to.set_meta(source.file().meta());
    std::vector<std::string> history = source.file().history();
    history.push_back(edit_text(edit, {input_of(source)}));
    to.set_history(std::move(history));
    to.commit();
    return wanted;
}

} // namespace ds
