// Starting a new run from a trained model: its State without moments and run state, and a new classifier when the
// classes are others.
#pragma once

#include "data/batch/source.h"
#include "state/model.h"

namespace ds {

/// `head` > 0: the last linear layer is replaced by one of this many outputs, initialised from `seed`.
/// Error(usage) when the data has other classes than the model and no head is asked for.
void start_fine_tuning(Model& model, const DataSource& source, int64_t head, uint64_t seed);

} // namespace ds
