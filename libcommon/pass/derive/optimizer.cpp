#include "pass/derive/optimizer.h"

#include <set>

#include "base/error.h"
#include "graph/builder.h"
#include "ops/emit.h"
#include "ops/update.h"

namespace ds {
namespace {

/// What the updates are computed from: gradients of the summed loss, the loss and the count.
struct Sums {
    std::vector<Gradient> gradients;
    ValueId loss = no_value, count = no_value;
};

/// Running statistics of a batch that made a NaN are not kept: their slots keep what they had unless `sound`.
void guard_statistics(Graph& graph, Builder& builder, ValueId sound) {
    for (Write& write : graph.writes)
        if (const Slot* slot = graph.find_slot(write.slot); slot->kind == SlotKind::statistic)
            write.value = select(builder, sound, write.value, slot->value);
}

class UpdateWriter {
public:
    UpdateWriter(Graph& graph, const OptimizerOptions& options) : graph_(graph), builder_(graph), options_(options) {}

    void run(const Sums& sums) {
        if (sums.gradients.empty())
            fail(Exit::data, "graph '{}': the objective reaches no parameter that is trained", graph_.name);
        dtype_ = graph_.type(sums.loss).dtype;
        builder_.set_name("step");
        lr_ = control("lr", {dtype_, {}});
        make_scale(sums);
        guard_statistics(graph_, builder_, apply_);
        for (const Gradient& gradient : sums.gradients) update(gradient.slot, gradient.value);
    }
    ValueId apply() const { return apply_; }

private:
    ValueId control(const std::string& name, const Type& type) {
        const Input* there = graph_.find_input(name);
        return there ? there->value : graph_.add_input(name, type, InputRole::control);
    }
    ValueId slot_like(const std::string& name, const std::string& parameter, SlotKind kind) {
        Slot slot;
        slot.name = name;
        slot.kind = kind;
        slot.follows = parameter;
        slot.train = slot.decay = false;
        return graph_.add_slot(slot, graph_.type(graph_.find_slot(parameter)->value));
    }
    void make_scale(const Sums& sums) {
        std::vector<ValueId> gradients;
        for (const Gradient& gradient : sums.gradients) gradients.push_back(gradient.value);
        // A count of none has gradients of 0, which stay 0; a sum of weights may be less than one.
        const ValueId least = scalar(builder_, dtype_, 1e-30);
        const ValueId count = binary(builder_, BinaryKind::max, sums.count, least);
        const ValueId norm = div(builder_, builder_.emit1("global_norm", attrs_of(NoAttrs{}), gradients), count);
        graph_.add_output("grad_norm", norm);
        const ValueId finite_loss = unary(builder_, UnaryKind::is_finite, sums.loss);
        apply_ = binary(builder_, BinaryKind::logical_and, finite_loss, unary(builder_, UnaryKind::is_finite, norm));
        graph_.add_output("applied", apply_);
        scale_ = unary(builder_, UnaryKind::reciprocal, count);
        if (options_.clip <= 0) return;
        const ValueId above_zero = affine(builder_, norm, 1, 1e-6);
        const ValueId ratio = div(builder_, scalar(builder_, dtype_, options_.clip), above_zero);
        scale_ = mul(builder_, scale_, binary(builder_, BinaryKind::min, ratio, scalar(builder_, dtype_, 1)));
    }
    void update(const std::string& name, ValueId gradient) {
        const Slot slot = *graph_.find_slot(name);
        builder_.set_name(name);
        const double decay = slot.decay || options_.decay_all ? options_.weight_decay : 0;
        const ValueId next =
            options_.kind == OptimizerKind::sgd ? sgd(slot, gradient, decay) : adam(slot, gradient, decay);
        graph_.writes.push_back({name, next});
        if (options_.ema_decay > 0) ema(name, next);
    }
    ValueId rate(const std::string& parameter) {
        const auto scale = options_.lr_scale.find(parameter);
        return scale == options_.lr_scale.end() || scale->second == 1 ? lr_ : affine(builder_, lr_, scale->second);
    }
    /// Moments count from the first step in which the parameter is trained.
    ValueId own_step(const std::string& parameter) {
        const ValueId step = control("step", {DType::i64, {}});
        const auto since = options_.since.find(parameter);
        if (since == options_.since.end() || since->second == 0) return step;
        return sub(builder_, step, scalar(builder_, DType::i64, double(since->second)));
    }
    ValueId sgd(const Slot& slot, ValueId gradient, double decay) {
        SgdAttrs attrs;
        attrs.momentum = options_.momentum;
        attrs.weight_decay = decay;
        attrs.nesterov = options_.nesterov;
        std::vector<ValueId> in{slot.value, gradient, rate(slot.name), scale_, apply_};
        const std::string moment = "momentum/" + slot.name;
        if (attrs.momentum != 0) in.push_back(slot_like(moment, slot.name, SlotKind::moment));
        const std::vector<ValueId> out = builder_.emit("sgd_update", attrs_of(attrs), in);
        if (attrs.momentum != 0) graph_.writes.push_back({moment, out[1]});
        return out[0];
    }
    ValueId adam(const Slot& slot, ValueId gradient, double decay) {
        AdamAttrs attrs;
        attrs.beta1 = options_.beta1;
        attrs.beta2 = options_.beta2;
        attrs.eps = options_.eps;
        attrs.weight_decay = decay;
        attrs.decoupled = options_.kind == OptimizerKind::adamw;
        const std::string m = "moment1/" + slot.name, v = "moment2/" + slot.name;
        const ValueId step = own_step(slot.name), lr = rate(slot.name);
        const ValueId m_value = slot_like(m, slot.name, SlotKind::moment),
                      v_value = slot_like(v, slot.name, SlotKind::moment);
        const std::vector<ValueId> out = builder_.emit(
            "adam_update", attrs_of(attrs), {slot.value, gradient, lr, scale_, apply_, m_value, v_value, step});
        graph_.writes.push_back({m, out[1]});
        graph_.writes.push_back({v, out[2]});
        return out[0];
    }
    void ema(const std::string& parameter, ValueId next) {
        EmaAttrs attrs;
        attrs.decay = options_.ema_decay;
        const std::string name = "ema/" + parameter;
        const ValueId average = slot_like(name, parameter, SlotKind::ema);
        graph_.writes.push_back({name, builder_.emit1("ema_update", attrs_of(attrs), {average, next, apply_})});
    }

