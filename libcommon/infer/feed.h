// How a batch goes into a plan and numbers come out: the same for training, evaluation and inference.
#pragma once

#include <string>

#include "data/batch/batcher.h"
#include "exec/executor.h"
#include "state/model.h"

namespace ds {

/// Writes a number into a scalar input of whatever dtype it has; nothing when the plan has no such input.
void set_scalar(const Executor& executor, const std::string& input, double value);
double scalar_output(const Executor& executor, const std::string& output);
/// Copies the first `batch.size` samples of each bound input into the executor.
void feed_inputs(const Executor& executor, const Batch& batch);
/// Which column of the data feeds which input of the model; `tokens` > 0 is its T, `given` has other sizes that the
/// data do not decide. Errors as bind_inputs'.
std::vector<InputBinding> bind_model(const Model& model, const DataSource& source, int64_t tokens,
                                     bool need_target = true, const Binding& given = {});
/// Holds data against the model before work starts: targets and categories. Error(data) naming column and row.
/// `learns` as check_targets'.
void check_data(const Model& model, const DataSource& source, int64_t tokens, bool learns = false,
                const Binding& given = {});
/// Symbols of a graph for this many samples (and tokens, for text) and other sizes. Error(usage) naming one that is not
/// given.
Binding bind_sizes(const Graph& graph, int64_t batch, int64_t tokens, const Binding& sizes = {});
/// Error(usage) for a size of a symbol that the graph has not, or that is not for --bind to say (N).
void check_sizes(const Graph& graph, const Binding& sizes);

} // namespace ds
