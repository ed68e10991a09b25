// Plans that run: optimised equals naive, State is updated in place, executors share what they may share.
#include "exec/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "base/error.h"
#include "base/parallel.h"
#include "count_blocks.h"
#include "exec/profile.h"
#include "graph/text.h"
#include "ops/norm.h"
#include "ops/update.h"
#include "pass/pass.h"
#include "run_graph.h"

namespace ds {
namespace {

using namespace ds::testing;

// ---- planned equals naive ---------------------------------------------------------------------------

class RandomNetworks : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomNetworks, PlannedEqualsNaiveExactlyInDouble) {
    const Graph model = random_network(GetParam(), DType::f64);
    const Binding batch{{"N", 3}};
    for (const Graph& graph : {model, training_graph(model, GetParam())}) {
        const Outcome plain = run_graph(graph, batch, naive(), 2),
                      planned = run_graph(graph, batch, on("reference"), 2);
        expect_close(plain.outputs, planned.outputs, 0);
        expect_close(plain.state, planned.state, 0);
    }
}

TEST_P(RandomNetworks, PlannedOnTheCpuIsCloseToNaiveInFloat) {
    const Graph model = random_network(GetParam(), DType::f32);
    const Binding batch{{"N", 3}};
    const Outcome plain = run_graph(model, batch, naive());
    expect_close(plain.outputs, run_graph(model, batch, on("cpu")).outputs, 1e-4);
    expect_close(plain.outputs, run_graph(optimise_for_inference(model, nullptr, {}), batch, on("cpu")).outputs, 1e-4);
}

TEST_P(RandomNetworks, AnOptimisedTrainingStepIsCloseToNaiveInFloat) {
    const Graph training =
        training_graph(random_network(GetParam(), DType::f32), 0); // SGD: no division by tiny moments
    const Binding batch{{"N", 3}};
    const Outcome plain = run_graph(training, batch, naive());
    const Outcome planned = run_graph(optimise_for_training(training, {}), batch, on("cpu"));
    expect_close(plain.outputs, planned.outputs, 2e-3);
    expect_close(plain.state, planned.state, 2e-3);
}

/// A part of what a convolution leaves in blocks, read densely through a reshape: the slice is made anew, in blocks as
/// well, and those are no view's source.
TEST(Executor, ReadsAReshapedPartOfAValueInBlocks) {
    const Graph graph = parse_graph(R"(graph "g" {
  input x: f32[N,8,6,8]
  input w: f32[16,8,3,3]
  %0 = conv2d(x, w) stride=[1,1] pad=[1,1,1,1] dilation=[1,1] groups=1 : f32[N,16,6,8] "conv"
  %1 = slice(%0) axis=1 start=0 length=8 : f32[N,8,6,8] "part"
  %2 = reshape(%1) shape=[N,8,3,2,4,2] : f32[N,8,3,2,4,2] "apart"
  %3 = reduce(%2) kind=sum axes=[3,5] keep=false : f32[N,8,3,4] "sums"
  output y = %3
})",
                                    "g");
    const Binding batch{{"N", 3}};
    expect_close(run_graph(graph, batch, naive()).outputs, run_graph(graph, batch, on("cpu")).outputs, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomNetworks, ::testing::Range(0u, 40u));

// ---- State ------------------------------------------------------------------------------------------

/// w' = w - lr*g; y = x * w (the old one), z = w' + w' (the new one)
Graph update_graph() {
    Graph g;
    Builder b(g);
    const Shape shape{64};
    const ValueId x = g.add_input("x", {DType::f32, shape}),
                  lr = g.add_input("lr", {DType::f32, {}}, InputRole::control);
    Slot slot;
    slot.name = "w";
    slot.init = {"ones", 0};
    const ValueId w = g.add_slot(slot, {DType::f32, shape});
    const ValueId apply = constant(b, DType::boolean, {}, 1), one = scalar(b, DType::f32, 1);
    b.set_name("update");
    const ValueId next = b.emit1("sgd_update", attrs_of(SgdAttrs{}), {w, x, lr, one, apply});
    b.set_name("old");
    g.add_output("y", mul(b, x, w));
    b.set_name("new");
    g.add_output("z", add(b, next, next));
    g.writes.push_back({"w", next});
    return g;
}

