// Runs a graph on random inputs and compares what comes out: for property tests of plans and passes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>

#include "exec/executor.h"
#include "pass/derive/autodiff.h"
#include "pass/derive/optimizer.h"
#include "pass/derive/train_mode.h"
#include "unit/random_network.h"

namespace ds::testing {

struct Outcome {
    std::map<std::string, std::vector<double>> outputs, state;
};

inline std::vector<double> numbers(const TensorView& view) {
    std::vector<double> all;
    for (int64_t i = 0; i < view.size(); ++i) {
        switch (view.dtype) {
        case DType::f64: all.push_back(view.as<double>()[i]); break;
        case DType::f32: all.push_back(double(view.as<float>()[i])); break;
        case DType::i64: all.push_back(double(view.as<int64_t>()[i])); break;
        case DType::i32: all.push_back(view.as<int32_t>()[i]); break;
        default: all.push_back(double(view.as<uint8_t>()[i]));
        }
    }
    return all;
}

inline void fill_inputs(Executor& executor, const std::map<std::string, Tensor>& inputs) {
    for (const auto& [name, tensor] : inputs)
        if (executor.has_input(name)) std::memcpy(executor.input(name).data, tensor.data(), tensor.byte_size());
}

inline std::shared_ptr<State> fresh_state(const Graph& graph) {
    auto state = std::make_shared<State>();
    initialise(graph, *state, 5);
    return state;
}

/// Outputs and State after `runs` runs on random inputs, from `state` or else a fresh one.
inline Outcome run_graph(const Graph& graph, const Binding& binding, const PlanOptions& options, int runs = 1,
                         std::shared_ptr<State> state = nullptr) {
    if (!state) state = fresh_state(graph);
    Executor executor(make_plan(graph, binding, options), state);
    const auto inputs = random_inputs(graph, binding, 17);
    for (int r = 0; r < runs; ++r) {
        fill_inputs(executor, inputs);
        executor.run();
    }
    Outcome outcome;
    for (const Output& o : graph.outputs) outcome.outputs[o.name] = numbers(executor.output(o.name));
    for (const std::string& name : state->names()) outcome.state[name] = numbers(state->at(name).view());
    return outcome;
}

inline PlanOptions naive() {
    PlanOptions options;
    options.device = "reference";
    options.in_place = options.reuse = false;
    return options;
}

inline PlanOptions on(const std::string& device) {
    PlanOptions options;
    options.device = device;
    return options;
}

/// Largest difference, relative to the largest element.
inline void expect_close(const std::map<std::string, std::vector<double>>& a,
                         const std::map<std::string, std::vector<double>>& b, double tolerance) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, x] : a) {
        const std::vector<double>& y = b.at(name);
        ASSERT_EQ(x.size(), y.size()) << name;
        double scale = 1e-3, worst = 0;
        for (double v : x) scale = std::max(scale, std::abs(v));
        for (size_t i = 0; i < x.size(); ++i) {
            ASSERT_TRUE(std::isfinite(x[i]) && std::isfinite(y[i]))
                << name << "[" << i << "]: " << x[i] << " and " << y[i];
            worst = std::max(worst, std::abs(x[i] - y[i]));
        }
        EXPECT_LE(worst / scale, tolerance) << name;
    }
}

inline Graph training_graph(const Graph& model, unsigned seed) {
    OptimizerOptions options;
    options.kind = OptimizerKind(seed % 3);
    options.momentum = seed % 2 ? 0.9 : 0;
    options.clip = seed % 4 == 0 ? 1 : 0;
    options.ema_decay = seed % 5 == 0 ? 0.9 : 0;
    return optimizer_step(differentiate(train_mode(model)), options);
}

} // namespace ds::testing
