#include "model/model_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/error.h"
#include "base/names.h"
#include "base/share.h"
#include "graph/verify.h"
#include "model/layers/layers.h"
#include "model/loss.h"

namespace ds {
namespace {

std::vector<std::string> known_models() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(share_path("models"), ignored))
        if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

void define_data(const DataFacts& facts, Variables& variables) {
    for (const DataColumn& column : facts) {
        if (column.is_target && column.categories > 0) variables["data.classes"] = column.categories;
        if (!column.is_target && column.categories > 0) variables["data.categories." + column.name] = column.categories;
        if (column.is_target) continue;
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

/// What a person calls data.NAME.
std::string plain_words(const std::string& variable) {
    const std::string categories = "data.categories.";
    if (variable.starts_with(categories)) return "category column '" + variable.substr(categories.size()) + "'";
    if (variable == "data.classes") return "target with classes";
    if (variable == "data.shape") return "column of images or arrays";
    if (variable == "data.features") return "column to learn from";
    return "images";
}

/// The first data.NAME of an expression that the data does not define, or "".
std::string missing_fact(const std::string& expression, const Variables& data) {
    for (size_t at = expression.find("data."); at != std::string::npos; at = expression.find("data.", at + 1)) {
        size_t end = at;
        while (end < expression.size() &&
               (std::isalnum(expression[end]) || expression[end] == '.' || expression[end] == '_'))
            ++end;
        const std::string name = expression.substr(at, end - at);
        if (!data.count(name)) return name;
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

/// The file's parameters with overrides and data filled in, in the file's order so that one may use another.
Variables resolve_parameters(const Yaml& file, const ModelRequest& request) {
    Variables data, variables;
    define_data(request.data, data);
    std::vector<std::string> names;
    const Yaml* set = file.find("set");
    if (set)
        for (const Yaml::Member& member : set->members()) names.push_back(member.key);
    for (const auto& [name, value] : request.set)
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            std::string list;
            for (const std::string& n : names) list += (list.empty() ? "" : ", ") + n;
            fail(Exit::usage, "--set {}={}: the model has no parameter '{}'; there are: {}", name, shown(value), name,
                 list.empty() ? "none" : list);
        }
    if (set)
        for (const Yaml::Member& member : set->members()) {
            Variables scope = data;
            scope.insert(variables.begin(), variables.end());
            const auto given = request.set.find(member.key);
            try {
                const ModelValue value =
                    evaluate(given != request.set.end() ? given->second : member.value.as_string(), scope);
                const auto* word = std::get_if<std::string>(&value);
                variables[member.key] = word ? parse_value(*word) : value;
            } catch (const Error& error) {
                refuse_parameter(member, data, error.what());
            }
        }
    return variables;
}

std::string evaluate_text(const Yaml& yaml, const Variables& variables) {
    try {
        return text(evaluate(yaml.as_string(), variables));
    } catch (const Error& error) {
        if (std::string_view(error.what()).find(yaml.where()) == 0) throw;
        yaml.refuse(error.what());
    }
}

void add_inputs(const Yaml& file, Graph& graph, LayerWriter& writer, DType float_dtype) {
    for (const Yaml::Member& member : file.at("inputs").members()) {
        const std::string name = evaluate_text(Yaml::parse(Yaml::quote(member.key), "a name"), writer.variables);
        Type type;
        try {
            type = parse_type(evaluate_text(member.value, writer.variables));
        } catch (const Error& error) {
            member.value.refuse(fmt::format("input '{}': {}", name, error.what()));
        }
        if (is_float(type.dtype)) type.dtype = float_dtype;
        writer.named[name] = graph.add_input(name, type);
    }
    if (graph.inputs.size() == 1) writer.current = graph.inputs[0].value;
}

void check_sections(const Yaml& file) {
    file.check_keys({"about", "set", "inputs", "blocks", "layers", "loss", "train"});
}

Yaml load_model_file(const std::string& path) {
    Yaml file = Yaml::load(path);
    check_sections(file);
    return file;
}

/// A model that cannot be built is the fault of --set when without it, it can: Error(usage) naming the one.
void blame_set(const Yaml& file, const std::string& name, const ModelRequest& request, const char* why) {
    for (const auto& [parameter, value] : request.set) {
        ModelRequest without = request;
        without.set.erase(parameter);
        try {
            build_model(file, name, without);
        } catch (const Error&) {
            continue;
        }
        fail(Exit::usage, "--set {}={}: {}", parameter, shown(value), why);
    }
}

} // namespace

std::string find_model(const std::string& name) {
    const bool is_path = name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
    if (is_path) return name;
    const std::string path = share_path("models/" + name + ".yaml");
    if (std::filesystem::exists(path)) return path;
    const std::vector<std::string> known = known_models();
    std::string list;
    for (const std::string& n : known) list += (list.empty() ? "" : ", ") + n;
    fail(Exit::no_input, "no model '{}': give a checkpoint, a YAML file, or one of: {}", name,
         list.empty() ? "(none installed)" : list);
}

Yaml training_defaults(const std::string& model) {
    const Yaml file = load_model_file(find_model(model));
    const Yaml* train = file.find("train");
    return train ? *train : Yaml();
}

BuiltModel build_model(const ModelRequest& request) {
    const std::string path = find_model(request.model), name = std::filesystem::path(path).stem().string();
    const Yaml file = load_model_file(path);
    try {
        return build_model(file, name, request);
    } catch (const Error& error) {
        if (error.code() == Exit::config) blame_set(file, name, request, error.what());
        throw;
    }
}

BuiltModel build_model(const Yaml& file, const std::string& name, const ModelRequest& request) {
    check_sections(file);
    BuiltModel built;
    built.graph.name = name;
    LayerWriter writer(built.graph, request, file.find("blocks"));
    writer.variables = resolve_parameters(file, request);
    for (const auto& [parameter, value] : writer.variables) built.parameters[parameter] = text(value);
    add_inputs(file, built.graph, writer, request.dtype);
    writer.layers(file.at("layers"));
    built.graph.add_output("logits", writer.current);
    built.task = add_loss(built.graph, writer.current, file.at("loss"), writer.variables, request.label_smoothing);
    try {
        verify(built.graph, file.where());
    } catch (const Error& error) {
        fail(Exit::config, "{}", error.what());
    }
    return built;
}

} // namespace ds