TEST(Executor, UpdatesInPlaceAndReadersOfTheOldValueSeeTheOldValue) {
    for (const char* device : {"reference", "cpu"})
        for (bool in_place : {true, false}) {
            PlanOptions options = on(device);
            options.in_place = in_place;
            const Graph graph = update_graph();
            const auto state = fresh_state(graph);
            Executor executor(make_plan(graph, {}, options), state);
            for (int run = 0; run < 3; ++run) {
                for (int i = 0; i < 64; ++i) executor.input("x").as<float>()[i] = 1;
                *executor.input("lr").as<float>() = 0.25f;
                executor.run();
                const float old = 1 - 0.25f * float(run);
                EXPECT_EQ(executor.output("y").as<float>()[63], old);
                EXPECT_EQ(executor.output("z").as<float>()[0], 2 * (old - 0.25f));
                EXPECT_EQ(state->at("w").as<float>()[63], old - 0.25f);
            }
        }
}

TEST(Executor, RefusesAStateThatDoesNotFit) {
    const Graph graph = update_graph();
    const auto plan = make_plan(graph, {}, on("reference"));
    auto state = std::make_shared<State>();
    EXPECT_THROW(Executor(plan, state), Error);
    state->set("w", Tensor(DType::f32, {63}));
    EXPECT_THROW(Executor(plan, state), Error);
    state->set("w", Tensor(DType::f64, {64}));
    EXPECT_THROW(Executor(plan, state), Error);
    state->set("w", Tensor(DType::f32, {64}));
    EXPECT_NO_THROW(Executor(plan, state));
}

/// y = conv(relu(conv(x))): weights that a kernel may pack.
Graph conv_graph() {
    Graph g;
    Builder b(g);
    ValueId x = g.add_input("x", {DType::f32, {Dim::symbol("N"), 16, 8, 8}});
    for (const char* name : {"first", "second"}) {
        b.set_name(name);
        Slot slot;
        slot.name = std::string(name) + ".weight";
        slot.init = {"he_normal", 0};
        ConvAttrs attrs;
        attrs.pad = {1, 1, 1, 1};
        x = unary(b, UnaryKind::relu,
                  b.emit1("conv2d", attrs_of(attrs), {x, g.add_slot(slot, {DType::f32, {16, 16, 3, 3}})}));
    }
    g.add_output("y", x);
    return g;
}

TEST(Executor, SeesSlotsThatWereSetOrWrittenSinceTheLastRun) {
    const Graph graph = conv_graph();
    const auto state = fresh_state(graph);
    Executor executor(make_plan(graph, {{"N", 1}}), state);
    auto total = [&] {
        fill_random(executor.input("x"), 1);
        executor.run();
        double sum = 0;
        for (double v : numbers(executor.output("y"))) sum += v;
        return sum;
    };
    const double before = total();
    EXPECT_GT(before, 0);
    Tensor doubled = state->at("second.weight").clone();
    for (float& v : doubled.span<float>()) v *= 2;
    state->set("second.weight", doubled);
    EXPECT_NEAR(total(), 2 * before, 1e-3 * before);
    for (float& v : state->at("first.weight").span<float>()) v *= 2;
    state->touched("first.weight");
    EXPECT_NEAR(total(), 4 * before, 1e-3 * before);
}

TEST(Executor, SeesWhatAnotherPlanWroteIntoAPackedWeight) {
    const Graph forward = conv_graph();
    Graph update = forward; // doubles the weight of "second"
    Builder b(update);
    const ValueId w = update.find_slot("second.weight")->value;
    update.outputs.clear();
    update.writes.push_back({"second.weight", add(b, w, w)});
    const auto state = fresh_state(forward);
    Executor reader(make_plan(forward, {{"N", 1}}), state), writer(make_plan(update, {{"N", 1}}), state);
    ASSERT_FALSE(reader.plan().packed.empty());
    auto result = [&] {
        fill_random(reader.input("x"), 1);
        reader.run();
        return numbers(reader.output("y"));
    };
    const std::vector<double> before = result();
    writer.run();
    const std::vector<double> after = result();
    for (size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], 2 * before[i], 1e-4);
}

