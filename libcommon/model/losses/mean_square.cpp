// Numbers, by their squared error.
#include "base/error.h"
#include "model/losses/row.h"
#include "model/losses/unit.h"
#include "ops/emit.h"

namespace ds {
namespace {

/// What the data has a row, the output has.
void check_fits(const Shape& shape, const Type& output, const LossTarget& target) {
    if (!target.column || shape.empty()) return;
    const Shape row(shape.begin() + 1, shape.end());
    const Dims& item = target.column->item;
    const bool is_one = count(item) == 1 && row.size() <= 1;
    if (!known(row) || dims(row) == item || (is_one && count(dims(row)) == 1)) return;
    fail(Exit::config, "mse takes as many numbers a row as the target '{}' has, {}, not {}", target.name,
         item.empty() ? "one" : text(item), text(output));
}

} // namespace

/// The error is taken before the output is scaled: (target - mean)/std is exact where the target lies far from zero,
/// and the scaled output is not.
std::string mean_square_loss(Builder& builder, ValueId output, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(output);
    const bool one_each = type.shape.size() == 2 && type.shape[1] == Dim(1);
    const Shape shape = one_each ? Shape{type.shape[0]} : type.shape;
    check_fits(shape, type, target);
    const TargetUnit unit = target_unit(graph, target.name, {type.dtype, shape});
    builder.set_name("logits");
    graph.add_output(target.output("logits"), unit.of_data(builder, output));
    builder.set_name("loss");
    const ValueId wanted = target_input(graph, target.name, {type.dtype, shape});
    const ValueId centred = sub(builder, wanted, unit.mean);
    const ValueId standard = div(builder, centred, unit.deviation);
    const ValueId given = reshape(builder, output, shape);
    const ValueId error = unary(builder, UnaryKind::square, sub(builder, given, standard));
    graph.add_output(target.output("loss"), sum(builder, error), target.head.empty());
    graph.add_output(target.output("loss.count"), element_count(builder, type.dtype, shape));
    return "regression";
}

} // namespace ds
