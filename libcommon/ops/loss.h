// Softmax cross entropy, fused for memory and exactness. Rows are all axes but the last, K classes.
//   cross_entropy(logits[...,K], target) -> loss[...], lse[...]     lse = log sum exp of the row
//        target i32|i64 [...]: class numbers; ignore_index gives loss 0; any other value outside [0,K) is Error(data)
//        target float [...,K]: probabilities
//        with smoothing s the target becomes (1-s)*target + s/K
//   cross_entropy_dx(dloss[...], logits, target, lse) -> dlogits
#pragma once

#include "ops/attrs.h"

namespace ds {

struct CrossEntropyAttrs : AttrsOf<CrossEntropyAttrs> {
    double smoothing = 0;
    int64_t ignore_index = -100;
    void visit(FieldVisitor& v) override {
        v.field("smoothing", smoothing);
        v.field("ignore_index", ignore_index);
    }
};

} // namespace ds
