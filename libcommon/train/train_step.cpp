#include "train/train_step.h"

#include <cstring>

#include "base/error.h"
#include "exec/profile.h"
#include "graph/verify.h"
#include "pass/derive/autodiff.h"
#include "pass/derive/optimizer.h"
#include "pass/derive/train_mode.h"
#include "task/task.h"

namespace ds {
namespace {

Graph derive(const Graph& forward, const PassOptions& passes) {
    return run_pass("train-mode", forward, passes, [](Graph g) { return train_mode(g); });
}

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

TrainStep::TrainStep(Model& model, const TrainOptions& options, const RunControls& controls)
    : model_(model), options_(options), controls_(controls) {
    for (const Input& input : model.graph.inputs)
        if (input.role == InputRole::target) target_ = input.name;
    Differentiated differentiated;
    run_pass("autodiff", derive(model.graph, controls_.passes), controls_.passes, [&](Graph g) {
        differentiated = differentiate(g);
        return differentiated.graph;
    });
    graph_ = run_pass("optimizer", Graph{}, controls_.passes, [&](Graph) {
        if (!accumulates()) return optimizer_step(std::move(differentiated), options.optimizer);
        AccumulatedStep steps = accumulated_step(std::move(differentiated), options.optimizer);
        apply_graph_ = optimise_for_training(std::move(steps.apply), controls_.passes);
        return std::move(steps.micro);
    });
    note_extra_slots(model, graph_);
    note_extra_slots(model, apply_graph_);
    graph_ = optimise_for_training(std::move(graph_), controls_.passes);
    start_averages(model);
    initialise(graph_, *model.state, options.seed);
    if (!accumulates()) return;
    initialise(apply_graph_, *model.state, options.seed);
    apply_executor_ = std::make_unique<Executor>(make_plan(apply_graph_, {}, controls_.plan), model.state, arena_);
}

std::shared_ptr<const Plan> TrainStep::plan(int64_t batch) {
    std::shared_ptr<const Plan>& plan = plans_[batch];
    if (!plan) plan = make_plan(graph_, bind_sizes(graph_, batch, options_.tokens), controls_.plan);
    return plan;
}

MemoryNeed TrainStep::memory(const std::vector<int64_t>& batches) {
    MemoryNeed need;
    for (const int64_t batch : batches) need.add(*plan(batch));
    if (accumulates()) need.add(apply_executor_->plan());
    return need;
}

Executor& TrainStep::executor_for(int64_t batch) {
    std::unique_ptr<Executor>& executor = executors_[batch];
    if (!executor) executor = std::make_unique<Executor>(plan(batch), model_.state, arena_);
    return *executor;
}

void TrainStep::tell_profile() const {
    if (controls_.profile) controls_.profile(profile_of(executors_));
}

void TrainStep::feed(Executor& executor, const Batch& batch, int64_t step, double lr) const {
    feed_inputs(executor, batch);
    set_scalar(executor, "lr", lr);
    set_scalar(executor, "step", double(step));
    if (executor.has_input("seed")) *executor.input("seed").as<int64_t>() = int64_t(options_.seed);
    if (executor.has_input("sample"))
        std::memcpy(executor.input("sample").data, batch.sample.data(), batch.sample.size() * sizeof(int64_t));
}

StepResult TrainStep::read(const Executor& executor) const {
    StepResult result;
    result.loss = scalar_output(executor, "loss");
    result.count = scalar_output(executor, "loss.count");
    return result;
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
    Executor& executor = executor_for(batch.size);
    feed(executor, batch, step, lr);
    executor.run(run_options());
    StepResult result = read(executor);
    if (const auto count = find_task(model_.task, model_.source).count_right)
        result.correct = double(count(executor.output("logits"), batch.inputs.at(target_)));
    if (accumulates()) return result;
    result.grad_norm = scalar_output(executor, "grad_norm");
    result.applied = scalar_output(executor, "applied") != 0;
    return result;
}

StepResult TrainStep::apply(int64_t step, double lr) {
    set_scalar(*apply_executor_, "lr", lr);
    set_scalar(*apply_executor_, "step", double(step));
    apply_executor_->run(run_options());
    StepResult result = read(*apply_executor_);
    result.grad_norm = scalar_output(*apply_executor_, "grad_norm");
    result.applied = scalar_output(*apply_executor_, "applied") != 0;
    return result;
}

void TrainStep::explain_failure(const Batch& batch, int64_t step, double lr) {
    Executor& executor = executor_for(batch.size);
    feed(executor, batch, step, lr);
    RunOptions checked = run_options();
    checked.check_numerics = true;
    try {
        executor.run(checked);
    } catch (const Error&) {
        clear_accumulators(model_);
        throw;
    }
    clear_accumulators(model_);
}

} // namespace ds
