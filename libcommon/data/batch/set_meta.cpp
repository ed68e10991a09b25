#include "data/batch/set_meta.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "data/picture/rule.h"
#include "data/text/documents.h"

namespace ds {
namespace {

Json meta_of(const DataTable& part) {
    return part.meta().empty() ? Json::object() : Json::parse(part.meta(), part.path());
}

/// meta["statistics"]["image"], say; null when absent.
const Json* entry(const Json& meta, const char* what, const std::string& column) {
    const Json* all = meta.find(what);
    return all ? all->find(column) : nullptr;
}

/// The rows behind a part's statistics.
int64_t counted_rows(const Json& meta, const DataTable& part) {
    const Json* of = meta.find("statistics_of");
    return of ? of->get<int64_t>("rows", part.rows()) : part.rows();
}

std::string split_of(const Json& meta) {
    const Json* of = meta.find("statistics_of");
    return of ? of->get<std::string>("split", "") : "";
}

std::vector<double> numbers_of(const Json& list) {
    std::vector<double> all;
    for (const Json& item : list.items()) all.push_back(item.as_number());
    return all;
}

/// Mean and deviation of a column over all parts, channel by channel.
class JoinedStatistics {
public:
    void add(const Json& own, int64_t rows, const std::string& where) {
        const std::vector<double> mean = numbers_of(own.at("mean")), deviation = numbers_of(own.at("std"));
        const int64_t missing = own.get<int64_t>("missing", 0);
        if (mean.size() != deviation.size() || (!mean_.empty() && mean.size() != mean_.size()))
            fail(Exit::data, "{}: its statistics are of another number of channels", where);
        mean_.resize(mean.size()), square_.resize(mean.size());
        missing_ += missing;
        const double n = double(std::max<int64_t>(0, rows - missing));
        if (n == 0) return;
        rows_ += n;
        for (size_t c = 0; c < mean.size(); ++c) { // the squares are about the mean so far, so nothing cancels
            const double step = mean[c] - mean_[c];
            mean_[c] += step * n / rows_;
            square_[c] += n * deviation[c] * deviation[c] + step * step * n * (rows_ - n) / rows_;
        }
    }
    Json json() const {
        std::vector<double> deviation;
        for (const double s : square_) deviation.push_back(rows_ > 0 ? std::sqrt(s / rows_) : 0);
        Json own = Json::object();
        own.set("mean", mean_).set("std", deviation);
        if (missing_ > 0) own.set("missing", missing_);
        return own;
    }

private:
    std::vector<double> mean_, square_;
    double rows_ = 0;
    int64_t missing_ = 0;
};

Json joined_statistics(const DataParts& parts, const std::vector<Json>& metas, const std::vector<ColumnInfo>& columns) {
    Json all = Json::object();
    for (const ColumnInfo& column : columns) {
        JoinedStatistics joined;
        bool any = false;
        for (size_t p = 0; p < parts.size(); ++p)
            if (const Json* own = entry(metas[p], "statistics", column.name)) {
                joined.add(*own, counted_rows(metas[p], *parts[p]), parts[p]->path());
                any = true;
            }
        if (any) all.set(column.name, joined.json());
    }
    return all;
}

/// How the pictures of a column became pixels, where all parts say the same; none where one does not say.
std::optional<PictureRule> joined_rule(const DataParts& parts, const std::vector<Json>& metas,
                                       const std::string& column) {
    std::optional<PictureRule> joined;
    for (size_t p = 0; p < parts.size(); ++p) {
        const Json* own = entry(metas[p], "pictures", column);
        if (!own) return std::nullopt;
        const PictureRule rule = parse_rule(*own, parts[p]->path());
        if (joined && !agree(*joined, rule))
            fail(Exit::data,
                 "{} and {} hold pictures that were imported otherwise: {}, and {}; import one of them anew",
                 parts[0]->path(), parts[p]->path(), text(*joined), text(rule));
        if (!joined || joined->resize == ResizeRule::none) joined = rule;
    }
    return joined;
}

/// Each part has the words that it has twice; of those that are in several, together.
Json joined_vocabulary(const DataParts& parts, const std::vector<Json>& metas, const ColumnInfo& column) {
    WordCounter counter;
    for (size_t p = 0; p < parts.size(); ++p) counter.add(words_of(metas[p], column.name, parts[p]->path()));
    return to_json(counter.list(size_t(most_words(column))));
}

Json joined_words(const std::vector<Json>& metas) {
    std::vector<std::string> words;
    for (const Json& meta : metas)
        if (const Json* own = meta.find("missing_words"))
            for (const Json& word : own->items())
                if (std::ranges::count(words, word.as_string()) == 0) words.push_back(word.as_string());
    return words;
}

bool any_has(const std::vector<Json>& metas, const char* what) {
    return std::ranges::any_of(metas, [&](const Json& meta) { return meta.contains(what); });
}

} // namespace

std::string joined_meta(const DataParts& parts, const std::vector<ColumnInfo>& columns,
                        const std::function<const std::vector<int32_t>&(size_t part, size_t column)>& numbers) {
    std::vector<Json> metas;
    for (const auto& part : parts) metas.push_back(meta_of(*part));
    Json meta = metas[0], unseen = Json::object(), pictures = Json::object(), vocabularies = Json::object();
    if (any_has(metas, "statistics")) meta.set("statistics", joined_statistics(parts, metas, columns));
    if (any_has(metas, "statistics_of")) {
        const bool same = std::ranges::all_of(metas, [&](const Json& m) { return split_of(m) == split_of(metas[0]); });
        int64_t rows = 0;
        for (size_t p = 0; p < parts.size(); ++p) rows += counted_rows(metas[p], *parts[p]);
        Json of = Json::object();
        meta.set("statistics_of", of.set("split", same ? split_of(metas[0]) : "").set("rows", rows));
    }
    for (size_t c = 0; c < columns.size(); ++c) {
        if (const auto rule = joined_rule(parts, metas, columns[c].name)) pictures.set(columns[c].name, to_json(*rule));
        std::set<int64_t> seen; // a part has seen its own names, but those that it lists
        for (size_t p = 0; p < parts.size(); ++p) {
            std::set<int64_t> none;
            if (const Json* own = entry(metas[p], "unseen", columns[c].name))
                for (const Json& k : own->items()) none.insert(k.as_int());
            const std::vector<int32_t>& number = numbers(p, c);
            const size_t names = number.empty() ? columns[c].labels.size() : number.size();
            for (size_t k = 0; k < names; ++k)
                if (!none.contains(int64_t(k))) seen.insert(number.empty() ? int64_t(k) : number[k]);
        }
        std::vector<int64_t> left;
        for (int64_t k = 0; k < int64_t(columns[c].labels.size()); ++k)
            if (!seen.contains(k)) left.push_back(k);
        if (!left.empty()) unseen.set(columns[c].name, left);
    }
    if (any_has(metas, "unseen")) meta.set("unseen", unseen);
    for (const ColumnInfo& column : columns)
        if (is_document(column)) vocabularies.set(column.name, joined_vocabulary(parts, metas, column));
    if (any_has(metas, "vocabularies")) meta.set("vocabularies", vocabularies);
    if (any_has(metas, "pictures")) meta.set("pictures", pictures);
    if (any_has(metas, "missing_words")) meta.set("missing_words", joined_words(metas));
    return meta.dump();
}

void require_same_statistics(const DataParts& parts) {
    const Json first = meta_of(*parts[0]);
    const auto words = [](const std::string& split) { return split.empty() ? "all rows" : "the split " + split; };
    for (const auto& part : parts) {
        const Json meta = meta_of(*part);
        if (split_of(meta) != split_of(first))
            fail(Exit::data,
                 "{} and {} are not alike: the statistics of the first are of {}, of the second of {}; "
                 "ds-data cat makes one file of them, with statistics of all",
                 parts[0]->path(), part->path(), words(split_of(first)), words(split_of(meta)));
        for (const ColumnInfo& column : part->columns())
            if (!entry(first, "statistics", column.name) != !entry(meta, "statistics", column.name))
                fail(Exit::data,
                     "{} and {} are not alike: only one of them has statistics of column '{}'; ds-data cat "
                     "makes one file of them, with statistics of all",
                     parts[0]->path(), part->path(), column.name);
    }
}

} // namespace ds
