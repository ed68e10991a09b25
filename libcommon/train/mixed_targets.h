// The targets of mixed samples: what `mixed_target` (pass/derive/mix_targets.h) is filled with.
#pragma once

#include "data/batch/batcher.h"
#include "tensor/tensor.h"

namespace ds {

/// Row i of `to` [N,K] (f32 or f64): batch.share[i] of the sample's class, the rest of its partner's. Error(data) for a
/// sample without a class, or of one that the model has not.
void fill_mixed_targets(const TensorView& to, const Batch& batch, const std::string& target);

} // namespace ds
