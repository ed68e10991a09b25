// What of a model is run for a prediction: what its task predicts by, or the values of one layer or output.
#pragma once

#include <string>
#include <vector>

#include "infer/predict.h"

namespace ds {

struct PredictedOutputs {
    PredictedOutputs(const Model& model, const PredictRequest& request);

    Model model;                      // with the layer's values as an output
    bool is_numbers;                  // values of a layer or of one output, whatever they mean
    bool ranks;                       // places within groups are told
    bool tells_words;                 // each word has a prediction
    std::vector<std::string> outputs; // of the model
    Model needed;                     // with those alone, and the inputs that they need
};

/// Error(data) where the output's values for a sample depend on the others of its batch, or do not lie along the first
/// axis: a prediction that depends on what else is in the batch is none.
void check_samples_stay_apart(const Model& model, const std::string& output);

} // namespace ds
