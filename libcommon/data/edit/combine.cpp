#include "data/edit/combine.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/rng.h"
#include "data/batch/order.h"
#include "data/batch/row_ids.h"
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

/// The names of rows are kept where all files have them under one name: they are no part of what a model takes, and
/// files of before 0.2 lack those of pictures.
std::vector<int> kept_columns(const DataFileReader& file, const std::vector<DataSource>& all) {
    std::vector<int> kept;
    for (size_t c = 0; c < file.columns().size(); ++c) {
        const ColumnInfo& column = file.columns()[c];
        const auto lacks = [&](const DataSource& other) {
            const int found = other.file().find(column.name);
            return found < 0 || !is_id(other.file().columns()[size_t(found)]);
        };
        const auto lacking = is_id(column) ? std::ranges::find_if(all, lacks) : all.end();
        if (lacking == all.end()) kept.push_back(int(c));
        else
            log::info(
                fmt::format("column '{}' is left out: {} has no such names of rows", column.name, lacking->name()));
    }
    return kept;
}

void require_same_columns(const DataFileReader& a, const std::vector<int>& of_a, const DataFileReader& b,
                          const std::vector<int>& of_b) {
    bool same = of_a.size() == of_b.size();
    for (size_t i = 0; same && i < of_a.size(); ++i) {
        const ColumnInfo &x = a.columns()[size_t(of_a[i])], &y = b.columns()[size_t(of_b[i])];
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
    std::vector<std::vector<int>> kept; // of each source
    int64_t total = 0;
    for (const DataSource& source : sources) {
        kept.push_back(kept_columns(source.file(), sources));
        require_same_columns(sources[0].file(), kept[0], source.file(), kept.back());
        chains.push_back(source.file().history());
        read.push_back(input_of(source));
        total += source.rows();
    }
    const Json rules = joined_rules(sources);
    DataFileWriter to(output);
    for (size_t c = 0; c < kept[0].size(); ++c) {
        const int column = to.add_column(sources[0].file().columns()[size_t(kept[0][c])]);
        for (size_t s = 0; s < sources.size(); ++s)
            append_rows(sources[s].file(), kept[s][c], rows_of(sources[s]), to, column);
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
