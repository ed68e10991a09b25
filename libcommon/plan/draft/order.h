// The order in which nodes run: any order that respects operands and control edges is right; this one is chosen
// so that memory dies early (gradients are consumed by their updates, activations by their weight gradients).
#pragma once

#include <vector>

#include "graph/graph.h"

namespace ds {

struct Order {
    std::vector<NodeId> nodes;
    /// By write of the graph: the producer runs after every other reader of the slot's old value, so it may
    /// write the slot's own memory. False: the value has to be copied into the slot at the end.
    std::vector<bool> direct;
};

/// `graph` must be bound. `in_place` false: no write is direct.
Order order_nodes(const Graph& graph, bool in_place);

/// True for nodes whose output may be a view of their first input (reshape, slice, ...).
bool may_be_view(const Node& node);

} // namespace ds
