// Inner loops of batch norm over one channel group in one stretch of memory. A group is one channel whose
// pixels lie one after another (lanes 1), or 8 or 16 channels side by side (blocked layouts, and matrices).
#pragma once

#include <cstdint>

namespace ds::kernels::cpu {

/// Per channel of a group. Forward: y = a*(x - mean) + b. Backward: dx = a*dy + b*(x - mean) + c.
/// Lanes without a channel hold zeros.
struct alignas(64) GroupParams {
    float mean[16] = {}, a[16] = {}, b[16] = {}, c[16] = {};
};

/// Where a group's elements lie: `count` pixels, `step` elements apart (lanes 1: side by side).
/// Only the first `valid` lanes are touched when they are fewer than a full group.
struct Stretch {
    int64_t count = 0, step = 0;
    int valid = 0;
};

struct BatchNormLoops {
    /// sum += x - shift, square += (x - shift)^2, by lane.
    void (*stats)(const float* x, Stretch s, const float* shift, double* sum, double* square);
    /// y = a*(x - mean) + b (+ residual), then relu if asked. residual may be null, y may be x or residual.
    void (*apply)(const float* x, const float* residual, float* y, Stretch s, const GroupParams& p, bool relu);
    /// g = dy where the relu's output y is positive (y null: everywhere); masked = g unless null;
    /// sum += g, product += g*(x - mean).
    void (*dx_stats)(const float* dy, const float* y, const float* x, float* masked, Stretch s, const float* mean,
                     double* sum, double* product);
    /// dx = a*g + b*(x - mean) + c with the same g.
    void (*dx_apply)(const float* dy, const float* y, const float* x, float* dx, Stretch s, const GroupParams& p);
};

/// lanes: 1, 8 or 16.
const BatchNormLoops& batch_norm_loops(int lanes);

} // namespace ds::kernels::cpu
