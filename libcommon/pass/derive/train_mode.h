// From the stored forward graph to the forward half of a training step: batch norms use and update batch
// statistics, dropout draws its masks; nodes tagged as frozen stay as at inference. Adds the control inputs `seed`,
// `step` i64[] and `sample` i64[N] (the global number of each sample) when the graph drops anything.
#pragma once

#include "graph/graph.h"

namespace ds {

Graph train_mode(const Graph& graph);

/// The leading size of the first data input: how many samples one run takes.
Dim batch_size(const Graph& graph);

} // namespace ds
