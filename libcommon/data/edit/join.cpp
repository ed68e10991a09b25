#include "data/edit/join.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "base/json.h"
#include "base/names.h"
#include "data/batch/row_ids.h"
#include "data/edit/kept_splits.h"
#include "data/edit/row_keys.h"
#include "data/edit/statistics.h"
#include "data/text/documents.h"

namespace ds {
namespace {

/// Integers of 64 bits, each to its last digit.
std::vector<std::string> integers_of(const DataTable& file, int column) {
    std::vector<int64_t> raw(size_t(file.rows()));
    file.read(column, 0, file.rows(), raw.data());
    std::vector<std::string> keys;
    for (const int64_t k : raw) keys.push_back(std::to_string(k));
    return keys;
}

/// The key of every row of a file as text, "" where it is missing: 12 as a number is the 12 of an id.
std::vector<std::string> keys_of(const DataTable& file, const std::string& key) {
    const int column = file.find(key);
    if (column >= 0 && is_name(file.columns()[size_t(column)])) {
        const RowIds ids(file, column);
        std::vector<std::string> keys;
        for (int64_t row = 0; row < file.rows(); ++row) keys.push_back(ids.at(row));
        return keys;
    }
    const std::vector<double> numbers = row_keys(file, key, true); // refuses what is no key
    const std::vector<std::string>& labels = file.columns()[size_t(column)].labels;
    if (file.columns()[size_t(column)].dtype == DType::i64 && labels.empty()) return integers_of(file, column);
    require_exact(file, key, numbers);
    std::vector<std::string> keys;
    for (const double k : numbers) {
        if (std::isnan(k)) {
            keys.emplace_back();
            continue;
        }
        if (k != std::trunc(k))
            fail(Exit::data, "{}: column '{}' has {} in row {}; keys are whole numbers, names or ids", file.path(), key,
                 k, keys.size() + 1);
        const bool named = k >= 0 && k < double(labels.size());
        keys.push_back(named ? labels[size_t(k)] : labels.empty() ? std::to_string(int64_t(k)) : "");
    }
    return keys;
}

/// Where each key stands among the rows of the right file.
std::unordered_map<std::string, int64_t> places_of(const DataSource& right, const std::string& key) {
    const std::vector<std::string> keys = keys_of(right.file(), key);
    std::unordered_map<std::string, int64_t> places;
    for (int64_t i = 0; i < right.rows(); ++i) {
        const int64_t row = right.file_row(i);
        if (keys[size_t(row)].empty()) continue;
        const auto [other, is_new] = places.try_emplace(keys[size_t(row)], row);
        if (!is_new)
            fail(Exit::data, "{}: '{}' stands twice in column '{}', in rows {} and {}: which one is meant?",
                 right.name(), shown(keys[size_t(row)]), key, other->second + 1, row + 1);
    }
    return places;
}

/// A column of the right file where some rows have none of its.
struct Filled {
    ColumnInfo info;
    std::vector<std::byte> missing; // the bytes of a missing row
};

Filled filled_column(const DataSource& right, const ColumnInfo& column, bool some_missing) {
    Filled filled{column, std::vector<std::byte>(size_t(column.ragged ? 0 : column.item_bytes()))};
    if (!some_missing || is_name(column) || is_document(column)) return filled;
    const bool single = !column.ragged && column.item_shape.empty();
    if (single && column.kind != "target" && column.dtype == DType::f32) {
        *reinterpret_cast<float*>(filled.missing.data()) = NAN;
    } else if (single && column.kind != "target" && column.dtype == DType::f64) {
        *reinterpret_cast<double*>(filled.missing.data()) = NAN;
    } else if (single && column.kind == "category" && column.dtype == DType::i32) {
        std::vector<std::string>& labels = filled.info.labels;
        const auto none = std::ranges::find(labels, "");
        *reinterpret_cast<int32_t*>(filled.missing.data()) = int32_t(none - labels.begin());
        if (none == labels.end()) labels.emplace_back();
    } else {
        fail(Exit::data, "{}: column '{}' cannot be missing, and some rows have no partner; join without --left",
             right.name(), column.name);
    }
    return filled;
}

class Join {
public:
    explicit Join(const JoinRequest& request) : request_(request), left_(request.left), right_(request.right) {
        require_key(left_.file());
        require_key(right_.file());
        for (const ColumnInfo& column : right_.file().columns())
            if (column.name != request.key && left_.file().find(column.name) >= 0)
                fail(Exit::data, "both {} and {} have a column '{}'; leave one out by ds-data select --drop {}",
                     left_.name(), right_.name(), column.name, column.name);
        match();
    }

    JoinSummary write(const EditRecord& edit) {
        const KeptSplits splits(left_, rows_);
        DataFileWriter to(request_.output);
        for (size_t c = 0; c < left_.stored().columns().size(); ++c)
            append_rows(left_.stored(), int(c), rows_, to, to.add_column(left_.stored().columns()[c]));
        std::vector<Filled> filled;
        for (size_t c = 0; c < right_.stored().columns().size(); ++c) {
            const ColumnInfo& column = right_.stored().columns()[c];
            if (column.name == request_.key) continue;
            filled.push_back(filled_column(right_, column, summary_.unmatched > 0 && request_.keep));
            append_partners(int(c), filled.back(), to);
        }
        splits.write(to);
        to.set_meta(meta(splits, filled));
        std::vector<std::string> history = merge_history({left_.file().history(), right_.file().history()});
        std::vector<HistoryInput> inputs = inputs_of(left_);
        for (HistoryInput& input : inputs_of(right_)) inputs.push_back(std::move(input));
        history.push_back(edit_text(edit, inputs));
        to.set_history(std::move(history));
        to.commit();
        return summary_;
    }

private:
    void require_key(const DataTable& file) const {
        if (file.find(request_.key) >= 0) return;
        std::vector<std::string_view> names;
        for (const ColumnInfo& info : file.columns()) names.push_back(info.name);
        fail(Exit::usage, "{}: there is no column '{}' to join on{}", file.path(), shown(request_.key),
             name_hint(request_.key, names));
    }

