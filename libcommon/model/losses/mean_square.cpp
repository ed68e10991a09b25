// Numbers, by their squared error.
#include "model/loss.h"
#include "model/losses/row.h"
#include "ops/emit.h"

namespace ds {
namespace {

/// Of a target [N,C,...] one value for each of C, shaped to go along with it; of [N] one.
Shape statistic_shape(const Shape& target) {
    if (target.size() < 2 || !target[1].known()) return {};
    Shape shape(target.size() - 1, Dim(1));
    shape[0] = target[1];
    return shape;
}

ValueId statistic(Graph& graph, const std::string& name, const char* init, const Type& type) {
    if (const Slot* there = graph.find_slot(name)) return there->value; // of another loss of the same target
    Slot slot;
    slot.name = name;
    slot.kind = SlotKind::statistic;
    slot.init.kind = init;
    slot.train = slot.decay = false;
    return graph.add_slot(slot, type);
}

} // namespace

std::string target_mean_slot(const std::string& target) { return "loss." + one_part(target) + ".mean"; }
std::string target_std_slot(const std::string& target) { return "loss." + one_part(target) + ".std"; }

/// The error is taken before the output is scaled: (target - mean)/std is exact where the target lies far from zero,
/// and the scaled output is not.
std::string mean_square_loss(Builder& builder, ValueId output, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(output);
    const bool one_each = type.shape.size() == 2 && type.shape[1] == Dim(1);
    const Shape shape = one_each ? Shape{type.shape[0]} : type.shape;
    const Type each{type.dtype, statistic_shape(shape)};
    const ValueId mean = statistic(graph, target_mean_slot(target.name), "zeros", each),
                  deviation = statistic(graph, target_std_slot(target.name), "ones", each);
    builder.set_name("logits");
    const ValueId scaled = mul(builder, output, deviation);
    graph.add_output(target.output("logits"), add(builder, scaled, mean));
    builder.set_name("loss");
    const ValueId wanted = target_input(graph, target.name, {type.dtype, shape});
    const ValueId centred = sub(builder, wanted, mean);
    const ValueId standard = div(builder, centred, deviation);
    const ValueId given = reshape(builder, output, shape);
    const ValueId error = unary(builder, UnaryKind::square, sub(builder, given, standard));
    graph.add_output(target.output("loss"), sum(builder, error), target.head.empty());
    graph.add_output(target.output("loss.count"), element_count(builder, type.dtype, shape));
    return "regression";
}

} // namespace ds
