// How passes are written: walk the nodes of a source graph in order and copy each into a new graph, or
// emit something else for it. Values are mapped as they go; inputs, slots, outputs, writes and gradients follow.
//
// Control edges follow, too: who waited for a node waits for what stands for it now. That is its copy; or what was
// emitted since replace() named it; or the node that makes the value which its output was mapped to; or, when nothing
// stands for it, all that it waited for and read itself.
#pragma once

#include <span>
#include <utility>

#include "graph/builder.h"

namespace ds {

class Rewriter {
public:
    /// Starts a graph with the inputs and slots of `source`.
    explicit Rewriter(const Graph& source);

    const Graph& source;
    Graph result;
    Builder builder{result};

    /// The new value that stands for an old one; no_value for no_value.
    ValueId at(ValueId old) const;
    std::vector<ValueId> at(const std::vector<ValueId>& old) const;
    void map(ValueId old, ValueId made) { map_[size_t(old)] = made; }
    bool mapped(ValueId old) const { return map_[size_t(old)] != no_value; }
    /// Copies a node, its inputs mapped.
    void copy(NodeId node);
    /// What the builder emits until the next copy() or replace() stands for these nodes: it has the first one's name
    /// and tags, and waits for what they waited for.
    void replace(std::span<const NodeId> nodes);
    void replace(NodeId node) { replace(std::span(&node, 1)); }
    /// Copies the outputs, writes and gradients, and hands the graph over.
    Graph finish();

private:
    void end_replacement();
    std::vector<NodeId> awaited(const std::vector<NodeId>& old) const;

    std::vector<ValueId> map_;
    std::vector<std::pair<NodeId, NodeId>> stand_; // old node -> range of new ones
    std::vector<NodeId> replaced_;                 // that the builder emits for
    NodeId first_ = 0;                             // the first one emitted for them
};

/// A copy of the graph that keeps only the nodes that `keep` is true for.
Graph filter_nodes(const Graph& graph, const std::vector<bool>& keep);

} // namespace ds
