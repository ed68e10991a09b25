// Inner loops of reductions over contiguous rows.
#pragma once

#include <cstdint>

namespace ds::kernels::cpu {

struct ReduceLoops {
    /// total = total joined with n elements in a row.
    void (*row)(const float* x, int64_t n, double* total);
    /// totals[i] = totals[i] joined with x[r*stride + i] for all r < rows (at least 1); i < n <= 1024.
    void (*rows)(const float* x, int64_t rows, int64_t stride, int64_t n, double* totals);
};

} // namespace ds::kernels::cpu
