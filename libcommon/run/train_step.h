// One training step as plan calls: which graphs a step is made of, their plans for each batch size, and how a
// batch is fed. Plans of different sizes share one arena.
#pragma once

#include <map>
#include <memory>

#include "data/batcher.h"
#include "graph/model.h"
#include "plan/need.h"
#include "run/controls.h"
#include "run/executor.h"
#include "run/train_options.h"

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
    /// What steps of this batch need, the update of accumulated ones included.
    MemoryNeed memory(int64_t batch);
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

/// The executor that ran most, as a table; see profile_table.
std::string profile_of(const std::map<int64_t, std::unique_ptr<Executor>>& executors);
/// Writes a number into a scalar input of whatever dtype it has; nothing when the plan has no such input.
void set_scalar(const Executor& executor, const std::string& input, double value);
double scalar_output(const Executor& executor, const std::string& output);
/// How many rows of logits [...,K] have their greatest element at the target's class; targets outside are not counted.
int64_t count_correct(const TensorView& logits, const Tensor& target, int64_t rows);
/// Copies the first `batch.size` samples of each bound input into the executor.
void feed_inputs(const Executor& executor, const Batch& batch);
/// Symbols of a graph for this many samples (and tokens, for text).
Binding bind_sizes(const Graph& graph, int64_t batch, int64_t tokens);

} // namespace ds
