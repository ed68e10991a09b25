// Everything that a training run is made of besides model and data. It is stored with the run, so that resuming
// needs nothing else.
#pragma once

#include "base/json.h"
#include "data/augment/augment.h"
#include "data/batch/batching.h"
#include "kernels/kernel.h"
#include "pass/derive/optimizer.h"
#include "train/schedule.h"
#include "train/selection.h"

namespace ds {

struct TrainOptions {
    OptimizerOptions optimizer;
    Schedule schedule;
    int64_t batch = 128;
    int64_t accumulate = 1; // micro-batches of `batch` samples per step
    int64_t epochs = 1;     // the planned end, when steps is 0
    int64_t steps = 0;      // the planned end in steps
    int64_t tokens = 0;     // text: tokens in a window
    uint64_t seed = 0;
    bool shuffle = true;
    int64_t shuffle_window = 0; // bytes (data/batch/window_order.h); 0: all samples are mixed with each other
    kernels::Math math = kernels::Math::fast;
    double label_smoothing = 0; // part of each target that is spread over all classes
    std::string class_weight;   // "balanced", or "NAME=W,..."; empty: all classes alike
    Augmentation augmentation;
    std::vector<FreezeRule> freeze;
    std::vector<RateRule> lr_scale;
    Binding sizes;          // of symbols of the model but N and T
    int64_t patience = 0;   // stop after this many validations without improvement; 0: never
    std::string metric;     // that validations are decided by; "": the task's deciding one
    int64_t eval_every = 0; // validate after this many steps; 0: after each epoch
    LastBatch last_batch = LastBatch::keep;

    Json to_json() const;
    static TrainOptions from_json(const Json& json); // Error(data)
};

} // namespace ds
