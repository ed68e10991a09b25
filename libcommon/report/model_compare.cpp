#include "report/model_compare.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/escape.h"
#include "base/yaml.h"
#include "data/format/csv.h"
#include "graph/text.h"
#include "io/history.h"
#include "model/expression.h"
#include "report/model_summary.h"

namespace ds {
namespace {

/// What there is to know of one model, in order.
using Facts = std::vector<std::pair<std::string, Json>>;

/// The last command that is known to have made something of it.
std::optional<HistoryRecord> last_command(const std::vector<std::string>& history) {
    for (auto text = history.rbegin(); text != history.rend(); ++text)
        if (HistoryRecord record = parse_record(*text); is_known_tool(record.tool)) return record;
    return std::nullopt;
}

std::string joined(const Json& values) {
    std::string all;
    for (const Json& value : values.items())
        all += (all.empty() ? "" : ",") + (value.is_string() ? value.as_string() : value.dump());
    return all;
}

/// The last command that made a model from a model file, or that set its parameters: histories of before have no text.
std::optional<HistoryRecord> made_from_file(const std::vector<std::string>& history) {
    for (auto text = history.rbegin(); text != history.rend(); ++text) {
        HistoryRecord record = parse_record(*text);
        const Json options = Json::parse(record.options_json, "history");
        const Json* set = options.find("set");
        if (!record.model_file.text.empty() || (set && set->is_array() && set->size() > 0)) return record;
    }
    return std::nullopt;
}

/// The value of a parameter that --set left alone: as the file says it where the data decide it.
std::string default_value(const std::string& expression, const Variables& known) {
    try {
        return text(evaluate(expression, known));
    } catch (const Error&) {
        return expression;
    }
}

/// What --set gave, in its order.
std::vector<std::pair<std::string, std::string>> given_parameters(const HistoryRecord& record) {
    const Json options = Json::parse(record.options_json, "history");
    std::vector<std::pair<std::string, std::string>> given;
    if (const Json* set = options.find("set"); set && set->is_array())
        for (const Json& one : set->items()) {
            const std::string word = one.is_string() ? one.as_string() : "";
            if (const size_t equals = word.find('='); equals != word.npos)
                given.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        }
    return given;
}

/// Every parameter of the model file as a fact: as it was set, else by its default. Without a text that is understood
/// (a later version's, say) those that were set.
void add_parameters(Facts& facts, const HistoryRecord& record) {
    Facts all;
    for (const auto& [name, value] : given_parameters(record)) all.emplace_back("set." + name, value);
    try {
        const Yaml file = Yaml::parse(record.model_file.text, "model file");
        Variables known;
        Facts named;
        for (const Yaml::Member& member : file.at("set").members()) {
            const auto own = std::ranges::find(all, "set." + member.key, &Facts::value_type::first);
            const std::string value =
                own != all.end() ? own->second.as_string() : default_value(member.value.as_string(), known);
            known[member.key] = parse_value(value);
            named.emplace_back("set." + member.key, value);
        }
        all = std::move(named);
    } catch (const Error&) {}
    facts.insert(facts.end(), all.begin(), all.end());
}

Facts options_of(const Checkpoint& c) {
    Facts facts{{"graph", parse_graph(c.graph_text, "the graph").name}, {"parameters", learned_elements(c)}};
    if (const std::optional<HistoryRecord> made = made_from_file(c.history)) add_parameters(facts, *made);
    const std::optional<HistoryRecord> record = last_command(c.history);
    if (!record) return facts;
    const Json options = Json::parse(record->options_json, "history");
    for (const auto& [name, value] : options.members()) {
        if (name == "set") continue; // above
        if (!value.is_array()) facts.emplace_back(name, value);
        else if (const std::string all = joined(value); !all.empty()) facts.emplace_back(name, all);
    }
    std::string inputs;
    for (const HistoryInput& input : record->inputs) inputs += (inputs.empty() ? "" : ",") + input.digest.substr(0, 8);
    facts.emplace_back("inputs", inputs);
    return facts;
}

Facts metrics_of(const Checkpoint& c) {
    if (c.history.empty()) return {};
    return Json::parse(parse_record(c.history.back()).metrics_json, "history").members();
}

/// Adds the columns of one kind: every name that a model has, as they first come.
void add_columns(ModelTable& table, const std::vector<Facts>& facts, bool is_metric) {
    std::vector<ModelTable::Column> columns;
    for (size_t m = 0; m < facts.size(); ++m)
        for (const auto& [name, value] : facts[m]) {
            auto column = std::ranges::find(columns, name, &ModelTable::Column::name);
            if (column == columns.end())
                column = columns.insert(columns.end(), {name, is_metric, std::vector<Json>(facts.size())});
            column->cells[m] = value;
        }
    for (ModelTable::Column& column : columns)
        if (std::ranges::any_of(column.cells, [&](const Json& cell) { return !(cell == column.cells[0]); }))
            table.columns.push_back(std::move(column));
}

/// The shortest that says the value.
std::string plain(const Json& cell) {
    if (cell.is_null()) return "";
    return cell.is_string() ? cell.as_string() : cell.dump();
}

std::string short_text(const ModelTable::Column& column, size_t model) {
    const Json& cell = column.cells[model];
    if (cell.is_null()) return "-";
    return column.is_metric && cell.is_number() ? fmt::format("{:.4f}", cell.as_number()) : visible(plain(cell));
}

void pad(std::string& line, const std::string& cell, size_t width) { line += fmt::format("{:<{}}  ", cell, width); }

std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

} // namespace

ModelTable compare_models(const std::vector<NamedCheckpoint>& models) {
    ModelTable table;
    std::vector<Facts> options, metrics;
    for (const NamedCheckpoint& m : models) {
        table.models.push_back(m.name);
        options.push_back(options_of(m.checkpoint));
        metrics.push_back(metrics_of(m.checkpoint));
    }
    add_columns(table, options, false);
    add_columns(table, metrics, true);
    return table;
}

std::string table_text(const ModelTable& table) {
    if (table.columns.empty()) return "";
    std::vector<std::string> lines(table.models.size() + 1);
    size_t width = 5;
    for (const std::string& model : table.models) width = std::max(width, visible(model).size());
    pad(lines[0], "model", width);
    for (size_t m = 0; m < table.models.size(); ++m) pad(lines[m + 1], visible(table.models[m]), width);
    for (const ModelTable::Column& column : table.columns) {
        width = visible(column.name).size();
        for (size_t m = 0; m < table.models.size(); ++m) width = std::max(width, short_text(column, m).size());
        pad(lines[0], visible(column.name), width);
        for (size_t m = 0; m < table.models.size(); ++m) pad(lines[m + 1], short_text(column, m), width);
    }
    std::string out;
    for (const std::string& line : lines) out += trimmed(line);
    return out;
}

std::string table_csv(const ModelTable& table) {
    std::string out = "model";
    for (const ModelTable::Column& column : table.columns) out += "," + csv_field(column.name);
    for (size_t m = 0; m < table.models.size(); ++m) {
        out += "\n" + csv_field(table.models[m]);
        for (const ModelTable::Column& column : table.columns) out += "," + csv_field(plain(column.cells[m]));
    }
    return out + "\n";
}

Json table_json(const ModelTable& table) {
    Json all = Json::array();
    for (size_t m = 0; m < table.models.size(); ++m) {
        Json options = Json::object(), metrics = Json::object(), one = Json::object();
        for (const ModelTable::Column& column : table.columns)
            (column.is_metric ? metrics : options).set(column.name, column.cells[m]);
        all.push(one.set("model", table.models[m]).set("options", options).set("metrics", metrics));
    }
    return all;
}

} // namespace ds
