// How passes are written: walk the nodes of a source graph in order and copy each into a new graph, or
// emit something else for it. Values are mapped as they go; inputs, slots, outputs and writes follow.
#pragma once

#include "graph/builder.h"

namespace ds {

class Rewriter {
public:
    /// Starts a graph with the inputs and slots of `source`.
    explicit Rewriter(const Graph& source);

    const Graph& source;
    Graph result;
    Builder builder{result}; // emits under the name set by set_name

    /// The new value that stands for an old one.
    ValueId at(ValueId old) const;
    std::vector<ValueId> at(const std::vector<ValueId>& old) const;
    void map(ValueId old, ValueId made) { map_[size_t(old)] = made; }
    bool mapped(ValueId old) const { return map_[size_t(old)] != no_value; }
    /// Copies a node, its inputs mapped. Control edges to nodes that were not copied are dropped.
    void copy(NodeId node);
    /// Copies the outputs and writes, and hands the graph over.
    Graph finish();

private:
    std::vector<ValueId> map_;
    std::vector<NodeId> nodes_; // old node -> new node, -1
};

/// A copy of the graph that keeps only the nodes that `keep` is true for.
Graph filter_nodes(const Graph& graph, const std::vector<bool>& keep);

} // namespace ds
