#include "model/parameters.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/error.h"
#include "base/names.h"
#include "model/loss.h"
#include "model/losses/row.h"

namespace ds {
namespace {

/// What suits the data's targets: their losses, and how many outputs they take.
void define_loss(const DataFacts& facts, Variables& variables) {
    int64_t targets = 0, outputs = 0, two_classes = 0;
    for (const DataColumn& column : facts) {
        if (!column.is_target) continue;
        const FittingLoss loss = fitting_loss(column);
        ++targets;
        outputs += loss.outputs;
        two_classes += column.categories == 2 && column.item.empty() && !column.of_words;
        variables["data.loss"] = std::string(targets == 1 ? loss.kind : each_target);
    }
    if (targets == 0) return;
    variables["data.outputs"] = variables["data.class_outputs"] = outputs;
    const bool in_groups = std::ranges::count(facts, "group", &DataColumn::kind) > 0;
    const auto target = std::ranges::find(facts, true, &DataColumn::is_target);
    if (in_groups && targets == 1 && target->categories == 0 && target->item.empty())
        variables["data.loss"] = std::string("lambdarank"); // with one output, as mse and yes or no
    variables["data.class_loss"] = variables["data.loss"];
    if (targets == 1 && two_classes == 1) {
        variables["data.class_outputs"] = int64_t{2};
        variables["data.class_loss"] = std::string("cross_entropy");
    }
}

void define_data(const DataFacts& facts, Variables& variables) {
    define_loss(facts, variables);
    for (const DataColumn& column : facts) {
        if (column.is_target && column.categories > 0) variables["data.classes"] = column.categories;
        if (!column.is_target && column.categories > 0) variables["data.categories." + column.name] = column.categories;
        if (column.is_target || column.kind == "weight" || column.kind == "id" || column.kind == "group") continue;
        if (column.kind == "document") {
            if (variables.count("data.text")) continue; // of the first one
            variables["data.text"] = column.name;
            variables["data.words"] = column.words;
            variables["data.longest"] = column.longest;
            continue;
        }
        if (!variables.count("data.features")) variables["data.features"] = count(column.item);
        if (!column.item.empty() && !variables.count("data.shape"))
            variables["data.shape"] = fmt::format("{}", fmt::join(column.item, ","));
        if (column.item.size() == 3 && !variables.count("data.channels")) {
            variables["data.channels"] = column.item[0];
            variables["data.height"] = column.item[1];
            variables["data.width"] = column.item[2];
        }
    }
}

/// What a person calls data.NAME; "" for a name that no data has.
std::string plain_words(const std::string& variable) {
    for (const FactRow& row : fact_rows()) {
        if (row.name == variable) return std::string(row.words);
        if (row.name.ends_with('.') && variable.starts_with(row.name))
            return fmt::format("{} '{}'", row.words, variable.substr(row.name.size()));
    }
    return "";
}

/// The first data.NAME of an expression that this data does not define though other data may, or "".
std::string missing_fact(const std::string& expression, const Variables& data) {
    for (size_t at = expression.find("data."); at != std::string::npos; at = expression.find("data.", at + 1)) {
        size_t end = at;
        while (end < expression.size() && (std::isalnum(static_cast<unsigned char>(expression[end])) ||
                                           expression[end] == '.' || expression[end] == '_'))
            ++end;
        const std::string name = expression.substr(at, end - at);
        if (!data.count(name) && !plain_words(name).empty()) return name;
    }
    return "";
}

[[noreturn]] void refuse_parameter(const Yaml::Member& member, const Variables& data, const char* why) {
    if (const std::string missing = missing_fact(member.value.as_string(), data); !missing.empty())
        fail(Exit::data,
             "the data has no {}, which parameter '{}' of the model is taken from ({}); give other data, or --set "
             "{}=...",
             plain_words(missing), member.key, member.value.where(), member.key);
    member.value.refuse(fmt::format("parameter '{}': {}", member.key, why));
}

void check_overrides(const Yaml* set, const ModelRequest& request) {
    std::vector<std::string_view> names;
    if (set)
        for (const Yaml::Member& member : set->members()) names.push_back(member.key);
    for (const auto& [name, value] : request.set)
        if (std::find(names.begin(), names.end(), name) == names.end())
            fail(Exit::usage, "--set {}={}: the model has no parameter '{}'{}", name, shown(value), name,
                 names.empty() ? "; it has none" : name_hint(name, names));
}

/// The value of a member of `set`: as overridden, or its default.
ModelValue parameter(const Yaml::Member& member, const std::map<std::string, std::string>& overrides,
                     const Variables& data, const Variables& before) {
    Variables scope = data;
    scope.insert(before.begin(), before.end());
    const auto given = overrides.find(member.key);
    const ModelValue value = evaluate(given != overrides.end() ? given->second : member.value.as_string(), scope);
    const auto* word = std::get_if<std::string>(&value);
    return word ? parse_value(*word) : value;
}

/// Two numbers are the least and the greatest one; else what the parameter may be, word for word.
void check_limit(const Yaml::Member& limit, const ModelValue& value) {
    const std::vector<Yaml>& items = limit.value.items();
    const bool is_range = items.size() == 2 && items[0].is_number() && items[1].is_number();
    std::vector<std::string_view> words;
    for (const Yaml& item : items) words.push_back(item.as_string());
    if (words.empty()) limit.value.refuse(fmt::format("limits of '{}': a list expected that is not empty", limit.key));
    const std::string given = text(value);
    if (!is_range && std::ranges::count(words, given) == 0)
        limit.value.refuse(
            fmt::format("parameter '{}' cannot be '{}'; it is one of {}", limit.key, shown(given), list_names(words)));
    if (!is_range) return;
    const double number = std::holds_alternative<int64_t>(value)  ? double(std::get<int64_t>(value))
                          : std::holds_alternative<double>(value) ? std::get<double>(value)
                                                                  : std::nan("");
    if (!(number >= items[0].as_number() && number <= items[1].as_number()))
        limit.value.refuse(fmt::format("parameter '{}' cannot be {}; it lies from {} to {}", limit.key, shown(given),
                                       words[0], words[1]));
}

void check_limits(const Yaml& file, const Variables& variables) {
    const Yaml* limits = file.find("limits");
    if (!limits) return;
    for (const Yaml::Member& limit : limits->members()) {
        const auto value = variables.find(limit.key);
        if (value == variables.end())
            limit.value.refuse(fmt::format("limits of '{}', which is no parameter", shown(limit.key)));
        check_limit(limit, value->second);
    }
}

} // namespace

std::span<const FactRow> fact_rows() {
    static const FactRow rows[] = {
        {"data.classes", "target with classes", "how many classes the target has"},
        {"data.shape", "column of images or arrays",
         "the sizes of a row of the first column of images or arrays, as in 1,28,28"},
        {"data.channels", "images", "channels of the first column whose rows have three axes"},
        {"data.height", "images", "its height"},
        {"data.width", "images", "its width"},
        {"data.features", "column to learn from", "elements of a row of the first column"},
        {"data.text", "column of texts (ds-data import csv --text, import text --labels)",
         "the name of the first column of texts"},
        {"data.words", "column of texts",
         "how many words its vocabulary has; their numbers are 2 and so on, behind 0 for "
         "no word and 1 for all others"},
        {"data.longest", "column of texts",
         "how many words the longest of its texts has, of the rows that the "
         "vocabulary is of"},
        {"data.loss", "target column",
         "the loss that suits the target: cross_entropy for three classes or more, binary_cross_entropy for two and "
         "for 0 and 1 (one output for each label where a row may have several), mse for other numbers; each where "
         "there are several targets. Numbers beside a column of groups are relevances: lambdarank"},
        {"data.outputs", "target column", "how many outputs that loss takes"},
        {"data.class_loss", "target column", "the same, but cross_entropy for two classes, too"},
        {"data.class_outputs", "target column", "how many outputs that one takes"},
        {"data.categories.", "category column", "how many categories that column has"},
    };
    return rows;
}

Variables resolve_parameters(const Yaml& file, const ModelRequest& request) {
    Variables data, variables;
    define_data(request.data, data);
    const Yaml* set = file.find("set");
    check_overrides(set, request);
    if (!set) {
        check_limits(file, variables);
        return variables;
    }
    for (const Yaml::Member& member : set->members()) {
        try {
            variables[member.key] = parameter(member, request.set, data, variables);
        } catch (const Error& error) {
            refuse_parameter(member, data, error.what());
        }
    }
    check_limits(file, variables);
    return variables;
}

Variables parameters_without_data(const Yaml& file, const std::map<std::string, std::string>& set) {
    Variables variables;
    const Yaml* defaults = file.find("set");
    if (!defaults) return variables;
    for (const Yaml::Member& member : defaults->members()) {
        try {
            variables[member.key] = parameter(member, set, {}, variables);
        } catch (const Error&) { // it waits for the data, or resolve_parameters says what is wrong
        }
    }
    return variables;
}

} // namespace ds
