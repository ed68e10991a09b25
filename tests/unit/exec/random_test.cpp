// Properties that hold for every network, shown in float64 on random ones: gradients are finite differences, passes
// change nothing, eager steps are the planned ones, and a model that was saved and loaded is the same model.
// Tolerances are relative to the largest element: sums in another order differ by some 1e-15 a layer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "graph/text.h"
#include "graph/verify.h"
#include "io/checkpoint/model.h"
#include "pass/pass.h"
#include "run_graph.h"
#include "train/train_step.h"

namespace ds {
namespace {

using namespace ds::testing;

const Binding batch{{"N", 3}};

class RandomDouble : public ::testing::TestWithParam<unsigned> {
protected:
    Graph network() const { return random_network(GetParam(), DType::f64); }
};

/// The loss with `slot` moved by `step` along `direction`.
double loss_at(Executor& executor, const std::map<std::string, Tensor>& inputs, State& state, const std::string& slot,
               const std::vector<double>& direction, double step) {
    Tensor before = state.at(slot), moved = before.clone();
    for (int64_t i = 0; i < moved.size(); ++i) moved.as<double>()[i] += step * direction[size_t(i)];
    state.set(slot, moved);
    fill_inputs(executor, inputs);
    executor.run();
    const double loss = *executor.output("loss").as<double>();
    state.set(slot, before);
    return loss;
}

TEST_P(RandomDouble, GradientsAreFiniteDifferences) {
    const Graph forward = train_mode(network());
    Graph made = differentiate(forward);
    made.writes.clear();
    for (const Gradient& gradient : made.gradients) made.add_output("gradient/" + gradient.slot, gradient.value);
    const auto state = fresh_state(forward);
    const auto inputs = random_inputs(forward, batch, 17);
    Graph loss_only = forward;
    loss_only.writes.clear();
    Executor gradients(make_plan(made, batch, on("reference")), state);
    Executor loss(make_plan(loss_only, batch, on("reference")), state);
    fill_inputs(gradients, inputs);
    gradients.run();
    std::mt19937 rng(GetParam());
    for (const Gradient& of : made.gradients) {
        const std::string& name = of.slot;
        const std::vector<double> gradient = numbers(gradients.output("gradient/" + name));
        std::vector<double> direction;
        double wanted = 0, size = 0;
        for (double g : gradient) {
            direction.push_back(double(rng() % 2001) / 1000 - 1);
            wanted += g * direction.back();
            size += std::abs(g * direction.back());
        }
        const double h = 1e-6;
        const double slope =
            (loss_at(loss, inputs, *state, name, direction, h) - loss_at(loss, inputs, *state, name, direction, -h)) /
            (2 * h);
        EXPECT_NEAR(slope, wanted, 1e-6 + 1e-5 * size) << name;
    }
}

TEST_P(RandomDouble, PassesChangeNothing) {
    const Graph model = network(), training = training_graph(model, GetParam());
    const Outcome inference = run_graph(model, batch, on("reference")),
                  trained = run_graph(training, batch, on("reference"));
    for (const char* off : {"", "identity", "join", "fold", "cse", "dce", "fuse"}) {
        SCOPED_TRACE(std::string("without '") + off + "'");
        PassOptions options;
        options.off.insert(off);
        const Outcome passed = run_graph(optimise_for_inference(model, nullptr, options), batch, on("reference"));
        expect_close(inference.outputs, passed.outputs, 1e-12);
        const Outcome stepped = run_graph(optimise_for_training(training, options), batch, on("reference"));
        expect_close(trained.outputs, stepped.outputs, 1e-11);
        expect_close(trained.state, stepped.state, 1e-9); // Adam divides by moments that may be tiny
    }
}

TEST_P(RandomDouble, FoldedBatchNormsGiveTheSame) {
    const Graph model = network();
    const auto state = fresh_state(model);
    for (const Slot& slot : model.slots) {
        if (slot.kind != SlotKind::statistic) continue;
        const bool is_variance = slot.name.ends_with(".var");
        for (double& x : state->at(slot.name).span<double>())
            x = is_variance ? 0.3 + double(&x - state->at(slot.name).as<double>()) / 7 : 0.2;
    }
    const Outcome plain = run_graph(model, batch, on("reference"), 1, state);
    const Graph folded = optimise_for_inference(model, state.get(), {});
    expect_close(plain.outputs, run_graph(folded, batch, on("reference"), 1, state).outputs, 1e-12);
}

/// Three steps of training on one batch; the State afterwards.
std::map<std::string, std::vector<double>> trained(const Graph& graph, bool eager) {
    Model model;
    model.graph = graph;
    model.task = "regression"; // no classes are counted
    initialise(graph, *model.state, 5);
    TrainOptions options;
    options.optimizer.momentum = 0.9;
    RunControls controls;
    if (eager) controls.run_eagerly();
    controls.plan.device = "reference";
    TrainStep step(model, options, controls);
    Batch x;
    x.size = batch.at("N");
    x.inputs = random_inputs(graph, batch, 17);
    x.sample = {4, 5, 6};
    for (int64_t t = 1; t <= 3; ++t) EXPECT_TRUE(step.run(x, t, 0.01).applied);
    std::map<std::string, std::vector<double>> state;
    for (const std::string& name : model.state->names()) state[name] = numbers(model.state->at(name).view());
    return state;
}

TEST_P(RandomDouble, EagerStepsAreThePlannedOnes) {
    const Graph model = network();
    expect_close(trained(model, true), trained(model, false), 1e-10);
}

TEST_P(RandomDouble, SavedAndLoadedIsTheSameModel) {
    Model model;
    model.graph = network();
    model.state = fresh_state(model.graph);
    const std::string path =
        (std::filesystem::temp_directory_path() / ("ds-random-" + std::to_string(getpid()))).string();
    save_model(model, path);
    const Model loaded = load_model(path);
    std::filesystem::remove(path);
    EXPECT_EQ(text(loaded.graph), text(model.graph));
    EXPECT_EQ(loaded.state->names(), model.state->names());
    const Outcome before = run_graph(model.graph, batch, on("cpu"), 1, model.state);
    const Outcome after = run_graph(loaded.graph, batch, on("cpu"), 1, loaded.state);
    expect_close(before.outputs, after.outputs, 0);
    expect_close(before.state, after.state, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDouble, ::testing::Range(100u, 130u));

} // namespace
} // namespace ds
