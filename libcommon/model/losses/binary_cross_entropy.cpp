// Yes or no: one for a sample, or one for each of its labels.
#include "base/error.h"
#include "model/losses/row.h"
#include "ops/emit.h"

namespace ds {

/// One logit per sample, or one for each of K labels; loss = log(1 + e^x) - x*t.
std::string binary_cross_entropy_loss(Builder& builder, ValueId logits, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(logits);
    if (type.shape.empty() || type.shape.size() > 2)
        fail(Exit::config, "binary_cross_entropy takes logits [N], [N,1] or [N,labels], not {}", text(type));
    const bool labels = type.shape.size() == 2 && type.shape[1] != Dim(1);
    if (labels && target.column && target.column->item.empty())
        fail(Exit::config, "binary_cross_entropy takes one logit per sample for '{}', not {}", target.name, text(type));
    const Shape shape = labels ? type.shape : Shape{type.shape[0]};
    graph.add_output(target.output("logits"), logits);
    const ValueId x = reshape(builder, logits, shape);
    const ValueId label = target_input(graph, target.name, {type.dtype, shape});
    const ValueId right = mul(builder, x, label);
    const ValueId loss = sub(builder, unary(builder, UnaryKind::softplus, x), right);
    graph.add_output(target.output("loss"), sum(builder, loss), target.head.empty());
    graph.add_output(target.output("loss.count"), element_count(builder, type.dtype, shape));
    return labels ? "multi-label" : "binary";
}

} // namespace ds
