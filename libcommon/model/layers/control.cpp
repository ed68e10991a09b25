// Layers that hold others: branches, repeats, blocks and choices.
#include "base/error.h"
#include "base/names.h"
#include "model/layers/writer.h"
#include "ops/emit.h"

namespace ds {
namespace {

constexpr int64_t max_repeats = 10'000;

void residual(LayerWriter& w, LayerOptions& options) {
    const std::string name = options.word("name");
    const ValueId start = w.current;
    w.inner(name, options.layers("body"));
    const ValueId left = w.current;
    w.current = start;
    if (options.has("shortcut")) w.inner(name, options.layers("shortcut"));
    if (!(w.graph.type(left) == w.graph.type(w.current)))
        options.yaml().refuse(fmt::format("the body gives {} and the shortcut {}: give 'shortcut' layers that match",
                                          text(w.graph.type(left)), text(w.graph.type(w.current))));
    w.name_nodes(options, "add");
    w.current = add(w.builder, left, w.current);
}

void repeat(LayerWriter& w, LayerOptions& options) {
    const int64_t times = options.integer("times");
    const Yaml& body = options.layers("body");
    if (times > max_repeats) options.yaml().refuse(fmt::format("repeat: {} times is too often", times));
    const auto before = w.variables.find("i");
    const std::optional<ModelValue> outer = before == w.variables.end() ? std::nullopt : std::optional(before->second);
    const std::string outer_round = w.round();
    for (int64_t i = 0; i < times; ++i) {
        w.variables["i"] = i;
        w.set_round(fmt::format("i = {}", i));
        w.inner(options.word("name"), body);
    }
    if (outer) w.variables["i"] = *outer;
    else w.variables.erase("i");
    w.set_round(outer_round);
}

const Yaml& find_block(const LayerWriter& w, const LayerOptions& options) {
    const std::string name = options.word("block");
    std::vector<std::string_view> known;
    if (w.blocks)
        for (const Yaml::Member& member : w.blocks->members()) {
            if (member.key == name) return member.value;
            known.push_back(member.key);
        }
    const Yaml* given = options.node("block");
    given->refuse(fmt::format("there is no block '{}'{}", shown(name), known.empty() ? "" : name_hint(name, known)));
}

/// The options of `use` and the block's own parameters are all that may stand there.
void check_parameters(const LayerOptions& options, const Yaml* with) {
    const std::vector<std::string_view> own{"block", "name", "from", "as"};
    std::vector<std::string_view> known;
    if (with)
        for (const Yaml::Member& member : with->members()) {
            if (std::ranges::count(own, member.key))
                member.value.refuse(
                    fmt::format("a parameter cannot be called '{}', which is an option of use", member.key));
            known.push_back(member.key);
        }
    known.insert(known.end(), own.begin(), own.end());
    if (options.yaml().is_map()) options.yaml().check_keys(known);
}

void use(LayerWriter& w, LayerOptions& options) {
    const Yaml& block = find_block(w, options);
    block.check_keys({"with", "layers"});
    const Yaml* with = block.find("with");
    check_parameters(options, with);
    Variables inside = w.variables;
    if (with)
        for (const Yaml::Member& member : with->members()) {
            const Yaml* given = options.yaml().find(member.key);
            const ModelValue value = given ? options.value(*given) : evaluate(member.value.as_string(), inside);
            inside[member.key] = parse_value(text(value));
        }
    const std::string name = options.word("name");
    std::swap(inside, w.variables);
    w.inner(name, block.at("layers"));
    std::swap(inside, w.variables);
}

void each(LayerWriter& w, LayerOptions& options) {
    const std::vector<ValueId> from = w.values(options, "from");
    const std::vector<std::string> to = options.words("to");
    if (to.size() != from.size())
        options.yaml().refuse(fmt::format("each has {} values and 'to' {} names of results", from.size(), to.size()));
    const std::vector<ValueId> results = w.on_each(options.word("name"), options.layers("body"), from);
    for (size_t i = 0; i < to.size(); ++i) {
        if (w.graph.find_input(to[i]))
            options.node("to")->refuse(fmt::format("'{}' is an input; give the result another name", to[i]));
        w.named[to[i]] = results[i];
    }
}

void when(LayerWriter& w, LayerOptions& options) {
    const Yaml& then = options.layers("then");
    const std::string name = options.word("name");
    if (options.truth("if")) w.inner(name, then);
    else if (options.has("else")) w.inner(name, options.layers("else"));
}

} // namespace

LayerFamily control_layers() {
    using enum OptionType;
    using enum LayerRow::Takes;
    return {
        "Layers that hold others",
        {{"residual",
          "the sum of body and shortcut, which both take the value before",
          one,
          "body",
          {{"body", layers, needed, "the layers of the one branch"},
           {"shortcut", layers, "", "the layers of the other; without them, it is the value itself"}},
          residual},
         {"repeat",
          "its layers again and again; the variable i counts from 0. Give the inner layers or the repeat names with "
          "${i} in them",
          one,
          "",
          {{"times", whole, needed, "how often, 0 included"}, {"body", layers, needed, "the layers"}},
          repeat},
         {"use",
          "the layers of a block of the section blocks. Its parameters (with) are given beside, under their names",
          one,
          "block",
          {{"block", word, needed, "the name of the block"}},
          use},
         {"each",
          "its layers on each of several values, with the same parameters for all: two towers that are one, or one "
          "scorer of two rows",
          several,
          "",
          {{"body", layers, needed, "the layers; batch_norm, whose statistics are of one value, is none of them"},
           {"to", words, "", "names of the results: one for each value, in their order"}},
          each},
         {"when",
          "one list of layers or another",
          one,
          "",
          {{"if", truth, needed, "true for then, false for else"},
           {"then", layers, needed, "layers"},
           {"else", layers, "", "layers; without them, nothing happens"}},
          when}}};
}

} // namespace ds
