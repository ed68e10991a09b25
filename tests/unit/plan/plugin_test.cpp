// The door of the registry: kernels of a plugin come in before a device is first used, stand before its own, are
// chosen and explained. And rows that trade accuracy for speed: seen, and passed over on request.
#include <gtest/gtest.h>

#include "base/error.h"
#include "exec/executor.h"
#include "fake.h"
#include "ops/op.h"

namespace ds {
namespace {

using namespace ds::testing;

std::vector<Type> infer_halve(const InferArgs& a) { return {a.in[0]}; }

const OpRow halve{"halve", "half of each element", 1, 1, make_default<NoAttrs>, infer_halve, nullptr, nullptr};

struct Halve : kernels::Kernel {
    void run(const kernels::Call& call) const override {
        for (int64_t i = 0; i < call.out[0].size(); ++i) call.out[0].as<float>()[i] = call.in[0].as<float>()[i] / 2;
    }
};

Made even_only(const kernels::Request& request, std::string& why) {
    if (request.in[0].shape[0] % 2 == 0) return std::make_unique<Halve>();
    why = "needs an even number";
    return nullptr;
}

Made any_number(const kernels::Request&, std::string&) { return std::make_unique<Halve>(); }

// Before main(), as the constructor of a plugin would: tests that ran earlier in this program have used the device.
const bool entered = [] {
    register_op(&halve);
    kernels::register_kernel("cpu", {"halve", "plugin.even", even_only});
    kernels::register_kernel("cpu", {"halve", "plugin.any", any_number});
    return true;
}();

Graph halving(int64_t n) {
    Graph g;
    Builder b(g);
    b.set_name("half");
    g.add_output("y", b.emit1("halve", attrs_of(NoAttrs{}), {g.add_input("x", {DType::f32, {n}})}));
    return g;
}

TEST(Plugin, ItsKernelsAreChosenExplainedAndRun) {
    ASSERT_TRUE(entered);
    EXPECT_EQ(explain(*make_plan(halving(4), {})), "half (halve): plugin.even\n");
    const auto plan = make_plan(halving(3), {});
    EXPECT_EQ(explain(*plan), "half (halve): plugin.any\n    plugin.even: needs an even number\n");
    Executor executor(plan, std::make_shared<State>());
    for (int i = 0; i < 3; ++i) executor.input("x").as<float>()[i] = float(i);
    executor.run();
    EXPECT_EQ(executor.output("y").as<float>()[1], 0.5f);
    EXPECT_EQ(executor.output("y").as<float>()[2], 1.0f);
}

TEST(Plugin, TheDoorIsClosedOnceTheDeviceIsUsed) {
    kernels::registry("cpu");
    EXPECT_THROW(kernels::register_kernel("cpu", {"halve", "plugin.late", any_number}), Error);
    EXPECT_THROW(kernels::register_kernel("toaster", {"halve", "plugin.toast", any_number}), Error);
}

TEST(Math, StrictPassesOverRowsThatTradeAccuracy) {
    Graph g;
    Builder b(g);
    b.set_name("act");
    g.add_output("y", relu(b, g.add_input("x", {DType::f32, {4}})));
    const auto registry =
        fake_registry({{"unary", "fake.rough", plain_kernel, true}, {"unary", "fake.exact", plain_kernel}});
    EXPECT_EQ(explain(*fake_plan(g, registry)), "act (unary): fake.rough\n");
    PlanOptions strict;
    strict.math = kernels::Math::strict;
    EXPECT_EQ(explain(*fake_plan(g, registry, strict)),
              "act (unary): fake.exact\n    fake.rough: trades accuracy for speed (--math strict)\n");
}

} // namespace
} // namespace ds
