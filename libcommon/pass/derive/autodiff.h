// Autodiff: reverse-mode differentiation as a graph rewrite (Glow's and TinyFlow's way): gradient nodes are
// appended to the forward graph by each op's rule, and sums where a value has several readers.
#pragma once

#include "graph/graph.h"

namespace ds {

/// The forward graph with the gradient of the objective in Graph::gradients, for every slot of kind parameter with
/// `train` that the objective depends on, in the order of their names.
/// Error(data) naming the node when an op on the way has no gradient, or when there is no objective.
Graph differentiate(const Graph& graph);

} // namespace ds
