#include "model/model_file.h"

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/names.h"
#include "base/share.h"
#include "graph/verify.h"
#include "model/layers/writer.h"
#include "model/loss.h"
#include "model/parameters.h"

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

std::string evaluate_text(const Yaml& yaml, const Variables& variables) {
    try {
        return text(evaluate(yaml.as_string(), variables));
    } catch (const Error& error) {
        if (yaml.is_placed(error.what())) throw;
        yaml.refuse(error.what());
    }
}

/// A key may be an expression, too.
std::string evaluate_name(const Yaml::Member& member, const Variables& variables) {
    try {
        return text(evaluate(member.key, variables));
    } catch (const Error& error) {
        member.value.refuse(fmt::format("input '{}': {}", shown(member.key), error.what()));
    }
}

void add_inputs(const Yaml& file, Graph& graph, LayerWriter& writer, DType float_dtype) {
    for (const Yaml::Member& member : file.at("inputs").members()) {
        const std::string name = evaluate_name(member, writer.variables);
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
    std::vector<std::string_view> known;
    for (const SectionRow& row : section_rows()) known.push_back(row.name);
    file.check_keys(known);
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

std::span<const SectionRow> section_rows() {
    static const SectionRow rows[] = {
        {"about", false, "one line on what the model is"},
        {"set", false,
         "parameters and their defaults, which ds-train --set changes. One may use those above it, and what the data "
         "says "
         "(data.NAME)"},
        {"limits", false,
         "what parameters may be, where layers do not say it: NAME: [LEAST, GREATEST] for numbers, or the words that "
         "are "
         "allowed"},
        {"inputs", true, "for each input, NAME: TYPE; the column of the data of that name goes in"},
        {"blocks", false, "for the layer use: NAME: {with: {PARAMETER: DEFAULT, ...}, layers: [...]}"},
        {"layers", true, "a list of layers, one after another"},
        {"loss", true, "what training minimises"},
        {"train", false, "options of ds-train that suit the model, where nobody says otherwise"},
    };
    return rows;
}

std::string find_model(const std::string& name) {
    const bool is_path = name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
    if (is_path) return name;
    const std::string path = share_path("models/" + name + ".yaml");
    if (std::filesystem::exists(path)) return path;
    const std::vector<std::string> known = known_models();
    const std::vector<std::string_view> names(known.begin(), known.end());
    fail(Exit::no_input, "no model '{}': give a checkpoint, a YAML file, or the name of a shipped model{}", shown(name),
         known.empty() ? "; none is installed" : name_hint(name, names));
}

Yaml training_defaults(const std::string& model, const std::map<std::string, std::string>& set) {
    const Yaml file = load_model_file(find_model(model));
    const Yaml* train = file.find("train");
    if (!train) return Yaml();
    const Variables parameters = parameters_without_data(file, set);
    return train->with_scalars([&](const Yaml& value) {
        try {
            return text(evaluate(value.as_string(), parameters));
        } catch (const Error& error) {
            value.refuse(error.what());
        }
    });
}

BuiltModel build_model(const ModelRequest& request) {
    const std::string path = find_model(request.model), name = std::filesystem::path(path).stem().string();
    const std::string text = read_file(path, Yaml::max_bytes);
    const Yaml file = Yaml::parse(text, path);
    try {
        BuiltModel built = build_model(file, name, request);
        built.text = text;
        return built;
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
    built.places = std::move(writer.places);
    built.task = add_loss(writer, file.at("loss"));
    try {
        verify(built.graph, file.where());
    } catch (const Error& error) {
        fail(Exit::config, "{}", error.what());
    }
    return built;
}

} // namespace ds
