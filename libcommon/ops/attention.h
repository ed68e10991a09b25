// Scaled dot-product attention (Vaswani et al. 2017; computed in tiles as by Dao et al. 2022).
//   attention(q[N,T,H,D], k[N,S,G,D], v[N,S,G,D], mask?) -> y[N,T,H,D], lse[N,H,T]
//        G divides H (grouped queries); causal: query t sees keys 0 .. t + (S - T);
//        mask bool, broadcastable to [N,H,T,S]: false hides a key. A row that sees no key gives zeros (lse = -inf).
//   attention_dx(dy, q, k, v, y, lse, mask?) -> dq, dk, dv
#pragma once

#include "ops/attrs.h"

namespace ds {

struct AttentionAttrs : AttrsOf<AttentionAttrs> {
    bool causal = false;
    double scale = 0; // 0: 1/sqrt(D)
    void visit(FieldVisitor& v) override {
        v.field("causal", causal);
        v.field("scale", scale);
    }
};

} // namespace ds
