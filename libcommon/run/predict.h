// A model's outputs for images, arrays (.npy), CSV rows or data files.
#pragma once

#include <string>
#include <vector>

#include "graph/model.h"
#include "run/predictions.h"
#include "run/train_step.h"

namespace ds {

struct PredictRequest {
    std::vector<std::string> inputs; // files; "-" is one file on stdin; data files may name a split
    int64_t batch = 256;
    RunControls controls;
};

/// Error(usage) for a model of text; Error(data) naming the input that does not fit the model.
Predictions predict(const Model& model, const PredictRequest& request);

} // namespace ds