// ---- absent operands --------------------------------------------------------------------------------

/// x + y? + z?
struct SumOfPresent : kernels::Kernel {
    void run(const kernels::Call& call) const override {
        for (int64_t i = 0; i < call.out[0].size(); ++i) {
            float sum = 0;
            for (const TensorView& in : call.in) sum += in.data ? in.as<float>()[i] : 0;
            call.out[0].as<float>()[i] = sum;
        }
    }
};

TEST(Executor, AnAbsentOperandIsNoMemoryToTheKernel) {
    static const OpRow row = [] {
        OpRow made{"test_sum", "x + y? + z?",         1,
                   3,          make_default<NoAttrs>, [](const InferArgs& a) { return std::vector<Type>{a.in[0]}; }};
        made.optional = 1 << 1;
        return made;
    }();
    kernels::Registry registry;
    registry.add({"test_sum", "test.sum", [](const kernels::Request& r, std::string&) {
                      EXPECT_EQ(r.in.size(), 3u);
                      EXPECT_FALSE(r.in[1].used);
                      return std::unique_ptr<kernels::Kernel>(new SumOfPresent);
                  }});
    Graph g;
    const ValueId x = g.add_input("x", {DType::f32, {4}}), z = g.add_input("z", {DType::f32, {4}});
    g.add_output("y", g.nodes[size_t(g.add_node(row, attrs_of(NoAttrs{}), {x, no_value, z}, "sum"))].out[0]);
    PlanOptions options;
    options.registry = &registry;
    Executor executor(make_plan(g, {}, options), fresh_state(g));
    RunOptions checked;
    checked.check_numerics = true;
    for (int i = 0; i < 4; ++i) executor.input("x").as<float>()[i] = 1, executor.input("z").as<float>()[i] = 2;
    executor.run(checked);
    EXPECT_EQ(numbers(executor.output("y")), std::vector<double>(4, 3));
}

// ---- sharing ----------------------------------------------------------------------------------------

TEST(Executor, TwoThreadsShareOneStateAndItsPackedWeights) {
    const int before = threads();
    set_threads(1);
    const Graph graph = conv_graph();
    const auto state = fresh_state(graph);
    const auto plan = make_plan(graph, {{"N", 2}});
    std::vector<std::vector<double>> results(2);
    auto work = [&](size_t i) {
        Executor executor(plan, state);
        for (int run = 0; run < 5; ++run) {
            fill_random(executor.input("x"), 3);
            executor.run();
        }
        results[i] = numbers(executor.output("y"));
    };
    std::thread other(work, 1);
    work(0);
    other.join();
    EXPECT_EQ(results[0], results[1]);
    Executor alone(plan, state);
    fill_random(alone.input("x"), 3);
    alone.run();
    EXPECT_EQ(results[0], numbers(alone.output("y")));
    set_threads(before);
}

TEST(Executor, ALayerIsTrainedAndWhatLiesBelowStays) {
    const Graph graph = update_graph();
    const auto base = fresh_state(graph), layer = std::make_shared<State>(base);
    Executor executor(make_plan(graph, {}, on("reference")), layer);
    for (int run = 0; run < 2; ++run) {
        for (int i = 0; i < 64; ++i) executor.input("x").as<float>()[i] = 1;
        *executor.input("lr").as<float>() = 0.25f;
        executor.run();
    }
    EXPECT_EQ(layer->at("w").as<float>()[63], 0.5f);
    EXPECT_EQ(base->at("w").as<float>()[63], 1);
}

