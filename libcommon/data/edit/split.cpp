#include "data/edit/split.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/rng.h"
#include "data/batch/order.h"
#include "data/batch/row_ids.h"
#include "data/edit/cell.h"
#include "data/edit/row_keys.h"
#include "data/edit/statistics.h"
#include "data/picture/kept_files.h"

namespace ds {
namespace {

/// Rows in the order in which they are dealt out, and where that order may be cut.
struct Dealt {
    std::vector<int64_t> order;
    std::vector<double> group; // of each place in the order: it is cut between different ones; empty: anywhere

    /// The place next to `wanted` at which the order may be cut.
    int64_t cut(int64_t wanted) const {
        const auto is_edge = [&](int64_t at) {
            return group.empty() || at <= 0 || at >= int64_t(order.size()) ||
                   group[size_t(at)] != group[size_t(at) - 1];
        };
        for (int64_t away = 0; away <= int64_t(order.size()); ++away)
            for (int64_t at : {wanted - away, wanted + away})
                if (at >= 0 && at <= int64_t(order.size()) && is_edge(at)) return at;
        return wanted;
    }
};

int64_t how_many(double part, int64_t rows) { return part < 1 ? int64_t(part * double(rows) + 0.5) : int64_t(part); }

std::vector<int64_t> seeded_order(int64_t rows, uint64_t seed) {
    const Permutation permutation(rows, seed ^ uint64_t(rng::Stream::split), 0);
    std::vector<int64_t> order(static_cast<size_t>(rows));
    for (int64_t i = 0; i < rows; ++i) order[size_t(i)] = permutation(i);
    return order;
}

/// Dealt out so that each prefix has every class in proportion.
std::vector<int64_t> stratified(const std::vector<int64_t>& order, const std::vector<double>& classes) {
    std::map<double, int64_t> total, seen;
    for (double c : classes) ++total[c];
    // The k-th of n rows of a class stands at (k + 1/2)/n of the way.
    std::vector<std::pair<double, int64_t>> placed;
    for (int64_t row : order) {
        const double c = classes[size_t(row)];
        placed.emplace_back((double(seen[c]++) + 0.5) / double(total[c]), row);
    }
    std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<int64_t> dealt;
    for (const auto& [place, row] : placed) dealt.push_back(row);
    return dealt;
}

/// Groups in the order of their first rows, each with all its rows.
Dealt grouped(const std::vector<int64_t>& order, const std::vector<double>& keys) {
    std::unordered_map<double, int64_t> first;
    for (size_t i = 0; i < order.size(); ++i) first.try_emplace(keys[size_t(order[i])], int64_t(i));
    Dealt dealt{order, {}};
    std::ranges::stable_sort(dealt.order, {}, [&](int64_t row) { return first.at(keys[size_t(row)]); });
    for (int64_t row : dealt.order) dealt.group.push_back(keys[size_t(row)]);
    return dealt;
}

/// When each row was. Names have an order, too, but that of the alphabet.
std::vector<double> times(const DataFileReader& file, const std::string& column) {
    const std::vector<double> keys = row_keys(file, column); // which knows the column
    const ColumnInfo& info = file.columns()[size_t(file.find(column))];
    if (is_name(info) || info.kind == "category" || !info.labels.empty())
        fail(Exit::data,
             "{}: column '{}' holds names, which are not earlier or later; --by-time takes numbers or dates",
             file.path(), column);
    return keys;
}

/// From early to late; rows of one time stay together.
Dealt timed(int64_t rows, const std::vector<double>& keys) {
    Dealt dealt;
    dealt.order.resize(size_t(rows));
    std::iota(dealt.order.begin(), dealt.order.end(), int64_t{0});
    std::ranges::stable_sort(dealt.order, {}, [&](int64_t row) { return keys[size_t(row)]; });
    for (int64_t row : dealt.order) dealt.group.push_back(keys[size_t(row)]);
    return dealt;
}

/// Whole numbers of which rows share some, as 0 and 1 are; prices are none.
bool are_classes(const std::vector<double>& keys) {
    const std::set<double> values(keys.begin(), keys.end());
    return values.size() * 2 <= keys.size() && std::ranges::all_of(values, [](double v) { return v == std::floor(v); });
}

/// Of each row the class that is to be in each part in proportion.
std::vector<double> strata(const DataFileReader& file) {
    std::vector<std::string_view> names;
    std::vector<double> classes;
    for (const ColumnInfo& column : file.columns()) {
        if (column.kind != "target" || !column.item_shape.empty() || column.ragged) continue;
        std::vector<double> keys = row_keys(file, column.name);
        if (column.dtype != DType::i32 && !are_classes(keys)) continue;
        names.push_back(column.name);
        classes = std::move(keys);
    }
    if (names.size() == 1) return classes;
    if (names.empty())
        fail(Exit::data, "{}: --stratify needs a target of classes, one for each row; there is none", file.path());
    fail(Exit::data, "{}: --stratify goes by one target of classes, and there are {} ({})", file.path(), names.size(),
         fmt::join(names, ", "));
}

Dealt deal(const DataFileReader& file, const SplitRequest& request) {
    if (!request.time.empty()) return timed(file.rows(), times(file, request.time));
    const std::vector<int64_t> order = seeded_order(file.rows(), request.seed);
    if (!request.group.empty()) {
        const std::vector<double> keys = row_keys(file, request.group);
        require_exact(file, request.group, keys);
        return grouped(order, keys);
    }
    if (const int groups = find_kind(file, "group"); groups >= 0) {
        const std::string& name = file.columns()[size_t(groups)].name;
        if (request.stratify)
            fail(Exit::usage, "{}: --stratify would tear the rows of one '{}' apart; split without it", request.input,
                 name);
        log::info(fmt::format("rows of one '{}' stay together", name));
        return grouped(order, row_keys(file, name));
    }
    if (!request.stratify) return {order, {}};
    return {stratified(order, strata(file)), {}};
}

using Parts = std::vector<std::pair<std::string, std::vector<int64_t>>>;

/// Where val and test lie in the order; the rest is train. The parts of several folds lie behind the test rows, which
/// are then the same in all of them.
struct Places {
    int64_t val_begin = 0, val_end = 0, test_begin = 0, test_end = 0;
};

Places places(const SplitRequest& request, int64_t rows) {
    const int64_t test = how_many(request.test, rows), rest = rows - test;
    Places p;
    if (request.folds > 0) {
        p.test_end = test;
        p.val_begin = test + rest * (request.fold - 1) / request.folds;
        p.val_end = test + rest * request.fold / request.folds;
    } else if (!request.time.empty()) { // from late to early: test is the latest
        p.test_end = p.val_begin = test;
        p.val_end = test + how_many(request.validation, rows);
    } else {
        p.val_end = p.test_begin = how_many(request.validation, rows);
        p.test_end = p.test_begin + test;
    }
    if (p.val_end - p.val_begin + test >= rows)
        fail(Exit::usage, "{} rows for val and {} for test leave none of {} to train on", p.val_end - p.val_begin, test,
             rows);
    return p;
}

/// What was asked for and came to nothing.
void check_none_empty(const Parts& parts, const SplitRequest& request, const DataFileReader& file) {
    const bool asked[] = {request.validation > 0 || request.folds > 0, request.test > 0, true};
    for (size_t i = 0; i < parts.size(); ++i)
        if (asked[i] && parts[i].second.empty())
            fail(Exit::usage, "{}: its {} rows{} leave none for {}; {}", request.input, file.rows(),
                 request.group.empty() && find_kind(file, "group") < 0 ? "" : ", whole groups together,",
                 parts[i].first, i < 2 ? "hold back more, or in fewer folds" : "hold back less");
}

Parts dealt_parts(const DataFileReader& file, const SplitRequest& request) {
    const Places wanted = places(request, file.rows());
    Dealt dealt = deal(file, request);
    if (!request.time.empty()) {
        std::ranges::reverse(dealt.order);
        std::ranges::reverse(dealt.group);
    }
    const Places cut{dealt.cut(wanted.val_begin), dealt.cut(wanted.val_end), dealt.cut(wanted.test_begin),
                     dealt.cut(wanted.test_end)};
    Parts parts{{"val", {}}, {"test", {}}, {"train", {}}};
    for (int64_t at = 0; at < int64_t(dealt.order.size()); ++at) {
        const bool is_val = at >= cut.val_begin && at < cut.val_end,
                   is_test = at >= cut.test_begin && at < cut.test_end;
        parts[is_val ? 0 : is_test ? 1 : 2].second.push_back(dealt.order[size_t(at)]);
    }
    check_none_empty(parts, request, file);
    for (auto& [name, part] : parts) std::ranges::sort(part);
    return parts;
}

/// The splits are the names of a column.
Parts named_parts(const DataFileReader& file, const SplitRequest& request) {
    const int column = file.find(request.by);
    const std::vector<double> keys = row_keys(file, request.by);
    const std::vector<std::string>& names = file.columns()[size_t(column)].labels;
    if (std::ranges::count(names, "train") == 0)
        fail(Exit::data, "{}: column '{}' has no name 'train'; it has: {}", request.input, request.by,
             names.empty() ? "numbers" : fmt::format("{}", fmt::join(names, ", ")));
    Parts parts;
    for (const std::string& name : names) parts.push_back({name, {}});
    for (size_t row = 0; row < keys.size(); ++row)
        if (keys[row] >= 0 && keys[row] < double(parts.size())) parts[size_t(keys[row])].second.push_back(int64_t(row));
    return parts;
}

void check(const SplitRequest& request, const DataFileReader& from) {
    if (!from.splits().empty() && !request.force)
        fail(Exit::usage,
             "{} has splits already ({}); --force makes them anew, and mixes what was held back with the rest",
             from.path(), fmt::join(from.splits(), ", "));
    const int ways = request.stratify + !request.group.empty() + !request.time.empty() + !request.by.empty();
    if (ways > 1) fail(Exit::usage, "--stratify, --group, --by-time and --by exclude each other");
    const bool counted = request.validation > 0 || request.test > 0, folded = request.folds > 0;
    if (!request.by.empty() && (counted || folded))
        fail(Exit::usage, "--by says all; it takes no --val, --test or --fold");
    if (request.by.empty() && !folded && request.validation == 0 && request.test == 0)
        fail(Exit::usage, "nothing is held back; give --val, --fold or --by");
    if (folded && request.validation > 0) fail(Exit::usage, "--fold is a --val; give one of them");
    if (folded && !request.time.empty()) fail(Exit::usage, "--fold of rows in time would train on what comes later");
}

/// Statistics of the training rows alone: what is held back must not show through.
std::string meta_of(std::shared_ptr<const DataFileReader> file, const std::vector<int64_t>& train) {
    const auto shown = decoded(std::move(file));
    MetaGatherer meta(*shown);
    meta.add(*shown, train);
    return meta.json("train");
}

/// How many of some rows are of each class, or have each label.
std::vector<int64_t> counts_of(const DataFileReader& file, int column, std::span<const int64_t> rows) {
    const ColumnInfo& info = file.columns()[size_t(column)];
    std::vector<int64_t> counts(info.labels.size());
    std::vector<std::byte> raw(size_t(info.item_bytes()));
    for (const int64_t row : rows) {
        file.read(column, row, 1, raw.data());
        if (info.dtype == DType::u8) {
            for (size_t k = 0; k < counts.size(); ++k) counts[k] += raw[k] != std::byte{};
            continue;
        }
        int32_t k = 0;
        std::memcpy(&k, raw.data(), sizeof k);
        if (k >= 0 && size_t(k) < counts.size()) ++counts[size_t(k)];
    }
    return counts;
}

/// Classes of which all rows are held back: a model has a place for them and cannot learn them.
void tell_of_unlearnt(const DataFileReader& file, int column, const Parts& parts) {
    const ColumnInfo& info = file.columns()[size_t(column)];
    std::vector<int64_t> train(info.labels.size()), held(info.labels.size());
    for (const auto& [name, rows] : parts) {
        const std::vector<int64_t> own = counts_of(file, column, rows);
        for (size_t k = 0; k < own.size(); ++k) (name == "train" ? train : held)[k] += own[k];
    }
    std::vector<std::string> names;
    for (size_t k = 0; k < train.size(); ++k)
        if (train[k] == 0 && held[k] > 0) names.push_back(info.labels[k]);
    if (names.empty()) return;
    log::warning(fmt::format(
        "no row of train is of {} of '{}': {}; a model cannot learn what all rows of are held back",
        names.size() == 1 ? "a class" : fmt::format("{} classes", names.size()), info.name, few_names(names)));
}

void tell_of_unlearnt(const DataFileReader& file, const Parts& parts) {
    for (size_t c = 0; c < file.columns().size(); ++c) {
        const ColumnInfo& info = file.columns()[c];
        const bool classes = info.dtype == DType::i32 && info.item_shape.empty(),
                   label_set = info.dtype == DType::u8 && info.item_shape == Dims{std::ssize(info.labels)};
        if (info.kind == "target" && !info.ragged && !info.labels.empty() && (classes || label_set))
            tell_of_unlearnt(file, int(c), parts);
    }
}

} // namespace

SplitSummary split_data(const SplitRequest& request, const EditRecord& record) {
    const auto file = std::make_shared<const DataFileReader>(request.input);
    const DataFileReader& from = *file;
    check(request, from);
    const Parts parts = request.by.empty() ? dealt_parts(from, request) : named_parts(from, request);
    DataFileWriter to(request.output);
    for (size_t i = 0; i < from.columns().size(); ++i) {
        ColumnInfo info = from.columns()[i];
        if (info.name == request.by) info.kind = "split"; // no input of models
        to.copy_column(from, int(i), info);
    }
    SplitSummary summary;
    for (const auto& [name, rows] : parts) {
        if (rows.empty() && name == "train") fail(Exit::usage, "{}: no row is left to train on", request.input);
        if (rows.empty()) continue;
        to.set_split(name, rows);
        if (name == "train") to.set_meta(meta_of(file, rows));
        summary.splits.emplace_back(name, int64_t(rows.size()));
    }
    to.set_history(longer_history(from, record));
    to.commit();
    tell_of_unlearnt(from, parts);
    return summary;
}

} // namespace ds
