#include "infer/inner.h"

#include <algorithm>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

const Node& find_layer_node(const Graph& graph, const std::string& layer) {
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node)
        if (node->name == layer) return *node;
    std::vector<std::string_view> known;
    for (const Node& node : graph.nodes)
        if (!node.name.empty() && std::find(known.begin(), known.end(), node.name) == known.end())
            known.push_back(node.name);
    fail(Exit::usage, "--layer: the model has no layer '{}'{}", shown(layer), name_hint(layer, known));
}

} // namespace

Model with_layer_output(const Model& model, const std::string& layer, const std::string& output) {
    const ValueId value = find_layer_node(model.graph, layer).out.at(0);
    const Type& type = model.graph.type(value);
    const bool by_sample = !type.shape.empty() && type.shape[0] == Dim::symbol("N");
    const bool closed = std::all_of(type.shape.begin() + (by_sample ? 1 : 0), type.shape.end(),
                                    [](const Dim& size) { return size.known(); });
    if (!by_sample || !closed || !is_float(type.dtype))
        fail(Exit::usage, "--layer: '{}' gives {}, which is no row of numbers for each sample", layer, text(type));
    Model with = model;
    with.graph.add_output(output, value);
    return with;
}

} // namespace ds
