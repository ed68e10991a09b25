// From the stored forward graph to the forward half of a training step: batch norms use and update batch
// statistics, dropout draws its masks; nodes tagged as frozen stay as at inference. Adds the control inputs `seed`,
// `step` i64[] and `sample` i64[N] (the global number of each sample) when the graph drops anything. Label smoothing,
// too, belongs to training alone: the stored graph has none, so that whatever is measured is free of it.
#pragma once

#include "graph/graph.h"

namespace ds {

/// `label_smoothing`: of every cross entropy of class numbers that has none of its own (graphs of before may).
Graph train_mode(const Graph& graph, double label_smoothing = 0);

/// The leading size of the first data input: how many samples one run takes.
Dim batch_size(const Graph& graph);

} // namespace ds
