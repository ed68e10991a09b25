// Strided copies of any element type: what transpose, slice, concat, pad, broadcast and copy all are.
#pragma once

#include "tensor/tensor.h"

namespace ds::kernels::cpu {

/// Elements of `size` bytes, axes joined, ordered by the destination's strides (largest first).
struct CopyJob {
    size_t size = 4;
    int rank = 0;
    int64_t dims[max_rank + 1], from[max_rank + 1], to[max_rank + 1]; // strides in elements
    int64_t count = 0;
};

/// dims, and the strides of source and destination in elements. Strides of the source may be 0.
CopyJob make_copy(size_t size, const Dims& dims, const Dims& from, const Dims& to);
/// Copies; threads share the work.
void run_copy(const CopyJob& job, const std::byte* from, std::byte* to);

} // namespace ds::kernels::cpu
