// What a model file is, in a few lines: inputs, outputs, sizes, metrics, origin.
#pragma once

#include <string>

#include "base/json.h"
#include "io/checkpoint/checkpoint.h"

namespace ds {

/// Inputs, outputs, sizes, MACs per sample, metrics, origin. `checkpoint` may be without payload.
Json summary(const Checkpoint& checkpoint);
/// How many numbers are learned: parameters without running statistics.
int64_t learned_elements(const Checkpoint& checkpoint);
std::string summary_text(const Json& summary);

} // namespace ds
