#include "data/edit/combine.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/rng.h"
#include "data/batch/order.h"
#include "data/edit/statistics.h"

namespace ds {
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

/// How the pictures of a column became pixels, where all sources say the same; none where one does not say.
std::optional<PictureRule> joined_rule(const std::vector<DataSource>& sources, const std::string& column) {
    std::optional<PictureRule> joined;
    for (const DataSource& source : sources) {
        const Preprocessing own = source.preprocessing();
        const auto found = own.columns.find(column);
        if (found == own.columns.end() || !found->second.picture) return std::nullopt;
        const PictureRule& rule = *found->second.picture;
        if (joined && !agree(*joined, rule))
            fail(Exit::data,
                 "{} and {} hold pictures that were imported otherwise: {}, and {}; import one of them anew",
                 sources[0].name(), source.name(), text(*joined), text(rule));
        if (!joined || joined->resize == ResizeRule::none) joined = rule;
    }
    return joined;
}

/// Of every column, by name.
Json joined_rules(const std::vector<DataSource>& sources) {
    Json rules = Json::object();
    for (const ColumnInfo& column : sources[0].file().columns())
        if (const auto rule = joined_rule(sources, column.name)) rules.set(column.name, to_json(*rule));
    return rules;
}

std::string with_rules(const std::string& meta, const Json& rules) {
    Json all = Json::parse(meta, "the metadata");
    if (rules.size() == 0 && !all.contains("pictures")) return meta;
    return all.set("pictures", rules).dump();
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
    const Json rules = joined_rules(sources);
    DataFileWriter to(output);
    for (size_t c = 0; c < sources[0].file().columns().size(); ++c) {
        const int column = to.add_column(sources[0].file().columns()[c]);
        for (const DataSource& source : sources) append_rows(source.file(), int(c), rows_of(source), to, column);
    }
    MetaGatherer meta(sources[0].file());
    for (const DataSource& source : sources) meta.add(source.file(), rows_of(source));
    to.set_meta(with_rules(meta.json(""), rules));
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
    MetaGatherer meta(source.file());
    meta.add(source.file(), rows);
    to.set_meta(meta.json(""));
    std::vector<std::string> history = source.file().history();
    history.push_back(edit_text(edit, {input_of(source)}));
    to.set_history(std::move(history));
    to.commit();
    return wanted;
}

} // namespace ds
