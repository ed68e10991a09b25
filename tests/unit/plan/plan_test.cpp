// What the planner decides, shown on small graphs with kernels that only state their wishes.
#include <gtest/gtest.h>

#include "base/error.h"
#include "fake.h"

namespace ds {
namespace {

using namespace ds::testing;

const Shape batch{Dim::symbol("N"), 16};

TEST(Plan, AChainRunsInPlace) {
    Graph g;
    Builder b(g);
    ValueId x = g.add_input("x", {DType::f32, batch});
    b.set_name("act");
    for (int i = 0; i < 3; ++i) x = relu(b, x);
    g.add_output("y", x);
    const auto registry = fake_registry({{"unary", "fake.unary", in_place_kernel}});
    EXPECT_EQ(text(*fake_plan(g, registry)),
              "input x: a+0x0 f32[2,16]\n"
              "0: a+0x0 f32[2,16] = fake.unary(a+0x0)  # act\n"
              "1: a+0x0 f32[2,16] = fake.unary(a+0x0)  # act\n"
              "2: a+0x0 f32[2,16] = fake.unary(a+0x0)  # act\n"
              "output y: a+0x0 f32[2,16]\n"
              "peak 128 bytes: arena 128 (lower bound 128), State 0, packed 0, constants 0\n");
    PlanOptions fresh;
    fresh.in_place = false;
    EXPECT_EQ(fake_plan(g, registry, fresh)->arena_bytes, 256);
    fresh.reuse = false;
    EXPECT_EQ(fake_plan(g, registry, fresh)->arena_bytes, 512);
}

TEST(Plan, AnOperandThatIsReadLaterKeepsItsMemory) {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, batch});
    const ValueId y = relu(b, x);
    g.add_output("y", add(b, relu(b, y), y));
    const auto registry =
        fake_registry({{"unary", "fake.unary", in_place_kernel}, {"binary", "fake.binary", in_place_kernel}});
    const auto plan = fake_plan(g, registry);
    ASSERT_EQ(ops(*plan), "unary unary binary");
    EXPECT_EQ(plan->steps[0].out[0].place.offset, plan->steps[0].in[0].place.offset);
    EXPECT_NE(plan->steps[1].out[0].place.offset, plan->steps[1].in[0].place.offset);
    EXPECT_EQ(plan->arena_bytes, 256);
}

TEST(Plan, AnOperandThatIsReadTwiceByItsStepKeepsItsMemory) {
    Graph g;
    Builder b(g);
    const ValueId y = relu(b, g.add_input("x", {DType::f32, batch}));
    g.add_output("y", sub(b, y, y));
    const auto plan = fake_plan(g, fake_registry({{"binary", "fake.binary", in_place_kernel}}));
    EXPECT_NE(plan->steps[1].out[0].place.offset, plan->steps[1].in[0].place.offset);
}

TEST(Plan, ReshapeAndSliceCostNothing) {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, batch});
    const ValueId wide = reshape(b, x, {Dim::symbol("N"), 4, 4});
    g.add_output("y", relu(b, slice(b, wide, 1, 1, 2)));
    const auto registry = fake_registry({{"unary", "fake.unary", strided_kernel}});
    const auto plan = fake_plan(g, registry);
    ASSERT_EQ(ops(*plan), "unary");
    EXPECT_EQ(plan->steps[0].in[0].place.offset, 16);
    EXPECT_EQ(plan->steps[0].in[0].view.strides, (Dims{16, 4, 1}));
    EXPECT_EQ(plan->steps[0].in[0].view.shape, (Dims{2, 2, 4}));
}

TEST(Plan, APadThatAddsNothingUnderTheBindingIsAView) {
    for (int64_t n : {2, 1}) {
        Graph g;
        Builder b(g);
        PadAttrs pad;
        pad.before = {0, 0};
        pad.after = {Dim(2) - Dim::symbol("N"), 0};
        g.add_output("y", relu(b, b.emit1("pad", attrs_of(pad), {g.add_input("x", {DType::f32, batch})})));
        const auto registry = fake_registry({});
        PlanOptions options;
        options.registry = &registry;
        EXPECT_EQ(ops(*make_plan(g, {{"N", n}}, options)), n == 2 ? "unary" : "pad unary");
    }
}

TEST(Plan, AViewIsWrittenOutOnceForKernelsThatNeedItDense) {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, batch});
    const ValueId part = transpose(b, x, {1, 0});
    g.add_output("y", relu(b, part));
    g.add_output("z", reshape(b, part, {Dim::symbol("N") * 16}));
    const auto plan = fake_plan(g, fake_registry({}));
    EXPECT_EQ(ops(*plan), "transpose unary");
    EXPECT_TRUE(plan->outputs.at("z").view.contiguous());
}

