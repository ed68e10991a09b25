// Matrix products.
//   matmul(a[...,M,K], b[...,K,N]) -> [...,M,N]; leading axes broadcast; ta/tb: the operand is stored transposed
//   linear(x[...,I], w[O,I], b[O]?) -> y[...,O] = x w^T + b
//   linear_dx(dy[...,O], w[O,I]) -> dx[...,I]
//   linear_dw(x[...,I], dy[...,O]) -> dw[O,I], and db[O] when bias
#pragma once

#include "ops/attrs.h"

namespace ds {

struct MatmulAttrs : AttrsOf<MatmulAttrs> {
    bool ta = false, tb = false;
    void visit(FieldVisitor& v) override {
        v.field("ta", ta);
        v.field("tb", tb);
    }
};

struct LinearDwAttrs : AttrsOf<LinearDwAttrs> {
    bool bias = false;
    void visit(FieldVisitor& v) override { v.field("bias", bias); }
};

} // namespace ds
