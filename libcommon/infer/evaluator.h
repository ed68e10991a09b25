// Runs a model on data, batch by batch.
#pragma once

#include <functional>
#include <memory>

#include "data/batch/batcher.h"
#include "exec/controls.h"
#include "infer/feed.h"
#include "infer/heads.h"
#include "state/model.h"
#include "task/task.h"

namespace ds {

struct EvalOptions {
    RunControls controls;
    int64_t batch = 256;
    int64_t tokens = 0;                     // text
    bool frozen = true;                     // the State will not change: what follows from it alone is computed once
    std::shared_ptr<Arena> arena = nullptr; // memory to run in; none: its own
};

/// A model made ready to give `outputs`; plans are made for each batch size that comes.
class Inference {
public:
    /// Inputs that the outputs do not need (targets) drop out. The model's State is only read: others may run on it.
    Inference(const Model& model, const std::vector<std::string>& outputs, EvalOptions options);
    const Graph& graph() const { return graph_; }
    /// Runs a batch; the executor's outputs are valid until the next call.
    const Executor& run(const Batch& batch);
    std::shared_ptr<const Plan> plan(int64_t batch) const;
    /// What the memory limit counts beside plans from here on: batches of data that are made ahead. Empty: nothing.
    void count_batches(std::function<int64_t(const Binding& sizes)> bytes);
    /// Tells RunControls::profile where the time went.
    void tell_profile() const;

private:
    Graph graph_;
    std::shared_ptr<State> state_;
    EvalOptions options_;
    std::shared_ptr<Arena> arena_;
    std::map<int64_t, std::unique_ptr<Executor>> executors_;
};

/// What a model's first target is called.
std::string name_of_target(const Graph& graph);

/// The task's row of a model. Error(data) for a task that is not known.
const Task& task_of(const Model& model);

/// Bytes that measuring keeps of so many samples of many numbers each, beside plans and batches.
int64_t measured_bytes(const Model& model, int64_t samples, const Binding& sizes);

/// What an evaluation tells after each batch; the tensors are valid until the next one.
struct EvaluatedBatch {
    int64_t done = 0, total = 0; // samples
    const Batch& batch;
    const std::vector<HeadValues>& heads; // in the order of heads_of
};

/// Measures the model on every sample.
std::unique_ptr<Metrics> evaluate(const Model& model, std::shared_ptr<const DataSource> source,
                                  const EvalOptions& options,
                                  const std::function<void(const EvaluatedBatch&)>& on_batch = {});

/// Which kernel each node gets in a batch, and why those before it refused. For --explain.
std::string explain_inference(const Model& model, const EvalOptions& options);

/// The model with its EMA weights as parameters, in a layer over its State. Error(data) when it has none.
Model with_average_weights(const Model& model);

enum class Weights : uint8_t { as_measured, trained, averaged };
/// The model as it is to be used: with the weights that the metrics in its file measured (those of the last step when
/// there are none), or with those that are asked for, as with_average_weights.
Model with_weights(const Model& model, Weights weights);

/// Tokens in a window of text that the model was made for: its position table, else the window it was trained with; 0
/// when it takes no text.
int64_t text_tokens(const Model& model);

} // namespace ds
