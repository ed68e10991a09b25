// Autodiff: reverse-mode differentiation as a graph rewrite (Glow's and TinyFlow's way): gradient nodes are
// appended to the forward graph by each op's rule, and sums where a value has several readers.
#pragma once

#include <map>

#include "graph/graph.h"

namespace ds {

struct Differentiated {
    Graph graph; // the forward graph and the gradient nodes
    std::map<std::string, ValueId>
        gradient; // parameter -> gradient of the objective; parameters that it does not reach are absent
};

/// Differentiates the objective with respect to every slot of kind parameter with `train`.
/// Error(data) naming the node when an op on the way has no gradient, or when there is no objective.
Differentiated differentiate(const Graph& graph);

} // namespace ds
