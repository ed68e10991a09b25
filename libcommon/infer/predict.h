// A model's outputs for images, texts, arrays (.npy), CSV rows or data files.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/picture/resize.h"
#include "exec/controls.h"
#include "infer/predictions.h"
#include "state/model.h"

namespace ds {

struct PredictRequest {
    std::vector<std::string>
        inputs; // files and folders of pictures; "-" is one file on stdin; data files may name a split
    int64_t batch = 256;
    int64_t top = 1;                  // classes that are told of each sample
    double threshold = 0.5;           // above this probability a yes is predicted
    bool probabilities = false;       // CSV: those of all classes
    std::string layer;                // give the values of this layer, not the outputs; "" for the outputs
    std::string output;               // give this output of the graph alone, as numbers; "" for what the task predicts
    bool keep_pictures = false;       // hand over the pictures as their files have them, too
    bool lines = false;               // each line of an input is a text
    bool as_table = false;            // each input but data files is a table
    bool skip_bad = false;            // go on behind an input, or a row of a table, that is no good
    std::optional<ResizeRule> resize; // for pictures, where the model does not say how they get its size
    RunControls controls;
    int64_t beside_bytes = 0; // what else is kept meanwhile, which the memory limit counts
};

struct PredictSummary {
    int64_t samples = 0;     // predicted
    int64_t bad = 0;         // inputs and rows that were no good
    bool of_texts = false;   // the model takes them, and no pictures
    int64_t passed_over = 0; // files in folders that are no pictures, or no texts
};

/// Hands over the predictions of one batch after another, in the order of the inputs; a table is announced by its
/// header and no samples, and with `skip_bad` a bad row of one comes as a sample that `is_bad`. Error(usage) for a
/// model of text; Error(data) naming the input that does not fit the model, or for which it gives no finite
/// numbers; what came before it has been handed over.
PredictSummary predict(const Model& model, const PredictRequest& request,
                       const std::function<void(const Predictions&)>& each);

} // namespace ds
