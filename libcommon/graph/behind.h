// What a value is computed from.
#pragma once

#include <set>
#include <string>

#include "graph/graph.h"

namespace ds {

/// The names of the target inputs that it is computed from.
std::set<std::string> targets_behind(const Graph& graph, ValueId value);
/// The same of inputs of any role.
std::set<std::string> inputs_behind(const Graph& graph, ValueId value, InputRole role);
/// Whether `value` is `source`, or computed from it.
bool is_behind(const Graph& graph, ValueId source, ValueId value);

} // namespace ds
