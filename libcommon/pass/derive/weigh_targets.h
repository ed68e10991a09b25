// Training on targets of unequal weight: each loss becomes a sum of weight times loss, and its count the sum of the
// weights, so that what is trained is a weighted mean. The stored graph has no weights: what is measured counts every
// target once.
#pragma once

#include <set>
#include <string>

#include "graph/graph.h"

namespace ds {

/// The control input with the weight of each sample, [N] of the loss's type. No column has a name with a slash.
inline const std::string sample_weight = "weight/sample";
/// The one with the weight of each number of a target, of the target's shape: the sample's, and that of its class.
inline std::string target_weight(const std::string& target) { return "weight/" + target; }

/// Multiplies weights into the terms of every loss and of every count (outputs X and X.count). Losses of the targets in
/// `by_target` read target_weight, the others sample_weight. Adds the outputs X.targets: the counts without
/// weights. Error(usage) where a loss is no sum over samples.
Graph weigh_targets(const Graph& graph, const std::set<std::string>& by_target);

} // namespace ds
