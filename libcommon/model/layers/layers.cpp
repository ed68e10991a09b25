// The walk over a model file's layers, and the layers that hold others; those that compute are in layer_kinds.cpp.
#include "model/layers/layers.h"

#include "base/error.h"
#include "ops/emit.h"

namespace ds {

namespace {
constexpr int max_nesting = 32;
constexpr int64_t max_repeats = 10'000;
constexpr int64_t max_layers = 20'000; // of the whole model: repeats and blocks multiply
} // namespace

const std::map<std::string, LayerWriter::Method, std::less<>>& LayerWriter::methods() {
    using W = LayerWriter;
    static const std::map<std::string, Method, std::less<>> table{{"linear", &W::linear},
                                                                  {"conv", &W::conv},
                                                                  {"batch_norm", &W::batch_norm},
                                                                  {"layer_norm", &W::row_norm},
                                                                  {"rms_norm", &W::row_norm},
                                                                  {"group_norm", &W::group_norm},
                                                                  {"relu", &W::activation},
                                                                  {"gelu", &W::activation},
                                                                  {"gelu_tanh", &W::activation},
                                                                  {"silu", &W::activation},
                                                                  {"sigmoid", &W::activation},
                                                                  {"tanh", &W::activation},
                                                                  {"leaky_relu", &W::activation},
                                                                  {"softplus", &W::activation},
                                                                  {"max_pool", &W::pool},
                                                                  {"avg_pool", &W::pool},
                                                                  {"global_avg_pool", &W::global_avg_pool},
                                                                  {"flatten", &W::flatten},
                                                                  {"dropout", &W::dropout},
                                                                  {"embedding", &W::embedding},
                                                                  {"position", &W::position},
                                                                  {"attention", &W::attention},
                                                                  {"residual", &W::residual},
                                                                  {"repeat", &W::repeat},
                                                                  {"use", &W::use},
                                                                  {"when", &W::when},
                                                                  {"concat", &W::concat},
                                                                  {"add", &W::combine},
                                                                  {"multiply", &W::combine},
                                                                  {"reshape", &W::reshape},
                                                                  {"columns", &W::columns}};
    return table;
}

void LayerWriter::layers(const Yaml& list) {
    if (++depth_ > max_nesting) list.refuse("layers are nested too deeply");
    for (const Yaml& item : list.items()) layer(item);
    --depth_;
}

void LayerWriter::layer(const Yaml& item) {
    if (++layer_count_ > max_layers) item.refuse(fmt::format("the model has more than {} layers", max_layers));
    if (item.is_map() && item.members().size() != 1) item.refuse("a layer has one kind, written 'kind: options'");
    const std::string kind = item.is_map() ? item.members()[0].key : item.as_string();
    const auto found = methods().find(kind);
    if (found == methods().end()) {
        std::string known;
        for (const auto& [name, method] : methods()) known += (known.empty() ? "" : ", ") + name;
        item.refuse(fmt::format("unknown layer '{}'; there are: {}", kind, known));
    }
    const Yaml yaml = item.is_map() ? item.members()[0].value : item.null_here();
    LayerOptions options(kind, yaml, variables);
    const std::string as = options.string("as", "");
    const bool combines = kind == "concat" || kind == "add" || kind == "multiply";
    if (!combines)
        if (const std::vector<ValueId> from = sources(options); !from.empty()) current = from[0];
    try {
        if (current == no_value && !combines && kind != "columns")
            fail(Exit::config, "{} needs 'from': the model has several inputs", kind);
        (this->*found->second)(options);
    } catch (const Error& error) {
        if (item.is_placed(error.what())) throw;
        item.refuse(error.what());
    }
    options.done();
    if (!as.empty()) named[as] = current;
}

std::vector<ValueId> LayerWriter::sources(LayerOptions& options) const {
    std::vector<ValueId> values;
    for (const std::string& name : options.strings("from")) {
        const auto found = named.find(name);
        if (found == named.end())
            options.yaml().refuse(fmt::format("'{}' is neither an input nor named by 'as' before", name));
        values.push_back(found->second);
    }
    return values;
}

void LayerWriter::inner(const std::string& name, const Yaml& list) {
    const std::string before = scope_;
    if (!name.empty()) scope_ = path(name);
    layers(list);
    scope_ = before;
}

std::string LayerWriter::layer_path(LayerOptions& options) {
    const std::string given = options.string("name", "");
    const std::string base = path(given.empty() ? options.kind() : given);
    const int count = name_counts_[base]++;
    if (count && !given.empty()) options.yaml().refuse(fmt::format("two layers are named '{}'", base));
    const std::string name = count ? base + std::to_string(count + 1) : base;
    for (char c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '-')
            options.yaml().refuse(
                fmt::format("the name '{}' has a '{}'; letters, digits, '_', '-' and '.' are allowed", name, c));
    builder_.set_name(name);
    return name;
}

void LayerWriter::residual(LayerOptions& options) {
    const Yaml* body = options.node("body", true);
    const Yaml* shortcut = options.node("shortcut");
    if (!body) options.yaml().refuse("residual needs 'body'");
    const std::string name = options.string("name", "");
    const ValueId start = current;
    inner(name, *body);
    const ValueId left = current;
    current = start;
    if (shortcut) inner(name, *shortcut);
    if (!(graph_.type(left) == graph_.type(current)))
        options.yaml().refuse(fmt::format("the body gives {} and the shortcut {}: give 'shortcut' layers that match",
                                          text(graph_.type(left)), text(graph_.type(current))));
    builder_.set_name(path(name.empty() ? "add" : name));
    current = add(builder_, left, current);
}

void LayerWriter::repeat(LayerOptions& options) {
    const int64_t times = options.required("times", false, 0);
    const Yaml* body = options.node("body");
    if (!body) options.yaml().refuse("repeat needs 'body'");
    if (times > max_repeats) options.yaml().refuse(fmt::format("repeat: {} times is too often", times));
    const auto before = variables.find("i");
    const ModelValue outer = before == variables.end() ? ModelValue(int64_t{0}) : before->second;
    for (int64_t i = 0; i < times; ++i) {
        variables["i"] = i;
        const std::string name = options.string("name", "");
        inner(name, *body);
    }
    variables["i"] = outer;
}

void LayerWriter::use(LayerOptions& options) {
    const std::string block_name = options.string("block", "", true);
    const Yaml* block = blocks_ ? blocks_->find(block_name) : nullptr;
    if (!block) options.yaml().refuse(fmt::format("there is no block '{}'", block_name));
    block->check_keys({"with", "layers"});
    Variables inside = variables;
    if (const Yaml* with = block->find("with"))
        for (const Yaml::Member& member : with->members()) {
            const std::string value = options.string(member.key, text(evaluate(member.value.as_string(), inside)));
            inside[member.key] = parse_value(value);
        }
    const std::string name = options.string("name", "");
    std::swap(inside, variables);
    inner(name, block->at("layers"));
    std::swap(inside, variables);
}

void LayerWriter::when(LayerOptions& options) {
    const bool holds = options.boolean("if", false);
    const Yaml *then = options.node("then"), *otherwise = options.node("else");
    if (!options.has("if") || !then) options.yaml().refuse("when needs 'if' and 'then'");
    if (holds) layers(*then);
    else if (otherwise) layers(*otherwise);
}

} // namespace ds
