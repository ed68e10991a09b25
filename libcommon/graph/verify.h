// The one statement of what a legal graph is. Run after every load, and after every pass in tests and debug builds.
#pragma once

#include "graph/graph.h"

namespace ds {

/// Error(data) naming the node, its operands' types and the broken rule; `what` names the graph's origin.
void verify(const Graph& graph, const std::string& what);

/// Binds symbols: the same graph with every type and attribute known where `binding` has a value, types inferred anew.
/// Error(data) when an inferred type disagrees with the graph's rules under the binding.
Graph bind(const Graph& graph, const Binding& binding);

/// The symbols of the graph's inputs, slots and attributes, those of graphs in attributes included; sorted.
std::vector<std::string> symbols(const Graph& graph);

} // namespace ds
