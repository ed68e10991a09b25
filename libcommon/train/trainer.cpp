#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"

namespace ds {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int workers_of(const TrainData& data) { return data.workers >= 0 ? data.workers : default_workers(threads()) - 1; }

/// Plans of steps count the batches of data that are made ahead for them.
RunControls with_batches(RunControls controls, const Model& model, const TrainData& data, const TrainOptions& options) {
    controls.plan.beside = [source = data.train, bindings = training_bindings(model, *data.train, options),
                            workers = workers_of(data) + 1, mixes = options.augmentation.mixes()](const auto& sizes) {
        const auto batch = sizes.find("N");
        return batch == sizes.end() ? 0 : batcher_bytes(*source, bindings, batch->second, workers, mixes);
    };
    return controls;
}

} // namespace

Json RunState::to_json() const {
    Json json = Json::object();
    json.set("step", step).set("end", end).set("epoch", cursor.epoch).set("position", cursor.position);
    json.set("best_score", best_score).set("best_step", best_step).set("bad_validations", bad_validations);
    return json;
}

RunState RunState::from_json(const Json& json) {
    RunState state;
    state.step = json.get<int64_t>("step");
    state.end = json.get<int64_t>("end");
    state.cursor = {json.get<int64_t>("epoch"), json.get<int64_t>("position")};
    state.best_score = json.get<double>("best_score");
    state.best_step = json.get<int64_t>("best_step");
    state.bad_validations = json.get<int64_t>("bad_validations");
    const bool sound = state.step >= 0 && state.end >= 0 && state.cursor.epoch >= 0 && state.cursor.position >= 0;
    if (!sound) fail(Exit::data, "the run state has negative numbers");
    return state;
}

Trainer::Trainer(Model& model, TrainData data, TrainOptions options, RunControls controls, std::optional<RunState> from)
    : model_(model),
      task_(task_of(model)),
      decides_(task_.metric(options.metric.empty() ? task_.deciding : options.metric)),
      data_(std::move(data)),
      options_(std::move(options)),
      weights_(target_weights(model_, *data_.train, options_)),
      controls_(with_batches(std::move(controls), model_, data_, options_)),
      frozen_epochs_(frozen_epochs(model_.graph, options_.freeze)) {
    if (from) state_ = *from;
    batcher_ =
        std::make_unique<Batcher>(data_.train, training_bindings(model_, *data_.train, options_), batch_options());
    if (state_.cursor.position >= batcher_->samples_per_epoch() && state_.cursor.position > 0)
        fail(Exit::data, "the run state stands at sample {} of {}", state_.cursor.position,
             batcher_->samples_per_epoch());
    if (state_.end == 0) state_.end = options_.steps > 0 ? options_.steps : options_.epochs * steps_per_epoch();
    if (state_.end < state_.step)
        fail(Exit::usage, "the run is at step {}; it cannot end at {}", state_.step, state_.end);
    enter_epoch(never_trained - 1); // all that is ever trained: its slots are there from the start
    memory_ = step_->memory(batcher_->batch_sizes());
    memory_.add_batches(controls_.plan.beside({{"N", largest_batch()}}));
    if (data_.validation) plan_validation();
}

/// Makes the step anew when the epoch (from 0) trains other parameters than the one before.
void Trainer::enter_epoch(int64_t epoch) {
    TrainPhase phase;
    for (const auto& [name, epochs] : frozen_epochs_) {
        if (epoch < epochs) phase.frozen.insert(name);
        else phase.since[name] = epochs * steps_per_epoch();
    }
    if (step_ && phase.frozen == frozen_) return;
    frozen_ = phase.frozen;
    step_.emplace(model_, options_, controls_, phase, arena_, weights_);
}

int64_t Trainer::largest_batch() const { return batcher_->largest_batch(); }

std::shared_ptr<const Plan> Trainer::plan() { return step_->plan(largest_batch()); }

/// That validation fits, in data and in memory, is seen before an epoch is spent. It runs in the memory of the
/// training, with the largest batch that has room there.
void Trainer::plan_validation() {
    check_data(model_, *data_.validation, options_.tokens, false, options_.sizes);
    const std::vector<InputBinding> bindings =
        bind_model(model_, *data_.validation, options_.tokens, true, options_.sizes);
    const int64_t samples = samples_of(*data_.validation, bindings);
    validation_.controls = controls_;
    validation_.controls.profile = nullptr; // shown is the training
    validation_.controls.passes.print_after.clear();
    validation_.controls.plan.memory_limit = 0; // seen below, with the training's
    validation_.tokens = options_.tokens;
    validation_.controls.sizes = options_.sizes;
    validation_.frozen = false;
    validation_.arena = arena_;
    const int64_t wanted = std::max<int64_t>(options_.batch, task_.windows ? 1 : task_.eval_batch);
    validation_.batch = std::min(wanted, samples);
    const Inference inference(model_, task_.outputs, validation_);
    while (inference.plan(validation_.batch)->arena_bytes > plan()->arena_bytes && validation_.batch > 1)
        validation_.batch /= 2;
    for (const int64_t size : Batching{samples, validation_.batch}.sizes())
        memory_.add(*inference.plan(size), averages());
    // Its words are those of the training, and counted there.
    memory_.add_batches(batcher_bytes(*data_.validation, bindings, validation_.batch, default_workers(threads())) -
                        vocabulary_bytes(bindings) + measured_bytes(model_, samples, options_.sizes));
    const int64_t limit = controls_.plan.memory_limit;
    if (limit > 0 && memory_.total() > limit)
        fail(Exit::unavailable,
             "training and validation need {:.1f} MiB of memory, more than the {:.1f} MiB allowed; use a smaller "
             "--batch, or no --val",
             double(memory_.total()) / 0x1p20, double(limit) / 0x1p20);
}

