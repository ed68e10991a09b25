// The training loop: batches, steps, validation, and when to stop. What is said and saved on the way is the
// observer's: the loop itself touches no file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "infer/evaluator.h"
#include "train/train_step.h"

namespace ds {

/// Where a run stands; with the State it is all that resuming needs.
struct RunState {
    int64_t step = 0;            // updates done
    int64_t end = 0;             // the planned last step
    Cursor cursor;               // of the next batch
    double best_score = 0;       // of the best validation so far
    int64_t best_step = 0;       // 0: none yet
    int64_t bad_validations = 0; // since then

    Json to_json() const;
    static RunState from_json(const Json& json);
};

struct StepReport {
    int64_t step = 0, end = 0, epoch = 0;
    double loss = 0; // mean over the step's targets, weighted where they have weights
    double top1 = 0; // share of them that are right; NaN when the task has no classes
    double lr = 0, grad_norm = 0;
    double seconds = 0; // this step, batch wait included
    double waited = 0;  // for data, within it
    int64_t samples = 0;
};

struct Validation {
    int64_t step = 0, epoch = 0;
    const Metrics& metrics;
    std::string_view decided_by; // the metric
    bool is_best = false;
};

/// What the trainer tells while it runs. The State is that of the step told about.
struct TrainObserver {
    std::function<void(const StepReport&)> on_step;
    std::function<void(const Validation&)> on_validation;
    /// After a step and the validation that it was due for: the time to save what a run can go on from.
    std::function<void(const StepReport&)> after_step;
    /// Asked after every step: a reason to stop now ("--stop-after", a signal, time), or empty.
    std::function<std::string(const StepReport&)> stop;
};

struct TrainData {
    std::shared_ptr<const DataSource> train, validation; // validation may be null
    int workers = -1; // threads beside the one that reads, for decoding and varying images; < 0: as the cores allow
};

class Trainer {
public:
    /// Builds graphs and binds the data. `from`: where to go on; an end of 0 there is the one that the options say.
    Trainer(Model& model, TrainData data, TrainOptions options, RunControls controls, std::optional<RunState> from);

    /// Trains to the end, or until the observer says stop. Returns why it ended: "" for the planned end.
    /// A loss that is not finite is Error(data) naming step and node; the State is then that of the step before.
    std::string run(const TrainObserver& observer);

    const RunState& state() const { return state_; }
    const TrainStep& step() const { return *step_; }
    const TrainOptions& options() const { return options_; }
    const TargetWeights& weights() const { return weights_; }
    std::shared_ptr<const Plan> plan(); // of a full batch
    /// What the run needs at the most, validation included.
    const MemoryNeed& memory() const { return memory_; }
    int64_t steps_per_epoch() const;
    int workers() const; // that share the images of a batch, beside the thread that reads
    const GroupOrder* group_order() const { return batcher_->group_order(); } // null: rows are not in groups
    double waited_seconds() const;

private:
    StepReport one_step(const TrainObserver& observer);
    StepResult run_batch(const Batch& batch, int64_t step, double lr);
    [[noreturn]] void stop_for_nonfinite(double lr);
    bool validation_is_due(bool epoch_ended) const;
    void validate(const TrainObserver& observer);
    BatchOptions batch_options() const;
    int64_t largest_batch() const;
    void plan_validation();
    void enter_epoch(int64_t epoch);
    bool averages() const { return options_.optimizer.ema_decay > 0; }

    Model& model_;
    const Task& task_;
    const MetricRow& decides_; // validations
    TrainData data_;
    TrainOptions options_;
    TargetWeights weights_;
    RunControls controls_;
    std::map<std::string, int64_t> frozen_epochs_; // of parameters that are frozen at first
    std::set<std::string> frozen_;                 // in the step at hand
    std::shared_ptr<Arena> arena_ = std::make_shared<Arena>();
    std::optional<TrainStep> step_;
    RunState state_;
    EvalOptions validation_;
    MemoryNeed memory_;
    std::unique_ptr<Batcher> batcher_;
    bool epoch_ended_ = false;
};

} // namespace ds
