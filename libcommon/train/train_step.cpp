#include "train/train_step.h"

#include <cstring>

#include "base/error.h"
#include "exec/profile.h"
#include "graph/verify.h"
#include "infer/heads.h"
#include "pass/derive/mix_targets.h"
#include "pass/derive/weigh_targets.h"
#include "task/task.h"
#include "train/mixed_targets.h"

namespace ds {
namespace {

/// The slots that the derived graphs have and the stored one has not.
void note_extra_slots(Model& model, const Graph& graph) {
    for (const Slot& slot : graph.slots) {
        const bool known =
            model.graph.find_slot(slot.name) ||
            std::any_of(model.extra.begin(), model.extra.end(), [&](const Slot& s) { return s.name == slot.name; });
        if (!known) model.extra.push_back(slot);
    }
}

/// EMA weights start as the parameters they follow.
void start_averages(Model& model) {
    for (const Slot& slot : model.extra)
        if (slot.kind == SlotKind::ema && !model.state->contains(slot.name))
            model.state->set(slot.name, model.state->at(slot.follows).clone());
}

/// After a batch that was only looked at: apply() had cleared what it has added to.
void clear_accumulators(Model& model) {
    for (const Slot& slot : model.extra)
        if (slot.kind == SlotKind::accumulator) {
            const Tensor used = model.state->at(slot.name);
            model.state->set(slot.name, Tensor(used.dtype(), used.shape()));
        }
}

} // namespace

TrainStep::TrainStep(Model& model, const TrainOptions& options, const RunControls& controls, const TrainPhase& phase,
                     std::shared_ptr<Arena> arena, TargetWeights weights)
    : model_(model), options_(options), controls_(controls), weights_(std::move(weights)), arena_(std::move(arena)) {
    const std::vector<Head> heads = heads_of(model);
    const auto held = std::ranges::find_if(heads, [](const Head& head) { return !head.part.task->of_input; });
    if (held != heads.end()) target_ = held->target;
    prefix_ = heads[0].output("");
    OptimizerOptions optimizer = options.optimizer;
    optimizer.lr_scale = rate_factors(model.graph, options.lr_scale);
    optimizer.since = phase.since;
    Graph forward = options.augmentation.mixes() ? mix_targets(model.graph) : model.graph;
    if (weights_.any()) forward = weigh_targets(forward, weights_.by_target());
    for (StepCall& call : step_program(forward, optimizer, options.accumulate, controls_.passes, phase.frozen,
                                       options.label_smoothing)) {
        note_extra_slots(model, call.graph);
        call.graph = optimise_for_training(std::move(call.graph), controls_.passes);
        calls_.push_back({std::move(call), {}, {}});
    }
    start_averages(model);
    for (const Call& call : calls_) initialise(call.call.graph, *model.state, options.seed);
}

std::shared_ptr<const Plan> TrainStep::plan(Call& call, int64_t batch) {
    const bool is_of_batch = call.call.when == StepCall::When::each_batch;
    std::shared_ptr<const Plan>& plan = call.plans[is_of_batch ? batch : 0];
    const Graph& graph = call.call.graph;
    if (!plan)
        plan = make_plan(graph, is_of_batch ? bind_sizes(graph, batch, options_.tokens, options_.sizes) : Binding{},
                         controls_.plan);
    return plan;
}

std::shared_ptr<const Plan> TrainStep::plan(int64_t batch) { return plan(calls_.front(), batch); }

MemoryNeed TrainStep::memory(const std::vector<int64_t>& batches) {
    MemoryNeed need;
    for (Call& call : calls_) {
        const bool is_of_batch = call.call.when == StepCall::When::each_batch;
        for (const int64_t batch : is_of_batch ? batches : std::vector<int64_t>{0}) need.add(*plan(call, batch));
    }
    return need;
}

Executor& TrainStep::executor(Call& call, int64_t batch) {
    std::unique_ptr<Executor>& executor = call.executors[call.call.when == StepCall::When::each_batch ? batch : 0];
    if (!executor) executor = std::make_unique<Executor>(plan(call, batch), model_.state, arena_);
    return *executor;
}

void TrainStep::tell_profile() const {
    if (controls_.profile) controls_.profile(profile_of(calls_.front().executors));
}

void TrainStep::feed(Executor& executor, const Batch& batch, int64_t step, double lr) const {
    feed_inputs(executor, batch);
    set_scalar(executor, "lr", lr);
    set_scalar(executor, "step", double(step));
    if (executor.has_input("seed")) *executor.input("seed").as<int64_t>() = int64_t(options_.seed);
    if (executor.has_input(mixed_target)) fill_mixed_targets(executor.input(mixed_target), batch, target_);
    fill_weights(executor, batch, weights_);
    if (executor.has_input("sample"))
        std::memcpy(executor.input("sample").data, batch.sample.data(), batch.sample.size() * sizeof(int64_t));
}

void TrainStep::read(const Executor& executor, StepResult& result) const {
    if (executor.has_output("loss")) {
        result.loss = scalar_output(executor, "loss");
        result.count = scalar_output(executor, "loss.count");
        for (const char* counted : {"loss.count", "loss.targets"}) // the latter where targets have weights
            if (executor.has_output(prefix_ + counted)) result.targets = scalar_output(executor, prefix_ + counted);
    }
    if (executor.has_output("applied")) {
        result.grad_norm = scalar_output(executor, "grad_norm");
        result.applied = scalar_output(executor, "applied") != 0;
    }
}

void TrainStep::begin() {
    if (!accumulates()) return; // one batch is applied as a whole or not at all
    for (const Slot& slot : model_.graph.slots)
        if (slot.kind == SlotKind::statistic) before_[slot.name] = model_.state->at(slot.name).clone();
}

void TrainStep::undo() {
    for (const auto& [name, tensor] : before_) {
        Tensor now = model_.state->at(name); // shares the memory that plans are bound to
        std::memcpy(now.data(), tensor.data(), tensor.byte_size());
        model_.state->touched(name);
    }
    clear_accumulators(model_);
}

StepResult TrainStep::run(const Batch& batch, int64_t step, double lr) {
    StepResult result;
    const auto count_right = find_task(model_.task, model_.source).count_right;
    for (Call& call : calls_) {
        if (call.call.when != StepCall::When::each_batch) continue;
        Executor& e = executor(call, batch.size);
        feed(e, batch, step, lr);
        e.run(run_options());
        read(e, result);
        if (count_right && e.has_output(prefix_ + "logits"))
            result.correct = double(count_right(e.output(prefix_ + "logits"), batch.inputs.at(target_)));
    }
    return result;
}

StepResult TrainStep::apply(int64_t step, double lr) {
    StepResult result;
    for (Call& call : calls_) {
        if (call.call.when != StepCall::When::once) continue;
        Executor& e = executor(call, 0);
        set_scalar(e, "lr", lr);
        set_scalar(e, "step", double(step));
        e.run(run_options());
        read(e, result);
    }
    return result;
}

void TrainStep::explain_failure(const Batch& batch, int64_t step, double lr) {
    RunOptions checked = run_options();
    checked.check_numerics = true;
    try {
        for (Call& call : calls_) {
            if (call.call.when != StepCall::When::each_batch) continue;
            Executor& e = executor(call, batch.size);
            feed(e, batch, step, lr);
            e.run(checked);
        }
    } catch (const Error&) {
        clear_accumulators(model_);
        throw;
    }
    clear_accumulators(model_);
}

} // namespace ds