    Graph& graph_;
    Builder builder_;
    const OptimizerOptions& options_;
    DType dtype_ = DType::f32;
    ValueId lr_ = no_value, scale_ = no_value, apply_ = no_value;
};

const Output& objective(const Graph& graph) {
    for (const Output& output : graph.outputs)
        if (output.objective) return output;
    fail(Exit::data, "graph '{}' has no objective", graph.name);
}

/// A slot that sums over the micro-batches of a step. Checkpoints store it, so its name has no empty part.
Slot accumulator(const std::string& name, const std::string& follows) {
    Slot slot;
    slot.name = name;
    slot.kind = SlotKind::accumulator;
    slot.follows = follows;
    slot.train = slot.decay = false;
    return slot;
}

/// Adds `value` to an accumulator slot.
void accumulate(Graph& graph, Builder& builder, const Slot& slot, ValueId value) {
    builder.set_name(slot.name);
    const ValueId before = graph.add_slot(slot, graph.type(value));
    graph.writes.push_back({slot.name, add(builder, before, value)});
}

/// In the apply graph: the accumulated value, cleared afterwards.
ValueId take(Graph& graph, Builder& builder, const Slot& slot, const Type& type) {
    const ValueId value = graph.add_slot(slot, type);
    builder.set_name(slot.name);
    graph.writes.push_back({slot.name, constant(builder, type.dtype, type.shape, 0)});
    return value;
}

} // namespace

Graph optimizer_step(Graph graph, const OptimizerOptions& options) {
    Sums sums;
    sums.gradients.swap(graph.gradients);
    const std::string name = objective(graph).name;
    sums.loss = objective(graph).value;
    sums.count = graph.find_output(name + ".count")->value;
    UpdateWriter(graph, options).run(sums);
    return graph;
}

AccumulatedStep accumulated_step(Graph differentiated, const OptimizerOptions& options) {
    AccumulatedStep steps;
    steps.micro = std::move(differentiated);
    Graph& micro = steps.micro;
    Graph& apply = steps.apply;
    Builder builder(micro), apply_builder(apply);
    apply.name = micro.name + ".apply";
    std::vector<Gradient> gradients;
    gradients.swap(micro.gradients);
    std::set<std::string> updated;
    for (const Gradient& gradient : gradients) updated.insert(gradient.slot);
    for (const Slot& slot : micro.slots)
        if (updated.count(slot.name)) apply.add_slot(slot, micro.type(slot.value));
    Sums sums;
    for (const Gradient& gradient : gradients) {
        const Slot slot = accumulator("accumulator/" + gradient.slot, gradient.slot);
        accumulate(micro, builder, slot, gradient.value);
        sums.gradients.push_back({gradient.slot, take(apply, apply_builder, slot, micro.type(gradient.value))});
    }
    const Output loss = objective(micro);
    const ValueId count = micro.find_output(loss.name + ".count")->value;
    builder.set_name("step");
    guard_statistics(micro, builder, unary(builder, UnaryKind::is_finite, loss.value));
    const Slot loss_slot = accumulator("objective/sum", ""), count_slot = accumulator("objective/count", "");
    accumulate(micro, builder, loss_slot, loss.value);
    accumulate(micro, builder, count_slot, count);
    sums.loss = take(apply, apply_builder, loss_slot, micro.type(loss.value));
    sums.count = take(apply, apply_builder, count_slot, micro.type(count));
    apply.add_output(loss.name, sums.loss);
    apply.add_output(loss.name + ".count", sums.count);
    UpdateWriter(apply, options).run(sums);
    return steps;
}

} // namespace ds
