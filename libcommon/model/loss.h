// The objective of a model file: adds the target input and the outputs `loss` (a sum over targets, the
// objective) and `loss.count` (how many valid ones).
#pragma once

#include <string>

#include "base/yaml.h"
#include "graph/graph.h"
#include "model/expression.h"

namespace ds {

/// loss: {kind, target}. kind cross_entropy: target i32 [rows...]; binary_cross_entropy: logits and target [N] or
/// [N,1]; mse: target like the output. Returns the task. Error(config).
std::string add_loss(Graph& graph, ValueId logits, const Yaml& yaml, const Variables& variables, double smoothing);

} // namespace ds
