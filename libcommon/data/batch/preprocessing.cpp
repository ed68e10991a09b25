#include "data/batch/preprocessing.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "base/names.h"

namespace ds {
namespace {

template <class T>
std::vector<T> read_list(const Json& object, const char* key) {
    std::vector<T> values;
    const Json* list = object.find(key);
    if (!list) return values;
    for (const Json& item : list->items()) {
        if constexpr (std::is_same_v<T, std::string>) values.push_back(item.as_string());
        else if constexpr (std::is_same_v<T, int64_t>) values.push_back(item.as_int());
        else values.push_back(item.as_number());
    }
    return values;
}

ColumnPreprocessing read_column(const Json& json, const std::string& name, const std::string& source) {
    ColumnPreprocessing column;
    column.kind = json.get<std::string>("kind");
    column.shape = read_list<int64_t>(json, "shape");
    column.divide = json.get<double>("divide", 1);
    column.mean = read_list<double>(json, "mean");
    column.std = read_list<double>(json, "std");
    column.categories = read_list<std::string>(json, "categories");
    column.unknown = json.get<int64_t>("unknown", -1);
    if (const Json* rule = json.find("picture")) column.picture = parse_rule(*rule, source);
    const std::string missing = json.get<std::string>("missing", std::string(missing_names[0]));
    const auto rule = std::ranges::find(missing_names, missing);
    if (rule == missing_names.end())
        fail(Exit::data, "{}: the preprocessing of '{}' takes what is missing for '{}'", source, name, shown(missing));
    column.missing = Missing(rule - missing_names.begin());
    column.missing_words = read_list<std::string>(json, "missing_words");
    column.date = json.get<bool>("date", false);
    column.wide = json.get<bool>("wide", false);
    column.decimal_comma = json.get<bool>("decimal_comma", false);
    column.words = read_list<std::string>(json, "words");
    column.word_column = json.get<int64_t>("word_column", -1);
    if (json.contains("tokens")) column.tokens = parse_token_rule(json.get<std::string>("tokens"), source);
    check_sound(column, name, source);
    return column;
}

} // namespace

void check_sound(const ColumnPreprocessing& column, const std::string& name, const std::string& source) {
    bool sound = column.mean.size() == column.std.size() && std::isfinite(column.divide) && column.divide != 0;
    for (double s : column.std) sound = sound && std::isfinite(s) && s > 0;
    for (double m : column.mean) sound = sound && std::isfinite(m);
    if (!sound) fail(Exit::data, "{}: the preprocessing of '{}' has impossible numbers", source, name);
}

std::string Preprocessing::to_json() const {
    Json root = Json::object();
    for (const auto& [name, column] : columns) {
        Json json = Json::object();
        json.set("kind", column.kind);
        json.set("shape", column.shape);
        if (column.divide != 1) json.set("divide", column.divide);
        if (!column.mean.empty()) json.set("mean", column.mean);
        if (!column.std.empty()) json.set("std", column.std);
        if (!column.categories.empty()) json.set("categories", column.categories);
        if (column.unknown >= 0) json.set("unknown", column.unknown);
        if (column.picture) json.set("picture", ds::to_json(*column.picture));
        if (column.missing != Missing::refused) json.set("missing", missing_names[size_t(column.missing)]);
        if (!column.missing_words.empty()) json.set("missing_words", column.missing_words);
        if (column.date) json.set("date", true);
        if (column.wide) json.set("wide", true);
        if (column.decimal_comma) json.set("decimal_comma", true);
        if (column.kind == "document")
            json.set("tokens", token_rule_names[size_t(column.tokens)]).set("words", column.words);
        if (column.word_column >= 0) json.set("word_column", column.word_column);
        root.set(name, json);
    }
    return root.dump();
}

Preprocessing Preprocessing::from_json(const std::string& text, const std::string& source) {
    Preprocessing preprocessing;
    if (text.empty()) return preprocessing;
    const Json root = Json::parse(text, source);
    for (const auto& [name, json] : root.members()) preprocessing.columns[name] = read_column(json, name, source);
    return preprocessing;
}

} // namespace ds
