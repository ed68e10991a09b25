// Models as checkpoints: what of a Model goes where in the file, and the checks that a file's State fits its graph.
#pragma once

#include <string>

#include "io/checkpoint/checkpoint.h"
#include "state/model.h"

namespace ds {

/// Reads a model from a file, FIFO or "-". Error(data) for a damaged or hostile file, a graph that is not legal, or a
/// parameter that is missing, left over, or of another type than the graph says.
Model load_model(const std::string& path, bool allow_unsealed = false);
/// The model of a checkpoint that was read; `source` names it in errors.
Model to_model(Checkpoint checkpoint, const std::string& source);
/// What the file says of its metrics. Error(data) when that cannot be.
Measured measured_of(const Checkpoint& checkpoint, const std::string& source);
void forget_measured(Checkpoint& checkpoint);
Checkpoint to_checkpoint(const Model& model);
/// Writes atomically; "-" is stdout. Returns the file's digest, hex.
std::string save_model(const Model& model, const std::string& path);

} // namespace ds
