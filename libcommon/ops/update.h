// Optimizer updates: each yields the next value of its State slots in one pass over memory. `scale`
// multiplies the gradient first (clipping, 1/count); `apply` bool[]: false leaves everything as it was.
// lr[] and scale[] have w's dtype.
//   sgd_update(w, g, lr, scale, apply) -> w'                            momentum == 0
//   sgd_update(w, g, lr, scale, apply, m) -> w', m'                     g = scale*g + wd*w;  m' = mu*m + g;
//                                                                       w' = w - lr*m'  (nesterov: w - lr*(g + mu*m'))
//   adam_update(w, g, lr, scale, apply, m, v, step i64[]) -> w', m', v'   Kingma & Ba 2015; step counts from 1
//        decoupled: AdamW, w*(1 - lr*wd) before the step (Loshchilov & Hutter 2019); else wd*w is added to g
//   ema_update(e, w, apply) -> e' = decay*e + (1-decay)*w
//   global_norm(g0, g1, ...) -> sqrt(sum of squares of all elements), accumulated in double
#pragma once

#include "ops/attrs.h"

namespace ds {

struct SgdAttrs : AttrsOf<SgdAttrs> {
    double momentum = 0, weight_decay = 0;
    bool nesterov = false;
    void visit(FieldVisitor& v) override {
        v.field("momentum", momentum);
        v.field("weight_decay", weight_decay);
        v.field("nesterov", nesterov);
    }
};

struct AdamAttrs : AttrsOf<AdamAttrs> {
    double beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0;
    bool decoupled = false;
    void visit(FieldVisitor& v) override {
        v.field("beta1", beta1);
        v.field("beta2", beta2);
        v.field("eps", eps);
        v.field("weight_decay", weight_decay);
        v.field("decoupled", decoupled);
    }
};

struct EmaAttrs : AttrsOf<EmaAttrs> {
    double decay = 0.999;
    void visit(FieldVisitor& v) override { v.field("decay", decay); }
};

} // namespace ds
