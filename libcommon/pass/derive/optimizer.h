// The optimizer step as graph nodes: from gradients of the summed loss to the next values of parameters,
// moments, EMA weights and accumulators.
//
//   gradient of the mean loss = gradient of the sum / count of valid targets
//   clipping: scale = min(1, clip / (norm + 1e-6)) / count   (norm of the mean gradient; Pascanu et al. 2013)
//   apply = the loss and the norm are finite; when it is false every slot keeps its value
//
// Control inputs: `lr` [] in the parameters' dtype, `step` i64[] counting from 1. Outputs added: `grad_norm` []
// (of the mean gradient), `applied` bool[].
#pragma once

#include <map>
#include <string>

#include "graph/graph.h"

namespace ds {

enum class OptimizerKind { sgd, adam, adamw };

struct OptimizerOptions {
    OptimizerKind kind = OptimizerKind::sgd;
    double momentum = 0;
    bool nesterov = false;
    double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
    double weight_decay = 0;
    bool decay_all = false;                      // true: norms and biases too
    double clip = 0;                             // 0: no clipping
    double ema_decay = 0;                        // 0: no EMA weights
    std::map<std::string, double> lr_scale = {}; // by parameter: its own learning rate, in terms of `lr`
    std::map<std::string, int64_t> since = {};   // by parameter: the steps of the run before it was trained
};

/// One plan: forward, backward and update. Takes Graph::gradients: none are left.
Graph optimizer_step(Graph differentiated, const OptimizerOptions& options);

/// Accumulation over micro-batches needs two plans that meet in State slots `accumulator/...` and `objective/...`:
struct AccumulatedStep {
    Graph micro; // forward and backward; adds gradients, loss and count to the accumulators
    Graph apply; // divides by the accumulated count, updates, and clears the accumulators
};
AccumulatedStep accumulated_step(Graph differentiated, const OptimizerOptions& options);

} // namespace ds
