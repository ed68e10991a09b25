// What a value is computed from.
#pragma once

#include <set>
#include <string>

#include "graph/graph.h"

namespace ds {

/// The names of the target inputs that it is computed from.
std::set<std::string> targets_behind(const Graph& graph, ValueId value);

} // namespace ds
