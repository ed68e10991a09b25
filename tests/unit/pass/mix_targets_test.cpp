// Losses over mixed targets.
#include "pass/derive/mix_targets.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "graph/text.h"

namespace ds {
namespace {

TEST(MixTargets, TheLossReadsADistributionAndTheCountStaysThatOfClasses) {
    const Graph before = parse_graph(R"(graph "g" {
  input x: f32[N,3]
  input y: i32[N] role=target
  %0, %1 = cross_entropy(x, y) smoothing=0.1 ignore_index=-100 : f32[N], f32[N] "loss"
  %2 = cast(y) dtype=f32 : f32[N] "seen"
  %3 = reduce(%0) kind=sum axes=[] keep=false : f32[] "sum"
  %4 = reduce(%2) kind=sum axes=[] keep=false : f32[] "count"
  output loss = %3 objective=true
  output loss.count = %4
})",
                                     "before");
    const Graph after = mix_targets(before);
    const Input* mixed = after.find_input(mixed_target);
    ASSERT_TRUE(mixed);
    EXPECT_EQ(mixed->role, InputRole::control);
    EXPECT_EQ(text(after.type(mixed->value)), "f32[N,3]");
    int losses = 0;
    for (const Node& node : after.nodes)
        if (node.op->name == "cross_entropy") {
            ++losses;
            EXPECT_EQ(node.in[1], mixed->value);
            EXPECT_EQ(node.name, "loss");
        } else if (node.op->name == "cast") {
            EXPECT_EQ(node.in[0], after.find_input("y")->value);
        }
    EXPECT_EQ(losses, 1);
}

TEST(MixTargets, OtherLossesAreRefused) {
    const Graph graph = parse_graph(
        "graph \"g\" {\n  input x: f32[]\n  output loss = x objective=true\n  output loss.count = x\n}\n", "g");
    try {
        mix_targets(graph);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::usage);
    }
}

} // namespace
} // namespace ds
