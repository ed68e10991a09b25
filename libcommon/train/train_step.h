// One training step as plan calls: which graphs a step is made of, their plans for each batch size, and how a
// batch is fed. Plans of different sizes share one arena.
#pragma once

#include <map>
#include <memory>

#include "exec/controls.h"
#include "exec/executor.h"
#include "infer/feed.h"
#include "plan/need.h"
#include "state/model.h"
#include "train/train_options.h"

namespace ds {

struct StepResult {
    double loss = 0;      // sum over the step's targets
    double count = 0;     // valid targets
    double correct = 0;   // of them, classified right (classification and text)
    double grad_norm = 0; // of the mean gradient
    bool applied = true;  // false: something was not finite and no slot was changed
};

class TrainStep {
public:
    /// `model.state` gets the slots that training adds; `model.extra` lists them.
    TrainStep(Model& model, const TrainOptions& options, const RunControls& controls);

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

    bool accumulates() const { return options_.accumulate > 1; }
    std::shared_ptr<const Plan> plan(int64_t batch);
    /// What steps of batches of these sizes need, the update of accumulated ones included.
    MemoryNeed memory(const std::vector<int64_t>& batches);
    /// Where steps run: free for others between them.
    const std::shared_ptr<Arena>& arena() const { return arena_; }
    const Graph& graph() const { return graph_; }
    /// Tells RunControls::profile where the time of the steps went.
    void tell_profile() const;

private:
    Executor& executor_for(int64_t batch);
    RunOptions run_options() const { return {bool(controls_.profile), controls_.check_numerics}; }
    void feed(Executor& executor, const Batch& batch, int64_t step, double lr) const;
    StepResult read(const Executor& executor) const;

    Model& model_;
    const TrainOptions& options_;
    RunControls controls_;
    Graph graph_, apply_graph_;
    std::string target_;
    std::map<std::string, Tensor> before_; // running statistics when an accumulated step began
    std::shared_ptr<Arena> arena_ = std::make_shared<Arena>();
    std::map<int64_t, std::shared_ptr<const Plan>> plans_; // by batch
    std::map<int64_t, std::unique_ptr<Executor>> executors_;
    std::unique_ptr<Executor> apply_executor_;
};

} // namespace ds
