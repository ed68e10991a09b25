// What a model said of samples, as text, JSON or an array.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "tensor/type.h"

namespace ds {

struct Predictions {
    std::string task;
    std::vector<std::string> labels, sources; // of the model; name of each sample
    Dims item;                                // shape of one sample's output
    DType dtype = DType::f32;                 // the model's: f32 or f64
    std::vector<double> outputs;              // [samples, item...], as the model gives them

    /// More samples of the same model.
    void append(const Predictions& more);
    int64_t samples() const { return int64_t(sources.size()); }
    /// One line a sample: the likeliest classes with their probabilities, or the values.
    std::string text(int64_t top) const;
    Json json(int64_t top) const;
    std::string npy() const; // dtype [samples, item...]
    /// The k likeliest classes of a sample, with probabilities.
    std::vector<std::pair<int64_t, double>> likeliest(int64_t sample, int64_t k) const;
    std::string label(int64_t k) const;
};

} // namespace ds
