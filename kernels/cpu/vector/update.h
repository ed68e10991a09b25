// The scalars of one optimizer step, as the inner loops of update.cpp want them.
#pragma once

namespace ds::kernels::cpu {

struct SgdStep {
    float lr, scale, decay, momentum;
    bool nesterov;
};

/// w = keep*w - rate * m / (sqrt(v)*root + eps), with g = scale*g + decay*w.
struct AdamStep {
    float scale = 1, decay = 0, keep = 1, beta1 = 0, beta2 = 0, rest1 = 1, rest2 = 1, eps = 0, rate = 0, root = 1;
};

} // namespace ds::kernels::cpu
