#include "infer/inner.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/names.h"
#include "pass/pass.h"

namespace ds {
namespace {

/// One row of numbers a sample.
bool is_usable(const Type& type) {
    const bool by_sample = !type.shape.empty() && type.shape[0] == Dim::symbol("N");
    return by_sample && is_float(type.dtype) &&
           std::all_of(type.shape.begin() + 1, type.shape.end(), [](const Dim& size) { return size.known(); });
}

/// %0, %1 ...: what the graph's text calls the values of its nodes.
std::string printed_name(const Graph& graph, ValueId wanted) {
    int64_t number = 0;
    for (const Node& node : graph.nodes)
        for (const ValueId value : node.out) {
            if (value == wanted) return fmt::format("%{}", number);
            ++number;
        }
    return "";
}

ValueId value_of_number(const Graph& graph, const std::string& name) {
    for (const Node& node : graph.nodes)
        for (const ValueId value : node.out)
            if (printed_name(graph, value) == name) return value;
    fail(Exit::usage, "--layer: the graph has no value {}; see ds-info --graph", shown(name));
}

/// What the nodes of a name give that no other node of the name reads: one value for a layer, however many nodes it is
/// made of, and one for each where several layers have the name.
std::vector<ValueId> ends_of(const Graph& graph, const std::string& layer) {
    std::set<ValueId> inner;
    for (const Node& node : graph.nodes)
        if (node.name == layer) inner.insert(node.in.begin(), node.in.end());
    std::vector<ValueId> ends;
    for (const Node& node : graph.nodes)
        if (node.name == layer && !inner.contains(node.out.at(0))) ends.push_back(node.out[0]);
    return ends;
}

[[noreturn]] void refuse_unknown(const Graph& graph, const std::string& layer) {
    std::vector<std::string_view> known;
    for (const Node& node : graph.nodes)
        if (!node.name.empty() && std::find(known.begin(), known.end(), node.name) == known.end())
            known.push_back(node.name);
    fail(Exit::usage, "--layer: the model has no layer '{}'{}", shown(layer), name_hint(layer, known));
}

ValueId find_value(const Graph& graph, const std::string& layer) {
    if (layer.starts_with('%')) return value_of_number(graph, layer);
    const std::vector<ValueId> ends = ends_of(graph, layer);
    if (ends.empty()) refuse_unknown(graph, layer);
    std::vector<ValueId> usable;
    std::string candidates;
    for (const ValueId value : ends) {
        if (!is_usable(graph.type(value))) continue;
        usable.push_back(value);
        candidates +=
            fmt::format("{}{} {}", candidates.empty() ? "" : ", ", printed_name(graph, value), text(graph.type(value)));
    }
    if (usable.size() > 1)
        fail(Exit::usage,
             "--layer: '{}' is the name of {} layers; name the value of one, as ds-info --graph prints them: {}",
             shown(layer), usable.size(), candidates);
    return usable.empty() ? ends.back() : usable[0];
}

} // namespace

Model with_layer_output(const Model& model, const std::string& layer, const std::string& output) {
    const ValueId value = find_value(model.graph, layer);
    const Type& type = model.graph.type(value);
    if (!is_usable(type))
        fail(Exit::usage, "--layer: '{}' gives {}, which is no row of numbers for each sample", layer, text(type));
    Model with = model;
    with.graph.add_output(output, value);
    return with;
}

Model with_outputs_only(const Model& model, const std::vector<std::string>& outputs) {
    Model only = model;
    only.graph = select_outputs(model.graph, outputs);
    return only;
}

} // namespace ds
