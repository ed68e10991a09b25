// Runs the calls of a step program: their plans for each batch size, and how a batch is fed. All plans share one arena.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "exec/controls.h"
#include "exec/executor.h"
#include "infer/feed.h"
#include "plan/need.h"
#include "state/model.h"
#include "train/step_program.h"
#include "train/target_weights.h"
#include "train/train_options.h"

namespace ds {

struct StepResult {
    double loss = 0;      // sum over the step's targets, weighted where they have weights
    double count = 0;     // valid targets, or the sum of their weights
    double targets = 0;   // valid targets of the first head
    double correct = 0;   // of them, classified right (classification and text)
    double grad_norm = 0; // of the mean gradient
    bool applied = true;  // false: something was not finite and no slot was changed
};

/// What of a model is trained for a while, beside what TrainOptions say of the whole run.
struct TrainPhase {
    std::set<std::string> frozen;         // parameters that are not trained
    std::map<std::string, int64_t> since; // parameters that were frozen before: the steps of the run until then
};

class TrainStep {
public:
    /// `model.state` gets the slots that training adds; `model.extra` lists them. `arena`: memory to run in.
    TrainStep(Model& model, const TrainOptions& options, const RunControls& controls, const TrainPhase& phase = {},
              std::shared_ptr<Arena> arena = std::make_shared<Arena>(), TargetWeights weights = {});

    /// Before the first micro-batch of a step: notes what undo() goes back to.
    void begin();
    /// Takes back what the micro-batches of a step that is not applied have done: running statistics, sums.
    void undo();
    /// One micro-batch; with accumulate == 1 also the update.
    StepResult run(const Batch& batch, int64_t step, double lr);
    /// The update after the micro-batches of an accumulated step.
    StepResult apply(int64_t step, double lr);
    /// The same batch again with every node checked: Error(data) naming the first node that makes a NaN or Inf.
    void explain_failure(const Batch& batch, int64_t step, double lr);

    /// True when the update is a call of its own.
    bool accumulates() const { return calls_.size() > 1; }
    std::shared_ptr<const Plan> plan(int64_t batch);
    /// What all calls of steps of batches of these sizes need.
    MemoryNeed memory(const std::vector<int64_t>& batches);
    /// Of the first call.
    const Graph& graph() const { return calls_.front().call.graph; }
    /// Tells RunControls::profile where the time of the steps went.
    void tell_profile() const;

private:
    struct Call {
        StepCall call;
        std::map<int64_t, std::shared_ptr<const Plan>> plans; // by batch; 0 for a call that takes none
        std::map<int64_t, std::unique_ptr<Executor>> executors;
    };
    std::shared_ptr<const Plan> plan(Call& call, int64_t batch);
    Executor& executor(Call& call, int64_t batch);
    RunOptions run_options() const { return {bool(controls_.profile), controls_.check_numerics}; }
    void feed(Executor& executor, const Batch& batch, int64_t step, double lr) const;
    void read(const Executor& executor, StepResult& result) const;

    Model& model_;
    const TrainOptions& options_;
    RunControls controls_;
    std::vector<Call> calls_;
    TargetWeights weights_;
    std::string target_, prefix_;          // of the head that decides: its target, and what its outputs begin with
    std::map<std::string, Tensor> before_; // running statistics when an accumulated step began
    std::shared_ptr<Arena> arena_;
};

} // namespace ds
