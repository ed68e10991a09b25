// Embeddings: samples of one class near each other, those of others far (supervised contrastive loss, Khosla et al.
// 2020, the mean over positives outside of the logarithm). Samples are compared with all others of their batch, [N,N].
#include "base/error.h"
#include "data/batch/groups.h"
#include "model/losses/cosine.h"
#include "model/losses/row.h"
#include "ops/emit.h"

namespace ds {

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
    const ValueId similar = similarities(b, unit, unit, target.temperature);
    const ValueId costs = mul(b, positive, sub(b, log_sum(b, similar, other, 1), similar));
    const ValueId partners = sum(b, positive, {1}, true);
    const ValueId least = scalar(b, type.dtype, 1);
    const ValueId each = div(b, costs, binary(b, BinaryKind::max, partners, least));
    graph.add_output(target.output("loss"), sum(b, each), target.head.empty());
    const ValueId counts = binary(b, BinaryKind::gt, partners, scalar(b, type.dtype, 0));
    graph.add_output(target.output("loss.count"), sum(b, cast(b, counts, type.dtype)));
    return "embedding";
}

} // namespace ds
