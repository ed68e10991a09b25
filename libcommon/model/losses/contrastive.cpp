// Embeddings: samples of one class near each other, those of others far (supervised contrastive loss, Khosla et al.
// 2020, the mean over positives outside of the logarithm). Samples are compared with all others of their batch, [N,N].
#include "base/error.h"
#include "data/batch/groups.h"
#include "model/losses/row.h"
#include "ops/emit.h"
#include "ops/linear.h"

namespace ds {
namespace {

constexpr double far_below = -1e30; // a similarity that no softmax has a part of

/// x [N,D] at length 1; a vector of zeros stays one.
ValueId of_length_one(Builder& b, ValueId x) {
    const DType dtype = b.graph().type(x).dtype;
    const ValueId squares = sum(b, unary(b, UnaryKind::square, x), {1}, true);
    const ValueId least = scalar(b, dtype, 1e-12);
    return mul(b, x, unary(b, UnaryKind::rsqrt, binary(b, BinaryKind::max, squares, least)));
}

/// [N] compared with each other: [N,N], row i with row j.
ValueId compared(Builder& b, BinaryKind kind, ValueId x) {
    const Dim n = b.graph().type(x).shape[0];
    const ValueId row = reshape(b, x, {n, Dim(1)});
    return binary(b, kind, row, reshape(b, x, {Dim(1), n}));
}

/// The cosine of every two rows over the temperature.
ValueId similarities(Builder& b, ValueId unit, double temperature) {
    MatmulAttrs attrs;
    attrs.tb = true;
    return affine(b, b.emit1("matmul", attrs_of(attrs), {unit, unit}), 1 / temperature);
}

/// log of the sum of exp over the others of each row, [N,1].
ValueId log_sum(Builder& b, ValueId similar, ValueId other) {
    const ValueId none = scalar(b, b.graph().type(similar).dtype, far_below);
    const ValueId masked = select(b, other, similar, none);
    const ValueId top = reduce(b, ReduceKind::max, masked, {1}, true);
    const ValueId total = sum(b, unary(b, UnaryKind::exp, sub(b, masked, top)), {1}, true);
    return add(b, top, unary(b, UnaryKind::log, total));
}

} // namespace

std::string contrastive_loss(Builder& b, ValueId output, const LossTarget& target) {
    Graph& graph = b.graph();
    const Type type = graph.type(output);
    if (type.shape.size() != 2 || type.shape[1] == Dim(1))
        fail(Exit::config, "contrastive takes a vector for each sample, [N,numbers], not {}", text(type));
    const Dim n = type.shape[0];
    const ValueId unit = of_length_one(b, output);
    graph.add_output(target.output("logits"), unit);
    const ValueId label = target_input(graph, target.name, {DType::i32, {n}});
    const ValueId number = target_input(graph, std::string(row_numbers), {DType::i32, {n}});
    const ValueId other = compared(b, BinaryKind::ne, number);
    const ValueId alike = binary(b, BinaryKind::logical_and, compared(b, BinaryKind::eq, label), other);
    const ValueId known = binary(b, BinaryKind::ge, label, scalar(b, DType::i32, 0));
    const ValueId positive =
        cast(b, binary(b, BinaryKind::logical_and, alike, reshape(b, known, {n, Dim(1)})), type.dtype);
    const ValueId similar = similarities(b, unit, target.temperature);
    const ValueId costs = mul(b, positive, sub(b, log_sum(b, similar, other), similar));
    const ValueId partners = sum(b, positive, {1}, true);
    const ValueId least = scalar(b, type.dtype, 1);
    const ValueId each = div(b, costs, binary(b, BinaryKind::max, partners, least));
    graph.add_output(target.output("loss"), sum(b, each), target.head.empty());
    const ValueId counts = binary(b, BinaryKind::gt, partners, scalar(b, type.dtype, 0));
    graph.add_output(target.output("loss.count"), sum(b, cast(b, counts, type.dtype)));
    return "embedding";
}

} // namespace ds
