// The training that train_bench and memory_bench measure: shipped models on random data, without files.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "model/model_file.h"
#include "train/train_step.h"

namespace ds::bench {

/// A shipped model, and the data and optimizer that it is trained with.
struct Case {
    std::string name, model;
    std::map<std::string, std::string> set;
    int64_t batch, tokens;
    DataFacts data;
    OptimizerKind optimizer;
};

inline std::vector<Case> training_cases() {
    const DataFacts fashion{{"image", "image", {1, 28, 28}, 0, false}, {"label", "target", {}, 10, true}};
    const DataFacts cifar{{"image", "image", {3, 32, 32}, 0, false}, {"label", "target", {}, 10, true}};
    return {{"fashion-cnn", "fashion-cnn", {}, 128, 0, fashion, OptimizerKind::adamw},
            {"resnet18", "resnet18", {{"stem", "cifar"}}, 128, 0, cifar, OptimizerKind::sgd},
            {"gpt-tiny", "gpt-tiny", {}, 16, 256, {{"tokens", "text", {}, 0, false}}, OptimizerKind::adamw}};
}

/// Random values in all that the graph wants of a batch; integers are classes or tokens.
inline Batch random_batch(const Graph& graph, const Case& c) {
    Batch batch;
    batch.size = c.batch;
    const Binding binding = bind_sizes(graph, c.batch, c.tokens);
    for (const Input& input : graph.inputs) {
        const Type type = graph.type(input.value);
        Tensor tensor(type.dtype, dims(bind(type.shape, binding)));
        for (int64_t i = 0; i < tensor.size(); ++i) {
            const uint32_t bits = rng::draw(1, rng::Stream::init, 0, uint64_t(i))[0];
            if (type.dtype == DType::f32) tensor.as<float>()[i] = float(bits) * 0x1p-31f - 1;
            if (type.dtype == DType::i32) tensor.as<int32_t>()[i] = int32_t(bits % 10);
        }
        batch.inputs[input.name] = std::move(tensor);
    }
    for (int64_t i = 0; i < c.batch; ++i) batch.sample.push_back(i);
    return batch;
}

/// A model in training on one random batch.
class Training {
public:
    explicit Training(const Case& c, kernels::Math math = kernels::Math::fast) {
        ModelRequest request;
        request.model = c.model;
        request.set = c.set;
        request.data = c.data;
        BuiltModel built = build_model(request);
        model_.graph = std::move(built.graph);
        model_.task = std::move(built.task);
        initialise(model_.graph, *model_.state, 1);
        options_.batch = c.batch;
        options_.tokens = c.tokens;
        options_.optimizer.kind = c.optimizer;
        options_.optimizer.momentum = 0.9;
        batch_ = random_batch(model_.graph, c);
        RunControls controls;
        controls.plan.math = math;
        step_ = std::make_unique<TrainStep>(model_, options_, controls);
        run(2);
    }
    /// Mean seconds of so many steps.
    double run(int steps) {
        using Clock = std::chrono::steady_clock;
        const Clock::time_point start = Clock::now();
        for (int i = 0; i < steps; ++i) step_->run(batch_, ++done_, 1e-3);
        return std::chrono::duration<double>(Clock::now() - start).count() / steps;
    }
    std::shared_ptr<const Plan> plan() { return step_->plan(batch_.size); }

private:
    Model model_;
    TrainOptions options_;
    Batch batch_;
    std::unique_ptr<TrainStep> step_;
    int64_t done_ = 0;
};

} // namespace ds::bench
