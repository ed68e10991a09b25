// Starting a new run from a trained model: its State without moments and run state, and a new head when what is learned
// is another thing.
#pragma once

#include "data/batch/source.h"
#include "state/model.h"

namespace ds {

/// `head` > 0: the layers that make the output get this many, initialised from `seed` (train/new_head.h). Error(usage)
/// where the data has another number of classes, labels or numbers, Error(data) where it has classes that the model
/// does not know and no head is asked for.
void start_fine_tuning(Model& model, const DataSource& source, int64_t head, uint64_t seed);

/// What of another model's weights fits into this one, by name, shape and element type.
struct TakenWeights {
    std::string source;               // the other model's file
    std::vector<std::string> history; // and what led to it
    std::string digest;
    int64_t taken = 0, values = 0;    // tensors taken, and the numbers in them
    std::vector<std::string> unlike;  // of the same name, with both types in words
    std::vector<std::string> missing; // not there
    std::vector<std::string> unused;  // there alone
};
/// Copies them. Error(data) when nothing fits.
TakenWeights take_weights(Model& model, const Model& from);

} // namespace ds
