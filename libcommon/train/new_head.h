// A head of another size: the layers that make a model's output get other sizes and start anew. They are found by the
// axes rules of the ops: what has the output's axis of classes (or labels, numbers) among its own is followed from the
// output to the weights that make it, through whatever treats each of them alike (sums of layers, other orders of axes,
// the target's unit), and on to the target.
#pragma once

#include <string>
#include <vector>

#include "state/model.h"

namespace ds {

/// Gives the model's output so many numbers a row (or word, or pixel); weights of the layers concerned start from
/// `seed`. Gives the names of these weights. Error(usage) where no layer makes the output, or others hang on its size.
std::vector<std::string> renew_head(Model& model, int64_t outputs, uint64_t seed);

} // namespace ds
