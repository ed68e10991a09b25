#include "pass/rewrite.h"

#include <set>

#include "base/error.h"

namespace ds {

Rewriter::Rewriter(const Graph& from) : source(from), map_(from.values.size(), no_value), stand_(from.nodes.size()) {
    result.name = source.name;
    for (const Input& input : source.inputs)
        map(input.value, result.add_input(input.name, source.type(input.value), input.role));
    for (const Slot& slot : source.slots) map(slot.value, result.add_slot(slot, source.type(slot.value)));
}

ValueId Rewriter::at(ValueId old) const {
    if (old == no_value) return no_value;
    const ValueId made = map_[size_t(old)];
    if (made == no_value) bug("a pass dropped '{}', which is still read", source.value_name(old));
    return made;
}

std::vector<ValueId> Rewriter::at(const std::vector<ValueId>& old) const {
    std::vector<ValueId> made;
    for (ValueId v : old) made.push_back(at(v));
    return made;
}

/// The new nodes that stand for these old ones, ascending.
std::vector<NodeId> Rewriter::awaited(const std::vector<NodeId>& old) const {
    std::set<NodeId> found, seen(old.begin(), old.end());
    std::vector<NodeId> todo = old;
    auto go_on = [&](NodeId n) {
        if (n >= 0 && seen.insert(n).second) todo.push_back(n);
    };
    while (!todo.empty()) {
        const NodeId n = todo.back();
        const Node& node = source.nodes[size_t(n)];
        todo.pop_back();
        bool stands = stand_[size_t(n)].first < stand_[size_t(n)].second;
        for (NodeId made = stand_[size_t(n)].first; made < stand_[size_t(n)].second; ++made) found.insert(made);
        if (stands) continue;
        for (ValueId v : node.out) {
            const NodeId producer = mapped(v) ? result.values[size_t(map_[size_t(v)])].node : -1;
            if (producer >= 0) found.insert(producer);
            stands = stands || producer >= 0;
        }
        if (stands) continue;
        for (NodeId before : node.after) go_on(before);
        for (ValueId v : node.in)
            if (v != no_value) go_on(source.values[size_t(v)].node);
    }
    return {found.begin(), found.end()};
}

void Rewriter::end_replacement() {
    for (NodeId old : replaced_) stand_[size_t(old)] = {first_, NodeId(result.nodes.size())};
    replaced_.clear();
    builder.set_after({});
    builder.set_tags({});
}

void Rewriter::replace(std::span<const NodeId> nodes) {
    end_replacement();
    std::vector<NodeId> after;
    for (NodeId n : nodes)
        after.insert(after.end(), source.nodes[size_t(n)].after.begin(), source.nodes[size_t(n)].after.end());
    replaced_.assign(nodes.begin(), nodes.end());
    first_ = NodeId(result.nodes.size());
    builder.set_name(source.nodes[size_t(nodes.front())].name);
    builder.set_tags(source.nodes[size_t(nodes.front())].tags);
    builder.set_after(awaited(after));
}

void Rewriter::copy(NodeId id) {
    end_replacement();
    const Node& node = source.nodes[size_t(id)];
    const NodeId made = result.add_node(*node.op, node.attrs, at(node.in), node.name);
    stand_[size_t(id)] = {made, made + 1};
    result.nodes[size_t(made)].after = awaited(node.after);
    result.nodes[size_t(made)].tags = node.tags;
    for (size_t i = 0; i < node.out.size(); ++i) map(node.out[i], result.nodes[size_t(made)].out[i]);
}

Graph Rewriter::finish() {
    for (const Output& output : source.outputs) result.add_output(output.name, at(output.value), output.objective);
    for (const Write& write : source.writes) result.writes.push_back({write.slot, at(write.value)});
    for (const Gradient& gradient : source.gradients) result.gradients.push_back({gradient.slot, at(gradient.value)});
    return std::move(result);
}

Graph filter_nodes(const Graph& graph, const std::vector<bool>& keep) {
    Rewriter rewriter(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n)
        if (keep[n]) rewriter.copy(NodeId(n));
    return rewriter.finish();
}

} // namespace ds
