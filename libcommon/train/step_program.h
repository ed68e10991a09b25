// A step of training as a list of plan calls, in the order they run: which graphs it is made of and when each runs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pass/derive/optimizer.h"
#include "pass/pass.h"

namespace ds {

struct StepCall {
    enum class When { each_batch, once };
    std::string name; // "batch", "update"
    When when = When::each_batch;
    Graph graph; // optimised
};

/// Forward, backward and update in one call; or, with `accumulate` > 1, a call for each micro-batch that adds up
/// gradients, and one for the update after them. Between autodiff and optimizer the gradients are Graph::gradients of
/// the first call: that is the place of passes over them.
///
/// `frozen`: parameters that are not trained in this step. `label_smoothing`: of the loss that is trained, see
/// train_mode.
std::vector<StepCall> step_program(const Graph& forward, const OptimizerOptions& options, int64_t accumulate,
                                   const PassOptions& passes, const std::set<std::string>& frozen = {},
                                   double label_smoothing = 0);

} // namespace ds
