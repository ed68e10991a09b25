// Training on mixed samples: the losses of classes read a distribution over them in place of one.
#pragma once

#include <string>

#include "graph/graph.h"

namespace ds {

/// The control input that holds the mixed targets, [N, classes] of the logits' type; the trainer fills it.
inline const std::string mixed_target = "mixed_target";

/// Each cross_entropy of one class number a sample reads `mixed_target` instead. Error(usage) where there is none.
Graph mix_targets(const Graph& graph);

} // namespace ds