// A kernel may note the strides that it was asked about: a dense copy made for its other operand must not stand in.
TEST(Plan, AStridedOperandIsReadAsItWasOffered) {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, {4, 4}});
    const ValueId turned = transpose(b, x, {1, 0});
    g.add_output("y", add(b, turned, turned));
    const auto registry = fake_registry({{"binary", "fake.second", [](const kernels::Request&, std::string&) -> Made {
                                              auto kernel = std::make_unique<FakeKernel>();
                                              kernel->strided = {false, true};
                                              return kernel;
                                          }}});
    const auto plan = fake_plan(g, registry);
    ASSERT_EQ(ops(*plan), "transpose binary");
    EXPECT_EQ(plan->steps[1].in[0].view.strides, (Dims{4, 1}));
    EXPECT_EQ(plan->steps[1].in[1].view.strides, (Dims{1, 4}));
}

Graph two_convs(bool second_reader) {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, {Dim::symbol("N"), 8, 4, 4}});
    const ValueId w = parameter(g, "w", {8, 8, 1, 1});
    b.set_name("conv");
    const ValueId y = b.emit1("conv2d", attrs_of(ConvAttrs{}), {x, w});
    g.add_output("y", b.emit1("conv2d", attrs_of(ConvAttrs{}), {y, w}));
    if (second_reader) g.add_output("z", b.emit1("conv2d", attrs_of(ConvAttrs{}), {x, w}));
    return g;
}

TEST(Plan, BlockedKernelsMeetWithoutReorders) {
    const auto registry = fake_registry({{"conv2d", "fake.conv", blocked_conv}});
    EXPECT_EQ(ops(*fake_plan(two_convs(false), registry)), "reorder conv2d conv2d reorder");
}

TEST(Plan, AValueIsReorderedOnce) {
    const auto registry = fake_registry({{"conv2d", "fake.conv", blocked_conv}});
    const auto plan = fake_plan(two_convs(true), registry);
    EXPECT_EQ(std::count_if(plan->steps.begin(), plan->steps.end(), [](const Step& s) { return s.op == "reorder"; }),
              3);
}

TEST(Plan, AReadOnlyWeightIsPackedOutsideThePlanOnce) {
    const auto registry = fake_registry({{"conv2d", "fake.conv", blocked_conv}});
    const auto plan = fake_plan(two_convs(true), registry);
    ASSERT_EQ(plan->packed.size(), 1u);
    EXPECT_EQ(plan->packed[0].key, "cpu f32 o8");
    EXPECT_EQ(plan->packed_bytes, 4096);
    for (const Step& s : plan->steps)
        if (s.op == "conv2d") {
            EXPECT_EQ(s.in[1].place.where, Where::packed);
        }
}

/// y = linear(linear(x, w), w); w' = sgd(w, ...)
Graph trained_linear() {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, batch});
    const ValueId lr = g.add_input("lr", {DType::f32, {}}, InputRole::control),
                  apply = g.add_input("apply", {DType::boolean, {}});
    const ValueId w = parameter(g, "w", {16, 16});
    const ValueId next = b.emit1("sgd_update", attrs_of(SgdAttrs{}), {w, w, lr, lr, apply});
    const ValueId y = b.emit1("linear", attrs_of(NoAttrs{}), {x, w});
    g.add_output("y", b.emit1("linear", attrs_of(NoAttrs{}), {y, w}));
    g.writes.push_back({"w", next});
    return g;
}

TEST(Plan, AWrittenWeightIsPackedByAStepThatItsReadersShare) {
    const auto registry =
        fake_registry({{"linear", "fake.linear", packing_linear}, {"sgd_update", "fake.sgd", update_kernel}});
    Graph g = trained_linear();
    const auto plan = fake_plan(g, registry);
    EXPECT_TRUE(plan->packed.empty());
    EXPECT_EQ(std::count_if(plan->steps.begin(), plan->steps.end(), [](const Step& s) { return s.op == "pack"; }), 1);
}

TEST(Plan, AnUpdateWritesItsSlotAfterAllReadersOfTheOldValue) {
    const auto registry = fake_registry({{"sgd_update", "fake.sgd", update_kernel}});
    Graph g = trained_linear();
    g.nodes[0].in[1] = g.nodes[0].in[0]; // the gradient is the weight: a second operand in the slot
    EXPECT_EQ(ops(*fake_plan(g, registry)), "linear linear sgd_update copy") << "operand 1 may not be overwritten";

    Graph h;
    Builder b(h);
    const ValueId grad = h.add_input("grad", {DType::f32, batch}), lr = h.add_input("lr", {DType::f32, {}});
    const ValueId apply = h.add_input("apply", {DType::boolean, {}}), w = parameter(h, "w", batch);
    const ValueId next = b.emit1("sgd_update", attrs_of(SgdAttrs{}), {w, grad, lr, lr, apply});
    h.add_output("old", relu(b, reshape(b, w, {Dim::symbol("N") * 16})));
    h.add_output("new", relu(b, next));
    h.writes.push_back({"w", next});
    const auto plan = fake_plan(h, registry);
    ASSERT_EQ(ops(*plan), "unary sgd_update unary");
    EXPECT_EQ(plan->steps[1].out[0].place.where, Where::slot);
    EXPECT_EQ(plan->steps[2].in[0].place.where, Where::slot);
    EXPECT_EQ(plan->written, std::vector<std::string>{"w"});
}

