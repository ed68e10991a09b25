// The vocabulary in which gradient rules, passes and model files are written: one call, one node.
// Shapes and sizes are taken by value: those of a value of the graph lie in memory that the next node may move.
#pragma once

#include "ops/elementwise.h"
#include "ops/op.h"
#include "ops/shape_ops.h"

namespace ds {

ValueId constant(Emitter& g, DType dtype, Shape shape, double value);
ValueId scalar(Emitter& g, DType dtype, double value); // shape []
ValueId unary(Emitter& g, UnaryKind kind, ValueId x, double alpha = 1, double beta = 0);
ValueId binary(Emitter& g, BinaryKind kind, ValueId a, ValueId b);
ValueId add(Emitter& g, ValueId a, ValueId b);
ValueId sub(Emitter& g, ValueId a, ValueId b);
ValueId mul(Emitter& g, ValueId a, ValueId b);
ValueId div(Emitter& g, ValueId a, ValueId b);
ValueId neg(Emitter& g, ValueId x);
ValueId affine(Emitter& g, ValueId x, double alpha, double beta = 0); // alpha*x + beta
ValueId cast(Emitter& g, ValueId x, DType dtype);                     // x itself when it has that dtype
ValueId select(Emitter& g, ValueId condition, ValueId a, ValueId b);
ValueId reduce(Emitter& g, ReduceKind kind, ValueId x, std::vector<int64_t> axes = {}, bool keep = false);
ValueId sum(Emitter& g, ValueId x, std::vector<int64_t> axes = {}, bool keep = false);
ValueId reshape(Emitter& g, ValueId x, Shape shape);   // x itself when it has that shape
ValueId broadcast(Emitter& g, ValueId x, Shape shape); // x itself when it has that shape
ValueId transpose(Emitter& g, ValueId x, std::vector<int64_t> perm);
ValueId slice(Emitter& g, ValueId x, int64_t axis, Dim start, Dim length);

/// The gradient of an operand of shape `shape` that was broadcast to x's shape: sums over the broadcast axes.
ValueId sum_to_shape(Emitter& g, ValueId x, Shape shape);

} // namespace ds
