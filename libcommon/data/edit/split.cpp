#include "data/edit/split.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/rng.h"
#include "data/batch/order.h"
#include "data/edit/cell.h"
#include "data/edit/statistics.h"

namespace ds {
namespace {

int64_t how_many(double part, int64_t rows) { return part < 1 ? int64_t(part * double(rows) + 0.5) : int64_t(part); }

/// Rows in seeded order; stratified: dealt out so that each prefix has every class in proportion.
std::vector<int64_t> drawn_order(const DataFileReader& file, const SplitRequest& request) {
    const int64_t rows = file.rows();
    const Permutation permutation(rows, request.seed ^ uint64_t(rng::Stream::split), 0);
    std::vector<int64_t> order(static_cast<size_t>(rows));
    for (int64_t i = 0; i < rows; ++i) order[size_t(i)] = permutation(i);
    if (!request.stratify) return order;
    const int column = find_kind(file, "target");
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

/// Statistics of the training rows alone: what is held back must not show through.
std::string meta_of(const DataFileReader& file, const std::vector<int64_t>& train) {
    MetaGatherer meta(file);
    meta.add(file, train);
    return meta.json("train");
}

} // namespace

SplitSummary split_data(const SplitRequest& request, const EditRecord& record) {
    const DataFileReader from(request.input);
    if (!from.splits().empty() && !request.force)
        fail(Exit::usage,
             "{} has splits already ({}); --force draws them anew, and mixes what was held back with the rest",
             from.path(), fmt::join(from.splits(), ", "));
    const int64_t rows = from.rows(), validation = how_many(request.validation, rows),
                  test = how_many(request.test, rows);
    if (validation + test >= rows)
        fail(Exit::usage, "{} rows for val and {} for test leave none of {} to train on", validation, test, rows);
    const std::vector<int64_t> order = drawn_order(from, request);
    DataFileWriter to(request.output);
    for (size_t i = 0; i < from.columns().size(); ++i) to.copy_column(from, int(i), from.columns()[i]);
    SplitSummary summary;
    auto take = [&](const char* name, int64_t begin, int64_t end) {
        if (begin == end) return;
        std::vector<int64_t> part(order.begin() + begin, order.begin() + end);
        std::sort(part.begin(), part.end());
        to.set_split(name, part);
        if (name == std::string_view("train")) to.set_meta(meta_of(from, part));
        summary.splits.emplace_back(name, end - begin);
    };
    take("val", 0, validation);
    take("test", validation, validation + test);
    take("train", validation + test, rows);
    to.set_history(longer_history(from, record));
    to.commit();
    return summary;
}

} // namespace ds