BatchOptions Trainer::batch_options() const {
    BatchOptions batches;
    batches.batch = options_.batch;
    batches.last = options_.last_batch;
    batches.shuffle = options_.shuffle;
    batches.whole_groups = true;
    batches.seed = options_.seed;
    batches.augmentation = options_.augmentation;
    batches.window = options_.shuffle_window;
    batches.workers = workers() + 1;
    batches.start = state_.cursor;
    return batches;
}

int Trainer::workers() const { return workers_of(data_); }

int64_t Trainer::steps_per_epoch() const {
    return (batcher_->batches_per_epoch() + options_.accumulate - 1) / options_.accumulate;
}

double Trainer::waited_seconds() const { return batcher_->waited_seconds(); }

std::string Trainer::run(const TrainObserver& observer) {
    while (state_.step < state_.end) {
        // Asked before the step: a run that had stopped early does not go on when it is resumed.
        if (options_.patience > 0 && state_.bad_validations >= options_.patience)
            return fmt::format("no better validation in {} tries", state_.bad_validations);
        const StepReport report = one_step(observer);
        if (validation_is_due(epoch_ended_)) validate(observer);
        if (observer.after_step) observer.after_step(report);
        const std::string reason = observer.stop ? observer.stop(report) : "";
        if (!reason.empty() && state_.step < state_.end) return reason;
    }
    return "";
}

StepReport Trainer::one_step(const TrainObserver& observer) {
    const auto start = std::chrono::steady_clock::now();
    const double waited_before = batcher_->waited_seconds();
    enter_epoch(state_.cursor.epoch);
    StepReport report;
    report.step = state_.step + 1;
    report.end = state_.end;
    report.lr = options_.schedule.at(report.step, state_.end);
    StepResult total;
    const Batch* batch = nullptr;
    step_->begin();
    for (int64_t micro = 0; micro < options_.accumulate; ++micro) {
        batch = batcher_->next();
        if (!batch) bug("the batches ended");
        const StepResult result = run_batch(*batch, report.step, report.lr);
        total.correct += result.correct;
        total.targets += result.targets;
        report.samples += batch->real;
        if (!step_->accumulates()) {
            total.loss = result.loss;
            total.count = result.count;
            total.grad_norm = result.grad_norm;
            total.applied = result.applied;
        }
        if (batch->last_of_epoch) break; // a step does not reach into the next epoch
    }
    if (step_->accumulates()) {
        const StepResult applied = step_->apply(report.step, report.lr);
        total = {applied.loss, applied.count, total.targets, total.correct, applied.grad_norm, applied.applied};
    }
    if (!total.applied) stop_for_nonfinite(report.lr);
    epoch_ended_ = batch->last_of_epoch;
    report.epoch = epoch_ended_ ? batch->next.epoch : batch->next.epoch + 1;
    state_.cursor = batch->next;
    state_.step = report.step;
    report.loss = total.count > 0 ? total.loss / total.count : 0;
    report.top1 = task_.count_right && total.targets > 0 ? total.correct / total.targets : std::nan("");
    report.grad_norm = total.grad_norm;
    report.waited = batcher_->waited_seconds() - waited_before;
    report.seconds = seconds_since(start);
    if (observer.on_step) observer.on_step(report);
    return report;
}

StepResult Trainer::run_batch(const Batch& batch, int64_t step, double lr) {
    try {
        return step_->run(batch, step, lr);
    } catch (const Error& error) { // --check-numerics
        step_->undo();
        throw Error(error.code(), fmt::format("step {}: {}", step, error.what()));
    }
}

/// Runs the micro-batches of the step again, each node checked, until one makes what is not finite.
void Trainer::stop_for_nonfinite(double lr) {
    step_->undo();
    const std::string where = fmt::format("step {}: the loss or its gradient is not finite", state_.step + 1);
    try {
        Batcher again(data_.train, training_bindings(model_, *data_.train, options_), batch_options());
        for (int64_t micro = 0; micro < options_.accumulate; ++micro) {
            const Batch* batch = again.next();
            step_->explain_failure(*batch, state_.step + 1, lr);
            if (batch->last_of_epoch) break;
        }
        step_->undo();
    } catch (const Error& error) {
        step_->undo();
        fail(Exit::data, "{}: {}; try a smaller --lr, --clip, or look at the data", where, error.what());
    }
    fail(Exit::data, "{}; try a smaller --lr, --clip, or look at the data", where);
}

bool Trainer::validation_is_due(bool epoch_ended) const {
    if (!data_.validation) return false;
    if (state_.step == state_.end) return true;
    return options_.eval_every > 0 ? state_.step % options_.eval_every == 0 : epoch_ended;
}

void Trainer::validate(const TrainObserver& observer) {
    const std::unique_ptr<Metrics> metrics =
        evaluate(averages() ? with_average_weights(model_) : model_, data_.validation, validation_);
    Validation validation{state_.step, state_.cursor.epoch, *metrics, decides_.name};
    const double score = metrics->score(decides_); // NaN is never best
    validation.is_best = !std::isnan(score) && (state_.best_step == 0 || score > state_.best_score);
    if (validation.is_best) {
        state_.best_score = score;
        state_.best_step = state_.step;
        state_.bad_validations = 0;
    } else {
        ++state_.bad_validations;
    }
    if (observer.on_validation) observer.on_validation(validation);
}

} // namespace ds
