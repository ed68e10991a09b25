// A model's outputs for images, arrays (.npy), CSV rows or data files.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exec/controls.h"
#include "infer/predictions.h"
#include "state/model.h"

namespace ds {

struct PredictRequest {
    std::vector<std::string> inputs; // files; "-" is one file on stdin; data files may name a split
    int64_t batch = 256;
    int64_t top = 1; // classes that are told of each sample
    RunControls controls;
};

/// Hands over the predictions of one batch after another, in the order of the inputs. Error(usage) for a model of text;
/// Error(data) naming the input that does not fit the model; what came before it has been handed over.
void predict(const Model& model, const PredictRequest& request, const std::function<void(const Predictions&)>& each);

} // namespace ds
