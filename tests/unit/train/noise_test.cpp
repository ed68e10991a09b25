// The layer `noise`: what it adds in training has the asked deviation and no mean, is another one for each element,
// sample and step, and is nothing otherwise.
#include <gtest/gtest.h>

#include <set>

#include "exec/executor.h"
#include "infer/feed.h"
#include "pass/derive/train_mode.h"
#include "pass/pass.h"
#include "train_fixture.h"

namespace ds {
namespace {

constexpr int64_t samples = 50, width = 200;

Graph noisy() {
    const BuiltModel m = build_model(Yaml::parse("inputs: {x: \"f32[N,200]\"}\nlayers: [{noise: 0.5}]\n"
                                                 "loss: {kind: reconstruction, target: x}\n",
                                                 "m.yaml"),
                                     "m", {});
    return m.graph;
}

/// What comes out of zeros.
std::vector<float> run(const Graph& graph, int64_t step) {
    auto state = std::make_shared<State>();
    initialise(graph, *state, 1);
    Executor executor(make_plan(graph, {{"N", samples}}), state);
    const TensorView x = executor.input("x");
    std::fill_n(x.as<float>(), samples * width, 0.0F);
    set_scalar(executor, "step", double(step));
    set_scalar(executor, "seed", 7);
    if (executor.has_input("sample"))
        for (int64_t i = 0; i < samples; ++i) executor.input("sample").as<int64_t>()[i] = 1000 + i;
    executor.run();
    const TensorView out = executor.output("logits");
    return {out.as<float>(), out.as<float>() + samples * width};
}

TEST(NoiseLayer, AddsNumbersOfItsDeviationInTrainingOnly) {
    const std::vector<float> one = run(train_mode(noisy()), 3), again = run(train_mode(noisy()), 3),
                             next = run(train_mode(noisy()), 4);
    double sum = 0, squares = 0, fourth = 0, with_next = 0, with_neighbour = 0;
    for (size_t i = 0; i < one.size(); ++i) {
        sum += one[i];
        squares += one[i] * one[i];
        fourth += std::pow(one[i], 4);
        with_next += one[i] * next[i];
        with_neighbour += one[i] * one[(i + 1) % one.size()];
    }
    const auto n = double(one.size());
    EXPECT_NEAR(sum / n, 0, 0.02);
    EXPECT_NEAR(std::sqrt(squares / n), 0.5, 0.01);
    EXPECT_NEAR(fourth / n / std::pow(squares / n, 2), 2.75, 0.15) << "3 is that of a normal distribution";
    EXPECT_NEAR(with_next / squares, 0, 0.04);
    EXPECT_NEAR(with_neighbour / squares, 0, 0.04);
    EXPECT_EQ(std::set<float>(one.begin(), one.end()).size(), 9U);
    EXPECT_EQ(one, again);
    const std::vector<float> still = run(noisy(), 3);
    EXPECT_EQ(std::ranges::count(still, 0.0F), std::ssize(still));
}

TEST(NoiseLayer, LeavesNothingInAModelThatIsUsed) {
    const Graph graph = optimise_for_inference(select_outputs(noisy(), {"logits"}), nullptr, {});
    for (const Node& node : graph.nodes) EXPECT_NE(node.op->name, "dropout");
}

} // namespace
} // namespace ds
