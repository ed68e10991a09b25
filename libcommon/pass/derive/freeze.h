// Part of a network that is not trained.
#pragma once

#include <set>
#include <string>

#include "graph/graph.h"

namespace ds {

/// The graph without gradients for these parameters. Batch norms whose scale is among them are frozen, too: they run
/// by their running statistics and leave them as they are.
Graph freeze(Graph graph, const std::set<std::string>& parameters);

} // namespace ds
