#include "model/losses/cosine.h"

#include "ops/emit.h"
#include "ops/linear.h"

namespace ds {
namespace {

constexpr double far_below = -1e30; // a similarity that no softmax has a part of

} // namespace

ValueId of_length_one(Builder& b, ValueId x) {
    const DType dtype = b.graph().type(x).dtype;
    const ValueId squares = sum(b, unary(b, UnaryKind::square, x), {1}, true);
    const ValueId least = scalar(b, dtype, 1e-12);
    return mul(b, x, unary(b, UnaryKind::rsqrt, binary(b, BinaryKind::max, squares, least)));
}

ValueId compared(Builder& b, BinaryKind kind, ValueId numbers) {
    const Dim n = b.graph().type(numbers).shape[0];
    const ValueId row = reshape(b, numbers, {n, Dim(1)});
    return binary(b, kind, row, reshape(b, numbers, {Dim(1), n}));
}

ValueId similarities(Builder& b, ValueId unit, ValueId other, double temperature) {
    MatmulAttrs attrs;
    attrs.tb = true;
    return affine(b, b.emit1("matmul", attrs_of(attrs), {unit, other}), 1 / temperature);
}

ValueId log_sum(Builder& b, ValueId similar, ValueId counted, int64_t axis) {
    const ValueId none = scalar(b, b.graph().type(similar).dtype, far_below);
    const ValueId masked = select(b, counted, similar, none);
    const ValueId top = reduce(b, ReduceKind::max, masked, {axis}, true);
    const ValueId total = sum(b, unary(b, UnaryKind::exp, sub(b, masked, top)), {axis}, true);
    return add(b, top, unary(b, UnaryKind::log, total));
}

} // namespace ds
