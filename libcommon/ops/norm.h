// Normalisation and softmax. Statistics are over: batch_norm all axes but 1; layer/rms the last axis;
// group_norm each group of channels of each sample. rstd = 1/sqrt(var + eps), var biased.
//   batch_norm(x[N,C,...], scale[C], bias[C], mean[C], var[C]) -> y                      inference
//   batch_norm_train(x, scale, bias, running_mean, running_var) -> y, mean[C], rstd[C], next_running_mean,
//   next_running_var
//        next = (1-momentum)*running + momentum*batch, with the unbiased batch variance (as PyTorch has it)
//   batch_norm_dx(dy, x, scale, mean, rstd) -> dx, dscale, dbias
//   layer_norm(x[...,C], scale[C], bias[C]) -> y, mean[...], rstd[...]     layer_norm_dx(dy, x, scale, mean, rstd) ->
//   dx, dscale, dbias rms_norm(x[...,C], scale[C]) -> y, rstd[...]                           rms_norm_dx(dy, x, scale,
//   rstd) -> dx, dscale group_norm(x[N,C,...], scale[C], bias[C]) -> y, mean[N,G], rstd[N,G]   group_norm_dx(dy, x,
//   scale, mean, rstd) -> dx, dscale, dbias softmax(x) over axis -> y (AxisAttrs) softmax_dx(dy, y) -> dx
#pragma once

#include "ops/attrs.h"

namespace ds {

struct BatchNormAttrs : AttrsOf<BatchNormAttrs> { // batch_norm and batch_norm_train
    double eps = 1e-5;
    double momentum = 0.1;
    void visit(FieldVisitor& v) override {
        v.field("eps", eps);
        v.field("momentum", momentum);
    }
};

struct RowNormAttrs : AttrsOf<RowNormAttrs> { // layer_norm and rms_norm
    double eps = 1e-5;
    void visit(FieldVisitor& v) override { v.field("eps", eps); }
};

struct GroupNormAttrs : AttrsOf<GroupNormAttrs> {
    int64_t groups = 1;
    double eps = 1e-5;
    void visit(FieldVisitor& v) override {
        v.field("groups", groups);
        v.field("eps", eps);
    }
};

} // namespace ds
