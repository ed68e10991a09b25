// Dropout.
//   dropout(x) -> x                 in a stored graph: nothing at inference; the train_mode pass gives it its
//   randomness dropout_train(x[N,...], seed i64[], step i64[], sample i64[N]) -> y
//        element e (row-major within its sample) is kept when word e%4 of
//        philox({e/4, sample, step, stream*16 + Stream::dropout}, seed) >= p*2^32, and scaled by 1/(1-p).
//        The mask depends on seed, stream, step and global sample index only; the gradient is the same op on dy.
#pragma once

#include "ops/attrs.h"

namespace ds {

struct DropoutAttrs : AttrsOf<DropoutAttrs> {
    double p = 0;       // probability to drop, 0 <= p < 1
    int64_t stream = 0; // which dropout of the network this is
    void visit(FieldVisitor& v) override {
        v.field("p", p);
        v.field("stream", stream);
    }
};

} // namespace ds
