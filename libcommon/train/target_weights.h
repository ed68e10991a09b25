// How much each target counts in training: by the data's column of weights, and by --class-weight.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/batch/batcher.h"
#include "exec/executor.h"
#include "state/model.h"
#include "train/train_options.h"

namespace ds {

struct TargetWeights {
    bool samples = false;                               // batches have sample_weight
    std::map<std::string, std::vector<double>> classes; // of a target input: the weight of each of its classes
    bool any() const { return samples || !classes.empty(); }
    std::set<std::string> by_target() const;
};

/// What the training data and the options say; both are checked, and what holds is told (log). Error(data),
/// Error(usage).
TargetWeights target_weights(const Model& model, const DataSource& source, const TrainOptions& options);

/// The columns that a step takes: the model's inputs and targets, and the weights of samples where there are any.
std::vector<InputBinding> training_bindings(const Model& model, const DataSource& source, const TrainOptions& options);

/// Fills the weights that the executor's graph takes (pass/derive/weigh_targets.h).
void fill_weights(const Executor& executor, const Batch& batch, const TargetWeights& weights);

} // namespace ds
