#include "pass/rewrite.h"

#include "base/error.h"

namespace ds {

Rewriter::Rewriter(const Graph& from)
    : source(from), map_(from.values.size(), no_value), nodes_(from.nodes.size(), -1) {
    result.name = source.name;
    for (const Input& input : source.inputs)
        map(input.value, result.add_input(input.name, source.type(input.value), input.role));
    for (const Slot& slot : source.slots) map(slot.value, result.add_slot(slot, source.type(slot.value)));
}

ValueId Rewriter::at(ValueId old) const {
    const ValueId made = map_[size_t(old)];
    if (made == no_value) bug("a pass dropped '{}', which is still read", source.value_name(old));
    return made;
}

std::vector<ValueId> Rewriter::at(const std::vector<ValueId>& old) const {
    std::vector<ValueId> made;
    for (ValueId v : old) made.push_back(at(v));
    return made;
}

void Rewriter::copy(NodeId id) {
    const Node& node = source.nodes[size_t(id)];
    const NodeId made = result.add_node(*node.op, node.attrs, at(node.in), node.name);
    nodes_[size_t(id)] = made;
    for (NodeId before : node.after)
        if (nodes_[size_t(before)] >= 0) result.nodes[size_t(made)].after.push_back(nodes_[size_t(before)]);
    for (size_t i = 0; i < node.out.size(); ++i) map(node.out[i], result.nodes[size_t(made)].out[i]);
}

Graph Rewriter::finish() {
    for (const Output& output : source.outputs) result.add_output(output.name, at(output.value), output.objective);
    for (const Write& write : source.writes) result.writes.push_back({write.slot, at(write.value)});
    return std::move(result);
}

Graph filter_nodes(const Graph& graph, const std::vector<bool>& keep) {
    Rewriter rewriter(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n)
        if (keep[n]) rewriter.copy(NodeId(n));
    return rewriter.finish();
}

} // namespace ds
