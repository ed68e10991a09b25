#include "model/losses/unit.h"

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

ValueId TargetUnit::of_data(Builder& builder, ValueId x) const {
    const ValueId scaled = mul(builder, x, deviation);
    return add(builder, scaled, mean);
}

TargetUnit target_unit(Graph& graph, const std::string& target, const Type& type) {
    const Type each{type.dtype, statistic_shape(type.shape)};
    const ValueId mean = statistic(graph, target_mean_slot(target), "zeros", each);
    return {mean, statistic(graph, target_std_slot(target), "ones", each)};
}

} // namespace ds
