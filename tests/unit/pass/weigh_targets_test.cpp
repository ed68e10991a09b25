// Losses of which targets count by a weight.
#include "pass/derive/weigh_targets.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "graph/text.h"
#include "graph/verify.h"

namespace ds {
namespace {

const char* const two_numbers = R"(graph "g" {
  input x: f32[N,2]
  input y: f32[N,2] role=target
  %0 = binary(x, y) kind=sub : f32[N,2] "loss"
  %1 = unary(%0) kind=square alpha=1 beta=0 : f32[N,2] "loss"
  %2 = reduce(%1) kind=sum axes=[] keep=false : f32[] "loss"
  %3 = constant() dtype=f32 shape=[N,2] values=[1] : f32[N,2] "loss"
  %4 = reduce(%3) kind=sum axes=[] keep=false : f32[] "loss"
  output loss = %2 objective=true
  output loss.count = %4
})";

/// "mul(a, b)" of what an output sums.
std::string product_behind(const Graph& graph, const std::string& output) {
    const Node& sum = graph.nodes[size_t(graph.values[size_t(graph.find_output(output)->value)].node)];
    const Node& product = graph.nodes[size_t(graph.values[size_t(sum.in[0])].node)];
    return text(graph.type(product.in[0])) + " * " + text(graph.type(product.in[1]));
}

TEST(WeighTargets, ASamplesWeightGoesAlongWithAllItsNumbers) {
    const Graph weighed = weigh_targets(parse_graph(two_numbers, "g"), {});
    verify(weighed, "g");
    const Input* weight = weighed.find_input(sample_weight);
    ASSERT_TRUE(weight);
    EXPECT_EQ(weight->role, InputRole::control);
    EXPECT_EQ(text(weighed.type(weight->value)), "f32[N]");
    EXPECT_EQ(product_behind(weighed, "loss"), "f32[N,2] * f32[N,1]");
    EXPECT_EQ(product_behind(weighed, "loss.count"), "f32[N,2] * f32[N,1]");
    EXPECT_TRUE(weighed.find_output("loss.targets"));
    EXPECT_TRUE(weighed.find_output("loss")->objective);
}

TEST(WeighTargets, ATargetsOwnWeightsHaveItsShape) {
    const Graph weighed = weigh_targets(parse_graph(two_numbers, "g"), {"y"});
    verify(weighed, "g");
    EXPECT_FALSE(weighed.find_input(sample_weight));
    EXPECT_EQ(text(weighed.type(weighed.find_input(target_weight("y"))->value)), "f32[N,2]");
    EXPECT_EQ(product_behind(weighed, "loss"), "f32[N,2] * f32[N,2]");
}

TEST(WeighTargets, WhatIsNoSumOverSamplesIsRefused) {
    const Graph graph = parse_graph("graph \"g\" {\n  input x: f32[N]\n  %0 = reduce(x) kind=mean axes=[] keep=false : "
                                    "f32[] \"m\"\n  output loss = %0 objective=true\n  output loss.count = %0\n}\n",
                                    "g");
    try {
        weigh_targets(graph, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::usage);
    }
}

} // namespace
} // namespace ds
