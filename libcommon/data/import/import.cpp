#include "data/import/import.h"

#include <cmath>

#include "base/atomic_file.h"
#include "base/json.h"
#include "io/checkpoint/checkpoint.h"
#include "io/history.h"

namespace ds {

std::vector<double> StatisticsGatherer::mean() const {
    std::vector<double> all;
    for (size_t c = 0; c < sum_.size(); ++c) all.push_back(count_ ? origin_[c] + sum_[c] / double(count_) : 0);
    return all;
}

std::vector<double> StatisticsGatherer::deviation() const {
    std::vector<double> all;
    for (size_t c = 0; c < sum_.size(); ++c) {
        const double mean = count_ ? sum_[c] / double(count_) : 0;
        all.push_back(count_ ? std::sqrt(std::max(0.0, squares_[c] / double(count_) - mean * mean)) : 0);
    }
    return all;
}

void MetaWriter::add(const std::string& column, const StatisticsGatherer& statistics, int64_t missing) {
    columns_.push_back({column, statistics, missing});
}

void MetaWriter::add(const std::string& column, const PictureRule& rule) { pictures_.emplace_back(column, rule); }

void MetaWriter::add(const std::string& column, WordList words) {
    vocabularies_.emplace_back(column, std::move(words));
}

std::string MetaWriter::json() const {
    Json all = Json::object();
    for (const Column& column : columns_) {
        Json own = Json::object();
        own.set("mean", column.statistics.mean()).set("std", column.statistics.deviation());
        if (column.missing > 0) own.set("missing", column.missing);
        all.set(column.name, own);
    }
    Json meta = Json::object();
    meta.set("statistics", all);
    for (const auto& [name, rule] : pictures_) meta["pictures"].set(name, to_json(rule));
    for (const auto& [name, words] : vocabularies_) meta["vocabularies"].set(name, to_json(words));
    Json of = Json::object();
    if (!split_.first.empty()) meta.set("statistics_of", of.set("split", split_.first).set("rows", split_.second));
    return meta.dump();
}

HistoryInput input_of(const Source& source) { return {base_name(source.name()), to_hex(input_digest(source)), ""}; }

std::string import_record(const ImportRequest& request, std::vector<HistoryInput> inputs) {
    HistoryRecord record;
    record.tool = "ds-data";
    record.version = request.version;
    record.arguments = request.arguments;
    record.options_json = request.options_json;
    record.inputs = std::move(inputs);
    return write_record(record);
}

} // namespace ds