TEST(Plan, AnUpdateWhoseOldValueIsReadAfterItGoesThroughACopy) {
    Graph g;
    Builder b(g);
    const ValueId lr = g.add_input("lr", {DType::f32, {}}), apply = g.add_input("apply", {DType::boolean, {}});
    const ValueId grad = g.add_input("grad", {DType::f32, batch}), w = parameter(g, "w", batch);
    const ValueId next = b.emit1("sgd_update", attrs_of(SgdAttrs{}), {w, grad, lr, lr, apply});
    g.add_output("change", sub(b, next, w));
    g.writes.push_back({"w", next});
    const auto registry = fake_registry({{"sgd_update", "fake.sgd", update_kernel}});
    const auto plan = fake_plan(g, registry);
    ASSERT_EQ(ops(*plan), "sgd_update binary copy");
    EXPECT_EQ(plan->steps[0].out[0].place.where, Where::arena);
    EXPECT_EQ(plan->steps[2].out[0].place.where, Where::slot);
}

TEST(Plan, SlotsThatSwapKeepBothValues) {
    Graph g;
    const ValueId a = parameter(g, "a", {4}), c = parameter(g, "c", {4});
    g.add_output("old", a);
    g.writes = {{"a", c}, {"c", a}};
    const auto plan = fake_plan(g, fake_registry({}));
    ASSERT_EQ(ops(*plan), "copy copy copy copy");
    EXPECT_EQ(plan->outputs.at("old").place.where, Where::arena);
    EXPECT_EQ(plan->steps[2].in[0].place.where, Where::arena);
    EXPECT_EQ(plan->steps[3].in[0].place.where, Where::arena);
}

TEST(Plan, AFusedNodeWithoutAKernelRunsAsItsBody) {
    auto body = std::make_shared<Graph>();
    Builder inner(*body);
    const ValueId p = body->add_input("p", {DType::f32, {2, 16}}), q = body->add_input("q", {DType::f32, {2, 16}});
    body->add_output("r", relu(inner, add(inner, p, q)));
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, {2, 16}});
    FusedAttrs attrs;
    attrs.pattern = "chain";
    attrs.body = body;
    b.set_name("tail");
    g.add_output("y", b.emit1("fused", attrs_of(attrs), {x, x}));
    const auto apart = fake_plan(g, fake_registry({}));
    EXPECT_EQ(ops(*apart), "binary unary");
    EXPECT_EQ(apart->steps[0].node, "tail");
    EXPECT_EQ(ops(*fake_plan(g, fake_registry({{"fused/chain", "fake.chain", plain_kernel}}))), "fused");
}

TEST(Plan, ExplainsEachChoice) {
    Graph g;
    Builder b(g);
    const ValueId x = g.add_input("x", {DType::f32, {Dim::symbol("N"), 3, 4, 4}}), w = parameter(g, "w", {8, 3, 1, 1});
    b.set_name("stem");
    g.add_output("y", b.emit1("conv2d", attrs_of(ConvAttrs{}), {x, w}));
    const auto plan = fake_plan(g, fake_registry({{"conv2d", "fake.conv", blocked_conv}}));
    EXPECT_EQ(explain(*plan), "stem (conv2d): fake.plain\n    fake.conv: needs 8 channels\n");
}

TEST(Plan, NamesANodeThatNoKernelTakes) {
    Graph g;
    Builder b(g);
    b.set_name("stem");
    g.add_output("y", relu(b, g.add_input("x", {DType::f32, batch})));
    const kernels::Registry nothing;
    try {
        fake_plan(g, nothing);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Exit::unavailable);
        EXPECT_STREQ(e.what(), "node 'stem': no kernel for unary on this device");
    }
}

TEST(Plan, ChecksTheMemoryLimitAndFindsTheLargestBatch) {
    Graph g;
    Builder b(g);
    g.add_output("y", relu(b, g.add_input("x", {DType::f32, batch})));
    const auto registry = fake_registry({});
    PlanOptions options;
    options.registry = &registry;
    options.memory_limit = 10 * 128; // two buffers of 64 bytes a sample
    EXPECT_EQ(make_plan(g, {{"N", 10}}, options)->peak_bytes(), options.memory_limit);
    try {
        make_plan(g, {{"N", 1000}}, options);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Exit::unavailable);
        EXPECT_NE(std::string(e.what()).find("the largest batch that fits is 10"), std::string::npos) << e.what();
    }
    EXPECT_EQ(largest_fitting(g, {{"N", 1000}}, "N", options), 10);
    options.memory_limit = 100;
    EXPECT_EQ(largest_fitting(g, {{"N", 1000}}, "N", options), 0);
}

TEST(Plan, WantsEverySymbolBound) {
    Graph g;
    Builder b(g);
    g.add_output("y", relu(b, g.add_input("x", {DType::f32, batch})));
    EXPECT_THROW(make_plan(g, {}), Error);
}

} // namespace
} // namespace ds