TEST(Executor, ASlotOfAnotherTypeIsRefusedByEveryRun) {
    const Graph graph = conv_graph();
    const auto state = fresh_state(graph);
    Executor executor(make_plan(graph, {{"N", 1}}), state);
    auto run = [&] {
        fill_random(executor.input("x"), 1);
        executor.run();
        return numbers(executor.output("y"));
    };
    const std::vector<double> before = run();
    const Tensor first = state->at("first.weight").clone(), second = state->at("second.weight").clone();
    state->set("first.weight", first); // at another place in memory
    state->set("second.weight", Tensor(DType::f32, {1}));
    EXPECT_THROW(run(), Error);
    EXPECT_THROW(run(), Error);
    state->set("second.weight", second);
    EXPECT_EQ(run(), before);
}

TEST(Executor, SeesASlotThatWasErasedAndSetAgain) {
    const Graph graph = conv_graph();
    const auto state = fresh_state(graph);
    Executor executor(make_plan(graph, {{"N", 1}}), state);
    auto run = [&] {
        fill_random(executor.input("x"), 1);
        executor.run();
        return numbers(executor.output("y"));
    };
    const std::vector<double> before = run();
    Tensor doubled = state->at("second.weight").clone();
    for (float& v : doubled.span<float>()) v *= 2;
    state->erase("second.weight");
    state->set("second.weight", doubled);
    const std::vector<double> after = run();
    for (size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], 2 * before[i], 1e-4);
}

/// conv, batch norm, relu: what a frozen model folds.
Graph norm_graph() {
    Graph g = conv_graph();
    Builder b(g);
    const ValueId x = g.outputs[0].value;
    std::vector<ValueId> in{x};
    b.set_name("norm");
    for (const char* name : {"scale", "bias", "mean", "var"}) {
        Slot slot;
        slot.name = std::string("norm.") + name;
        slot.kind =
            name == std::string("mean") || name == std::string("var") ? SlotKind::statistic : SlotKind::parameter;
        slot.init = {"ones", 0};
        in.push_back(g.add_slot(slot, {DType::f32, {16}}));
    }
    ConvAttrs attrs;
    Slot slot;
    slot.name = "third.weight";
    slot.init = {"he_normal", 0};
    in[0] = b.emit1("conv2d", attrs_of(attrs), {x, g.add_slot(slot, {DType::f32, {16, 16, 1, 1}})});
    g.outputs[0].value = b.emit1("batch_norm", attrs_of(BatchNormAttrs{}), in);
    return g;
}

TEST(Executor, AThreadRunsWhileAnotherFoldsBatchNormsOfTheSameState) {
    const int before = threads();
    set_threads(1);
    const Graph graph = norm_graph();
    const auto state = fresh_state(graph);
    const std::vector<std::string> slots = state->names();
    const auto plan = make_plan(graph, {{"N", 1}});
    std::atomic<bool> folded{false};
    std::vector<double> run, frozen;
    std::thread runner([&] {
        Executor executor(plan, state);
        do {
            fill_random(executor.input("x"), 3);
            executor.run();
        } while (!folded);
        run = numbers(executor.output("y"));
    });
    for (int i = 0; i < 5; ++i) {
        const auto layer = std::make_shared<State>(state);
        const Graph fast = optimise_for_inference(graph, layer.get(), {});
        EXPECT_TRUE(fast.find_slot("third.weight.folded"));
        Executor executor(make_plan(fast, {{"N", 1}}), layer);
        fill_random(executor.input("x"), 3);
        executor.run();
        frozen = numbers(executor.output("y"));
    }
    folded = true;
    runner.join();
    set_threads(before);
    EXPECT_EQ(state->names(), slots) << "nothing is written into a State that others read";
    for (size_t i = 0; i < run.size(); ++i) EXPECT_NEAR(frozen[i], run[i], 1e-4);
}

TEST(Executor, BindingsOfOneThreadShareAnArena) {
    const Graph graph = conv_graph();
    const auto state = fresh_state(graph);
    const auto arena = std::make_shared<Arena>();
    Executor small(make_plan(graph, {{"N", 1}}), state, arena), large(make_plan(graph, {{"N", 7}}), state, arena);
    auto first_sample = [](Executor& e) {
        fill_random(e.input("x"), 9);
        e.run();
        std::vector<double> y = numbers(e.output("y"));
        y.resize(16 * 64);
        return y;
    };
    const std::vector<double> a = first_sample(small), b = first_sample(large), c = first_sample(small);
    EXPECT_EQ(a, c);
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4);
    EXPECT_EQ(small.input("x").data - small.plan().inputs.at("x").place.offset,
              large.input("x").data - large.plan().inputs.at("x").place.offset);
}

