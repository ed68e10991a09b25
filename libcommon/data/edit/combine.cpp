#include "data/edit/combine.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/rng.h"
#include "data/batch/data_set.h"
#include "data/batch/order.h"
#include "data/edit/statistics.h"
#include "data/picture/kept_files.h"

namespace ds {
namespace {

std::string list_of(const DataTable& file) {
    const std::vector<std::string> names = file.splits();
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

/// Splits of whole files that all of them have; which one, or several files, have beside those is told.
std::vector<std::string> common_splits(const std::vector<std::shared_ptr<const DataTable>>& files) {
    const auto sorted = [](const DataTable& file) {
        std::vector<std::string> names = file.splits();
        std::ranges::sort(names);
        return names;
    };
    const std::vector<std::string> first = sorted(*files[0]);
    const auto other = std::ranges::find_if(files, [&](const auto& file) { return sorted(*file) != first; });
    if (other == files.end()) return first;
    log::warning(
        fmt::format("the splits of {} ({}) and of {} ({}) are not the same ones; the file has none, and what was "
                    "held back is among the rest: divide it by ds-data split, or name the splits to be joined",
                    files[0]->path(), list_of(*files[0]), (*other)->path(), list_of(**other)));
    return {};
}

/// The split that the statistics of all files are of, where they agree on one that is kept; else train.
std::string statistics_split(const std::vector<DataSource>& sources, const std::vector<std::string>& splits) {
    const std::string first = sources[0].statistics_split();
    const bool same = std::ranges::all_of(sources, [&](const DataSource& s) { return s.statistics_split() == first; });
    const auto is_kept = [&](const std::string& name) { return std::ranges::count(splits, name) > 0; };
    if (same && is_kept(first)) return first;
    return is_kept("train") ? "train" : "";
}

} // namespace

int64_t concatenate(const std::vector<std::string>& inputs, const std::string& output, const EditRecord& edit) {
    std::vector<std::shared_ptr<const DataTable>> files;
    std::vector<int64_t> rows;
    std::vector<HistoryInput> read;
    std::vector<DataSource> sources;
    int64_t start = 0; // of the file, among all rows of all files
    bool whole = true;
    for (const std::string& input : inputs) {
        const DataSource& source = sources.emplace_back(input);
        whole = whole && source.split().empty();
        files.push_back(source.files()[0]);
        for (const int64_t row : rows_of(source)) rows.push_back(start + row);
        start += source.file().rows();
        read.push_back(inputs_of(source)[0]);
    }
    const auto all = std::make_shared<DataSet>(files);
    DataFileWriter to(output);
    for (size_t c = 0; c < all->columns().size(); ++c)
        append_rows(*all, int(c), rows, to, to.add_column(all->columns()[c]));
    const std::vector<std::string> splits = whole ? common_splits(files) : std::vector<std::string>();
    for (const std::string& name : splits) to.set_split(name, all->split(name));
    const std::string trained = statistics_split(sources, splits);
    const auto shown = decoded(all);
    MetaGatherer meta(*shown);
    meta.add(*shown, trained.empty() ? rows : all->split(trained));
    to.set_meta(meta.json(trained));
    std::vector<std::string> history = all->history();
    history.push_back(edit_text(edit, read));
    to.set_history(std::move(history));
    to.commit();
    return int64_t(rows.size());
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
        append_rows(source.stored(), int(c), rows, to, to.add_column(source.stored().columns()[c]));
    MetaGatherer meta(source.file());
    meta.add(source.file(), rows);
    to.set_meta(meta.json(""));
    std::vector<std::string> history = source.file().history();
    history.push_back(edit_text(edit, inputs_of(source)));
    to.set_history(std::move(history));
    to.commit();
    return wanted;
}

} // namespace ds