    void match() {
        const std::vector<std::string> keys = keys_of(left_.file(), request_.key);
        const auto places = places_of(right_, request_.key);
        std::set<int64_t> used;
        for (const int64_t row : ds::rows_of(left_)) {
            const auto found = places.find(keys[size_t(row)]);
            const int64_t partner = found == places.end() ? -1 : found->second;
            summary_.unmatched += partner < 0;
            if (partner < 0 && !request_.keep) continue;
            if (partner >= 0) used.insert(partner);
            rows_.push_back(row);
            partners_.push_back(partner);
        }
        summary_.rows = int64_t(rows_.size());
        summary_.unused = right_.rows() - int64_t(used.size());
        if (rows_.empty())
            fail(Exit::data, "no '{}' of {} is one of {}: nothing is left", request_.key, left_.name(), right_.name());
    }

    /// Runs of rows with a partner are read together.
    void append_partners(int column, const Filled& filled, DataFileWriter& to) const {
        const int target = to.add_column(filled.info);
        for (size_t at = 0; at < partners_.size();) {
            size_t end = at;
            while (end < partners_.size() && partners_[end] >= 0) ++end;
            append_rows(right_.stored(), column, {partners_.begin() + int64_t(at), partners_.begin() + int64_t(end)},
                        to, target);
            for (; end < partners_.size() && partners_[end] < 0; ++end) {
                const int64_t nothing = 0;
                if (filled.info.ragged) to.append_ragged(target, {}, std::span(&nothing, 1));
                else to.append(target, filled.missing);
            }
            at = end;
        }
    }

    /// Statistics over the left file's training rows, of its columns and of their partners'.
    std::string meta(const KeptSplits& splits, const std::vector<Filled>& filled) const {
        MetaGatherer left(left_.file()), right(right_.file());
        left.add(left_.file(), splits.statistics_rows());
        std::vector<int64_t> partners;
        int64_t lacking = 0;
        const std::vector<bool> counts = splits.in_statistics(rows_.size());
        for (size_t i = 0; i < rows_.size(); ++i) {
            if (counts[i] && partners_[i] >= 0) partners.push_back(partners_[i]);
            lacking += counts[i] && partners_[i] < 0;
        }
        right.add(right_.file(), partners);
        Json all = Json::parse(left.json(splits.statistics_split()), left_.name());
        Json other = Json::parse(right.json(""), right_.name());
        for (const Filled& one : filled) add_column_meta(all, other, one.info, lacking);
        add_words(all, other);
        return all.dump();
    }
    void add_column_meta(Json& all, const Json& other, const ColumnInfo& info, int64_t lacking) const {
        for (const char* part : {"statistics", "unseen", "pictures"}) {
            const Json* from = other.find(part);
            const Json* own = from ? from->find(info.name) : nullptr;
            if (own) all[part].set(info.name, *own);
        }
        if (Json* statistics = all.find("statistics") ? &all["statistics"] : nullptr;
            statistics && statistics->contains(info.name) && lacking > 0) {
            Json own = statistics->at(info.name);
            statistics->set(info.name, own.set("missing", own.get<int64_t>("missing", 0) + lacking));
        }
        if (info.kind == "category") mark_missing_name(all, info, lacking > 0);
    }
    /// Whether the name of what is missing was seen among the training rows.
    void mark_missing_name(Json& all, const ColumnInfo& info, bool lacks) const {
        const auto none = std::ranges::find(info.labels, "") - info.labels.begin();
        if (none == int64_t(info.labels.size())) return;
        const ColumnInfo& before = right_.file().columns()[size_t(right_.file().find(info.name))];
        std::vector<int64_t> unseen;
        if (const Json* own = all["unseen"].find(info.name))
            for (const Json& k : own->items())
                if (!(lacks && k.as_int() == none)) unseen.push_back(k.as_int());
        if (!lacks && before.labels.size() < info.labels.size()) unseen.push_back(none); // held-back rows alone lack it
        all["unseen"].set(info.name, unseen);
    }
    /// A word that one of the two takes for missing is one for the joined table.
    static void add_words(Json& all, const Json& other) {
        const Json* words = other.find("missing_words");
        if (!words) return;
        std::vector<std::string> joined;
        for (const Json* each : {all.find("missing_words"), words})
            for (size_t i = 0; each && i < each->size(); ++i)
                if (!std::ranges::count(joined, each->at(i).as_string())) joined.push_back(each->at(i).as_string());
        all.set("missing_words", joined);
    }

    const JoinRequest& request_;
    const DataSource left_, right_;
    std::vector<int64_t> rows_, partners_; // rows of both files, -1 for none
    JoinSummary summary_;
};

} // namespace

JoinSummary join_data(const JoinRequest& request, const EditRecord& record) { return Join(request).write(record); }

} // namespace ds
