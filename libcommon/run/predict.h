// A model's outputs for images, arrays (.npy), CSV rows or data files.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "graph/model.h"
#include "run/train_step.h"

namespace ds {

struct PredictRequest {
    std::vector<std::string> inputs; // files; "-" is one file on stdin; data files may name a split
    int64_t batch = 256;
    RunControls controls;
};

struct Predictions {
    std::string task;
    std::vector<std::string> labels, sources; // of the model; name of each sample
    Dims item;                                // shape of one sample's output
    std::vector<float> outputs;               // [samples, item...], as the model gives them

    int64_t samples() const { return int64_t(sources.size()); }
    /// One line a sample: the likeliest classes with their probabilities, or the values.
    std::string text(int64_t top) const;
    Json json(int64_t top) const;
    std::string npy() const; // f32 [samples, item...]
    /// The k likeliest classes of a sample, with probabilities.
    std::vector<std::pair<int64_t, double>> likeliest(int64_t sample, int64_t k) const;
    std::string label(int64_t k) const;
};

/// Error(usage) for a model of text; Error(data) naming the input that does not fit the model.
Predictions predict(const Model& model, const PredictRequest& request);

} // namespace ds
