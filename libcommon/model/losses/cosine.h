// Rows of a batch compared by their cosines: what losses of embeddings are made of.
#pragma once

#include "graph/builder.h"
#include "ops/elementwise.h"

namespace ds {

/// x [N,D] at length 1; a vector of zeros stays one.
ValueId of_length_one(Builder& builder, ValueId x);
/// Every two of numbers [N] compared: [N,N], row i with row j.
ValueId compared(Builder& builder, BinaryKind kind, ValueId numbers);
/// The cosine of every row of the one with every row of the other, [N,N], over the temperature. Both are of length 1.
ValueId similarities(Builder& builder, ValueId unit, ValueId other, double temperature);
/// log of the sum of exp along an axis of [N,N], over those that are `counted`; very small where none is.
ValueId log_sum(Builder& builder, ValueId similar, ValueId counted, int64_t axis);

} // namespace ds