// ---- measuring and checking -------------------------------------------------------------------------

/// The first random network with convolutions, from `seed` on.
Graph random_image_network(unsigned seed) {
    for (;; ++seed) {
        Graph graph = random_network(seed);
        const bool convolves =
            std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& n) { return n.op->name == "conv2d"; });
        if (convolves) return graph;
    }
}

// The vendor's matrix product takes panels of its own (74 kB a thread); a channel of this batch is larger.
TEST(Executor, AllocatesNoTensorMemoryInARun) {
    const Binding batch{{"N", 1024}};
    const Graph graph = optimise_for_training(training_graph(random_image_network(1), 0), {});
    Executor executor(make_plan(graph, batch), fresh_state(graph));
    const auto inputs = random_inputs(graph, batch, 1);
    fill_inputs(executor, inputs);
    executor.run();
    fill_inputs(executor, inputs);
    const int64_t channel = 1024 * 6 * 6 * 4;
    EXPECT_GT(executor.plan().arena_bytes, 10 * channel);
    EXPECT_EQ(large_blocks_of(channel, [&] { executor.run(); }), 0);
    EXPECT_EQ(large_blocks_of(channel, [&] { Tensor(DType::f32, {channel / 4}); }), 1) << "the count sees tensors";
}

TEST(Executor, MeasuresEveryStepWhenAsked) {
    const Graph graph = conv_graph();
    Executor executor(make_plan(graph, {{"N", 1}}), fresh_state(graph));
    executor.run();
    EXPECT_EQ(executor.profile().runs, 0);
    RunOptions timed;
    timed.time = true;
    executor.run(timed);
    executor.run(timed);
    EXPECT_EQ(executor.profile().runs, 2);
    ASSERT_EQ(executor.profile().seconds.size(), executor.plan().steps.size());
    for (double s : executor.profile().seconds) EXPECT_GT(s, 0);
    EXPECT_THAT(profile_table(executor.plan(), executor.profile()),
                ::testing::AllOf(::testing::HasSubstr("first  " + executor.plan().steps[0].kernel_name),
                                 ::testing::HasSubstr("over 2 runs\n")));
}

std::string numerics_error(const Graph& graph, double input) {
    for (const char* device : {"reference", "cpu"}) {
        Executor executor(make_plan(graph, {}, on(device)), fresh_state(graph));
        const TensorView x = executor.input("x");
        for (int64_t i = 0; i < x.size(); ++i) x.as<float>()[i] = float(input);
        RunOptions check;
        check.check_numerics = true;
        try {
            executor.run(check);
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), Exit::data);
            if (std::string(device) == "cpu") return e.what();
            continue;
        }
        return "";
    }
    return "";
}

TEST(Executor, NamesTheFirstNodeThatMakesANaN) {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, {2, 3}});
    b.set_name("block.shift");
    const ValueId y = affine(b, x, 1, -1);
    b.set_name("block.log");
    const ValueId z = unary(b, UnaryKind::log, y);
    b.set_name("block.relu");
    g.add_output("y", unary(b, UnaryKind::exp, z));
    EXPECT_EQ(numerics_error(g, 3), "");
    EXPECT_THAT(numerics_error(g, 0),
                ::testing::AllOf(::testing::HasSubstr("node 'block.log' (unary, kernel "),
                                 ::testing::HasSubstr("made 6 NaN among the 6 elements"),
                                 ::testing::HasSubstr("inputs: block.shift"), ::testing::HasSubstr(": finite")));
    EXPECT_THAT(numerics_error(g, 1), ::testing::HasSubstr("made 6 Inf"));
    EXPECT_THAT(numerics_error(g, std::numeric_limits<double>::quiet_NaN()),
                ::testing::AllOf(::testing::HasSubstr("node 'block.shift'"), ::testing::HasSubstr("x: 6 NaN")));
}

} // namespace
} // namespace ds
