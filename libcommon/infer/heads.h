// What a model gives: one head, or one for each of several targets, with the target that each is held to.
#pragma once

#include <string>
#include <vector>

#include "state/model.h"
#include "task/task.h"

namespace ds {

struct Head {
    TaskPart part;
    std::string target;                 // the input that it is held to; empty when the graph has none, or several
    std::vector<std::string> labels;    // of the classes; may be empty
    std::vector<std::string> numbers{}; // of what went in: what each number of a row is, where that is known
    double peak = 0;                    // the range of an input that it is held to (255 for bytes); 0: not known
    std::string output(std::string_view of) const { return part.output(of); }
};

/// In the order of the losses; the first decides. Error(data) for a task that is not known.
std::vector<Head> heads_of(const Model& model);

/// The outputs that say what the model predicts, one for each head, and behind it what it is held to if that went in.
std::vector<std::string> prediction_outputs(const Model& model);

/// The names of what it predicts; of a joint task with its parts, whose sizes are then known. Error(data) where a size
/// of one of several heads is open.
OutputNames output_names(const Model& model, double threshold = 0.5, int64_t top = 1, bool probabilities = false);

/// Whether a prediction can be shown as a picture.
bool predicts_pictures(const Model& model);

} // namespace ds
