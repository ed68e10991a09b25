#include "infer/evaluator.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/parallel.h"
#include "data/batch/alike.h"
#include "data/batch/groups.h"
#include "exec/numerics.h"
#include "exec/profile.h"
#include "graph/behind.h"

namespace ds {
namespace {

/// Those who read outputs read floats. A graph from elsewhere may have others.
void check_outputs_are_floats(const Graph& graph) {
    for (const Output& output : graph.outputs) {
        const DType dtype = graph.type(output.value).dtype;
        if (dtype != DType::f32 && dtype != DType::f64)
            fail(Exit::data, "the model's output '{}' is {}; f32 and f64 can be used", output.name, name(dtype));
    }
}

/// A rectifier that is fused into a convolution or linear layer makes 0 of NaN: a spoilt model would look sound. With
/// weights that are not finite every node runs alone, so that what they spoil is seen.
PassOptions passes_for(const Graph& graph, const State& state, PassOptions passes) {
    for (const Slot& slot : graph.slots)
        if (find_oddities(state.at(slot.name).view()).any()) passes.off.insert("fuse");
    return passes;
}

} // namespace

Inference::Inference(const Model& model, const std::vector<std::string>& outputs, EvalOptions options)
    : graph_(select_outputs(model.graph, outputs)),
      state_(options.frozen ? std::make_shared<State>(model.state) : model.state),
      options_(std::move(options)),
      arena_(options_.arena ? options_.arena : std::make_shared<Arena>()) {
    check_outputs_are_floats(graph_);
    check_sizes(model.graph, options_.controls.sizes);
    const PassOptions passes = passes_for(graph_, *state_, options_.controls.passes);
    graph_ = optimise_for_inference(std::move(graph_), options_.frozen ? state_.get() : nullptr, passes);
}

std::shared_ptr<const Plan> Inference::plan(int64_t batch) const {
    return make_plan(graph_, bind_sizes(graph_, batch, options_.tokens, options_.controls.sizes),
                     options_.controls.plan);
}

const Executor& Inference::run(const Batch& batch) {
    std::unique_ptr<Executor>& executor = executors_[batch.size];
    if (!executor) executor = std::make_unique<Executor>(plan(batch.size), state_, arena_);
    feed_inputs(*executor, batch);
    RunOptions run;
    run.time = bool(options_.controls.profile);
    run.check_numerics = options_.controls.check_numerics;
    executor->run(run);
    return *executor;
}

void Inference::count_batches(std::function<int64_t(const Binding&)> bytes) {
    if (bytes && options_.controls.plan.memory_limit > 0) executors_.clear(); // plans are held to it when they are made
    options_.controls.plan.beside = std::move(bytes);
}

void Inference::tell_profile() const {
    if (options_.controls.profile) options_.controls.profile(profile_of(executors_));
}

std::string name_of_target(const Graph& graph) {
    for (const Input& input : graph.inputs)
        if (input.role == InputRole::target) return input.name;
    return "";
}

const Task& task_of(const Model& model) { return find_task(model.task, model.source); }

int64_t measured_bytes(const Model& model, int64_t samples, const Binding& sizes) {
    int64_t all = 0;
    for (const Head& head : heads_of(model)) {
        const Output* output = model.graph.find_output(head.output("logits"));
        if (!output) continue;
        int64_t numbers = 1, classes = 1;
        const Shape& shape = model.graph.type(output->value).shape;
        for (size_t i = 1; i < shape.size(); ++i)
            if (const Dim size = shape[i].bind(sizes); size.known()) numbers *= classes = size.value();
        const Task& task = *head.part.task;
        all += samples * (numbers * task.kept_bytes + classes * task.kept_of_class + task.kept_of_sample);
    }
    return all;
}

namespace {

/// What each head is held to: a column of the batch, or what the graph says went in.
class Targets {
public:
    explicit Targets(const std::vector<Head>& heads) : heads_(heads), kept_(heads.size()) {}
    /// Valid until the next call for the head.
    const Tensor& of(size_t head, const Executor& executor, const Batch& batch) {
        const Head& h = heads_[head];
        if (!h.part.task->of_input) return batch.inputs.at(h.target);
        const TensorView truth = executor.output(h.output("truth"));
        if (kept_[head].shape() != truth.shape) kept_[head] = Tensor(truth.dtype, truth.shape);
        std::memcpy(kept_[head].data(), truth.data, kept_[head].byte_size());
        return kept_[head];
    }

private:
    const std::vector<Head>& heads_;
    std::vector<Tensor> kept_; // the executor's memory is not a tensor
};

/// The input that says which samples belong together, or are alike, in what a head is held to; "": none does.
std::string groups_of_head(const Graph& graph, const Head& head) {
    const Output* loss = graph.find_output(head.output("loss"));
    for (const std::string& target : loss ? targets_behind(graph, loss->value) : std::set<std::string>())
        if (is_of_groups(target) || is_of_alike(target)) return target;
    return "";
}

/// Bytes of what Targets keeps of a batch.
int64_t kept_bytes(const Graph& graph, const std::vector<Head>& heads, const Binding& sizes) {
    int64_t all = 0;
    for (const Head& head : heads) {
        if (!head.part.task->of_input) continue;
        const Type& type = graph.type(graph.find_output(head.output("truth"))->value);
        int64_t elements = 1;
        for (const Dim& size : type.shape) elements *= size.bind(sizes).value();
        all += bytes(type.dtype, {elements});
    }
    return all;
}

} // namespace

std::unique_ptr<Metrics> evaluate(const Model& model, std::shared_ptr<const DataSource> source,
                                  const EvalOptions& options,
                                  const std::function<void(const EvaluatedBatch&)>& on_batch) {
    const Task& task = task_of(model);
    EvalOptions with_batches = options;
    with_batches.controls.sizes = sizes_of_data(model.graph, *source, options.controls.sizes);
    std::vector<InputBinding> bindings = bind_model(model, *source, options.tokens, true, options.controls.sizes);
    const std::vector<Head> heads = heads_of(model);
    BatchOptions batches;
    batches.batch = options.batch;
    batches.shuffle = false;
    batches.epochs = 1;
    batches.workers = default_workers(threads());
    batches.unread_tags = true;
    const int64_t samples = samples_of(*source, bindings),
                  measured = measured_bytes(model, samples, with_batches.controls.sizes);
    with_batches.controls.plan.beside = [source, bindings, measured, &model, &heads](const Binding& bound) {
        return batcher_bytes(*source, bindings, bound.at("N"), default_workers(threads())) +
               kept_bytes(model.graph, heads, bound) + measured;
    };
    std::vector<std::string> groups;
    for (const Head& head : heads) groups.push_back(groups_of_head(model.graph, head));
    Inference inference(model, task.outputs, with_batches);
    Batcher batcher(std::move(source), std::move(bindings), batches);
    std::unique_ptr<Metrics> metrics = make_metrics(task);
    metrics->expect(samples);
    for (size_t i = 0; i < heads.size(); ++i) {
        metrics->part(i).set_peak(heads[i].peak);
        metrics->part(i).set_labels(heads[i].labels);
    }
    Targets targets(heads);
    const auto number = [&](const Executor& executor, const std::string& output) {
        return std::ranges::count(task.outputs, output) ? scalar_output(executor, output) : 0;
    };
    std::vector<HeadValues> values(heads.size());
    int64_t done = 0;
    while (const Batch* batch = batcher.next()) {
        const Executor& executor = inference.run(*batch);
        for (size_t i = 0; i < heads.size(); ++i) {
            const auto unread = batch->unread.find(heads[i].target);
            values[i] = {executor.output(heads[i].output("logits")), &targets.of(i, executor, *batch),
                         unread == batch->unread.end() ? nullptr : &unread->second};
            metrics->part(i).add(values[i].output, *values[i].target, batch->size,
                                 number(executor, heads[i].output("loss")),
                                 number(executor, heads[i].output("loss.count")),
                                 groups[i].empty() ? nullptr : &batch->inputs.at(groups[i]), values[i].unread);
        }
        done += batch->size;
        if (on_batch) on_batch({done, batcher.samples_per_epoch(), *batch, values});
    }
    inference.tell_profile();
    return metrics;
}

std::string explain_inference(const Model& model, const EvalOptions& options) {
    return explain(*Inference(model, prediction_outputs(model), options).plan(options.batch));
}

Model with_average_weights(const Model& model) {
    Model average = model;
    average.state = std::make_shared<State>(model.state);
    bool any = false;
    for (const Slot& slot : model.extra)
        if (slot.kind == SlotKind::ema) {
            average.state->share(slot.follows, slot.name);
            any = true;
        }
    if (!any)
        fail(Exit::data, "{} has no EMA weights; train with --ema", model.source.empty() ? "the model" : model.source);
    average.extra.clear();
    return average;
}

Model with_weights(const Model& model, Weights weights) {
    const bool by_itself = weights == Weights::as_measured && model.measured.weights == "averaged";
    if (by_itself)
        log::info(
            "the averaged weights are used, which its metrics measured; --weights trained for those of the last step");
    return by_itself || weights == Weights::averaged ? with_average_weights(model) : model;
}

int64_t text_tokens(const Model& model) {
    if (!task_of(model).windows) return 0;
    if (!model.run_state_json.empty()) {
        const Json run = Json::parse(model.run_state_json, "run state");
        if (const Json* options = run.find("options")) return options->get<int64_t>("tokens");
    }
    for (const Slot& slot : model.graph.slots)
        if (slot.name.ends_with("position.weight")) return dims(model.graph.type(slot.value).shape)[0];
    return 0;
}

} // namespace ds
