// Rewriter and what passes leave alone: control edges to what stands for a node, tags.
#include "pass/rewrite.h"

#include <gtest/gtest.h>

#include "graph/text.h"
#include "graph/verify.h"
#include "ops/emit.h"
#include "pass/derive/autodiff.h"
#include "pass/derive/optimizer.h"
#include "pass/derive/train_mode.h"
#include "pass/pass.h"

namespace ds {
namespace {

Graph parsed(const std::string& lines) { return parse_graph("graph \"g\" {\n" + lines + "}\n", "test"); }

/// The names of the nodes that the node of this name waits for.
std::vector<std::string> waits_for(const Graph& graph, const std::string& name) {
    verify(graph, "test");
    std::vector<std::string> names;
    for (const Node& node : graph.nodes)
        if (node.name == name)
            for (NodeId before : node.after) names.push_back(graph.nodes[size_t(before)].name);
    return names;
}
using Names = std::vector<std::string>;

size_t count(const Graph& graph, std::string_view op) {
    size_t n = 0;
    for (const Node& node : graph.nodes) n += node.op->name == op;
    return n;
}

// ---- control edges ----------------------------------------------------------------------------------

TEST(ControlEdges, FollowAFusedNode) {
    const Graph graph = fuse(parsed(R"(input x: f32[4]
%0 = unary(x) kind=exp alpha=1 beta=0 : f32[4] "a"
%1 = unary(%0) kind=relu alpha=1 beta=0 : f32[4] "b"
%2 = unary(x) kind=log alpha=1 beta=0 waits_for=[%1] : f32[4] "late"
output y = %1
output z = %2
)"));
    ASSERT_EQ(count(graph, "fused"), 1u);
    EXPECT_EQ(waits_for(graph, "late"), Names{"a"}) << "the fused node is named after its first member";
}

TEST(ControlEdges, KeepAGroupApartThatSomebodyInItsMiddleWaitsFor) {
    const Graph graph = fuse(parsed(R"(input x: f32[4]
%0 = unary(x) kind=exp alpha=1 beta=0 : f32[4] "a"
%1 = reduce(x) kind=max axes=[] keep=false waits_for=[%0] : f32[] "early"
%2 = unary(%0) kind=relu alpha=1 beta=0 : f32[4] "b"
output y = %1
output z = %2
)"));
    EXPECT_EQ(count(graph, "fused"), 0u);
    EXPECT_EQ(waits_for(graph, "early"), Names{"a"});
}

TEST(ControlEdges, FollowWhatCommonSubexpressionsBecame) {
    const Graph graph = eliminate_common(parsed(R"(input x: f32[4]
%0 = unary(x) kind=exp alpha=1 beta=0 : f32[4] "first"
%1 = unary(x) kind=exp alpha=1 beta=0 : f32[4] "second"
%2 = unary(x) kind=log alpha=1 beta=0 waits_for=[%1] : f32[4] "late"
output y = %1
output z = %2
)"));
    EXPECT_EQ(count(graph, "unary"), 2u);
    EXPECT_EQ(waits_for(graph, "late"), Names{"first"});
}

TEST(ControlEdges, GoThroughNodesThatAreRemoved) {
    const Graph graph = remove_identities(parsed(R"(input x: f32[4]
%0 = unary(x) kind=exp alpha=1 beta=0 : f32[4] "before"
%1 = unary(%0) kind=identity alpha=1 beta=0 : f32[4] "nothing"
%2 = unary(x) kind=log alpha=1 beta=0 waits_for=[%1] : f32[4] "late"
output z = %2
)"));
    EXPECT_EQ(waits_for(graph, "late"), Names{"before"});
}

TEST(ControlEdges, KeepAnIdentityThatWaits) {
    const Graph graph = remove_identities(parsed(R"(input x: f32[4]
%0 = unary(x) kind=exp alpha=1 beta=0 : f32[4] "before"
%1 = unary(x) kind=identity alpha=1 beta=0 waits_for=[%0] : f32[4] "gate"
output z = %1
)"));
    EXPECT_EQ(waits_for(graph, "gate"), Names{"before"}) << "its readers come after what it waits for";
}

TEST(ControlEdges, AnEffectBehindADeadNodeStillComesFirst) {
    const Graph graph = eliminate_dead(parsed(R"(input x: f32[4]
input a: bool[]
%0 = ema_update(x, x, a) decay=0.5 : f32[4] "effect"
%1 = unary(x) kind=exp alpha=1 beta=0 waits_for=[%0] : f32[4] "dead"
%2 = unary(x) kind=log alpha=1 beta=0 waits_for=[%1] : f32[4] "late"
output z = %2
)"));
    EXPECT_EQ(waits_for(graph, "late"), Names{"effect"});
    EXPECT_EQ(graph.nodes.size(), 2u);
}

TEST(ControlEdges, ReplacementsWaitForWhatTheOldNodeWaitedFor) {
    const Graph graph = train_mode(parsed(R"(input x: f32[N,4]
%0 = unary(x) kind=exp alpha=1 beta=0 : f32[N,4] "before"
%1 = dropout(x) p=0.5 stream=0 waits_for=[%0] : f32[N,4] "drop"
%2 = unary(x) kind=log alpha=1 beta=0 waits_for=[%1] : f32[N,4] "late"
output y = %1
output z = %2
)"));
    ASSERT_EQ(count(graph, "dropout_train"), 1u);
    EXPECT_EQ(waits_for(graph, "drop"), Names{"before"});
    EXPECT_EQ(waits_for(graph, "late"), Names{"drop"});
}

TEST(ControlEdges, ALongChainOfDeadNodesIsNoTrouble) {
    std::string lines = "input x: f32[4]\n%0 = unary(x) kind=exp alpha=1 beta=0 : f32[4] \"live\"\n";
    const int n = 20000;
    for (int i = 1; i <= n; ++i)
        lines += "%" + std::to_string(i) + " = unary(%" + std::to_string(i - 1) +
                 ") kind=exp alpha=1 beta=0 : f32[4] \"dead\"\n";
    const std::string last = "%" + std::to_string(n + 1);
    lines += last + " = unary(x) kind=log alpha=1 beta=0 waits_for=[%" + std::to_string(n) + "] : f32[4] \"late\"\n";
    const Graph graph = eliminate_dead(parsed(lines + "output y = %0\noutput z = " + last + "\n"));
    EXPECT_EQ(graph.nodes.size(), 2u);
    EXPECT_EQ(waits_for(graph, "late"), Names{"live"}) << "through all that was read on the way";
}

// ---- tags -------------------------------------------------------------------------------------------

TEST(PassTags, EqualNodesOfOtherTagsAreNotJoined) {
    for (const char* tag : {" recompute=true", " stage=1", " frozen=true"}) {
        const Graph graph =
            eliminate_common(parsed("input x: f32[4]\n"
                                    "%0 = unary(x) kind=exp alpha=1 beta=0 : f32[4] \"a\"\n"
                                    "%1 = unary(x) kind=exp alpha=1 beta=0" +
                                    std::string(tag) + " : f32[4] \"b\"\noutput y = %0\noutput z = %1\n"));
        EXPECT_EQ(graph.nodes.size(), 2u) << tag;
    }
}

TEST(PassTags, NodesOfOtherTagsAreNotFusedAndTheFusedNodeHasTheirs) {
    auto fused = [](const std::string& a, const std::string& b) {
        return fuse(parsed("input x: f32[4]\n%0 = unary(x) kind=exp alpha=1 beta=0" + a + " : f32[4] \"a\"\n" +
                           "%1 = unary(%0) kind=relu alpha=1 beta=0" + b + " : f32[4] \"b\"\noutput y = %1\n"));
    };
    EXPECT_EQ(count(fused("", " stage=1"), "fused"), 0u);
    EXPECT_EQ(count(fused(" recompute=true", ""), "fused"), 0u);
    const Graph both = fused(" stage=1", " stage=1");
    ASSERT_EQ(count(both, "fused"), 1u);
    EXPECT_EQ(both.nodes[0].tags.stage, 1);
}

const char* const norm_lines = R"(input x: f32[N,3]
slot scale: f32[3] kind=parameter init=ones
slot bias: f32[3] kind=parameter init=zeros
slot mean: f32[3] kind=statistic init=zeros
slot var: f32[3] kind=statistic init=ones
%0 = batch_norm(x, scale, bias, mean, var) eps=1e-05 momentum=0.1)";

TEST(PassTags, AFrozenNormStaysAsAtInference) {
    const std::string rest = " : f32[N,3] \"norm\"\noutput y = %0\n";
    EXPECT_EQ(count(train_mode(parsed(norm_lines + rest)), "batch_norm_train"), 1u);
    const Graph frozen = train_mode(parsed(std::string(norm_lines) + " frozen=true" + rest));
    EXPECT_EQ(count(frozen, "batch_norm"), 1u);
    EXPECT_TRUE(frozen.writes.empty()) << "its statistics stay, too";
}

TEST(PassTags, GradientsAreOfTheStageOfTheirNode) {
    const Graph graph = differentiate(parsed(R"(input x: f32[4]
slot w: f32[4] kind=parameter init=ones
%0 = binary(x, w) kind=mul stage=2 : f32[4] "product"
%1 = reduce(%0) kind=sum axes=[] keep=false stage=3 : f32[] "sum"
output loss = %1 objective=true
output loss.count = %1
)"));
    for (const Node& node : graph.nodes) {
        if (node.name == "product") {
            EXPECT_EQ(node.tags.stage, 2);
        }
        if (node.name == "sum") {
            EXPECT_EQ(node.tags.stage, 3);
        }
    }
}

// ---- integers ---------------------------------------------------------------------------------------

TEST(Folding, KeepsIntegersExact) {
    const Graph graph = eliminate_dead(fold_constants(
        parsed(R"(%0 = constant() dtype=i64 shape=[2] values=[9007199254740993,-9007199254740993] : i64[2] "n"
%1 = reshape(%0) shape=[2,1] : i64[2,1] "column"
output y = %1
)")));
    ASSERT_EQ(graph.nodes.size(), 1u);
    EXPECT_NE(text(graph).find("values=[9007199254740993,-9007199254740993]"), std::string::npos) << text(graph);
}

// ---- gradients --------------------------------------------------------------------------------------

/// A pass over gradients: each times a number.
Graph scaled_gradients(const Graph& graph, double factor) {
    Rewriter rewriter(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n) rewriter.copy(NodeId(n));
    Graph result = rewriter.finish();
    Builder builder(result);
    for (Gradient& gradient : result.gradients) {
        builder.set_name("scaled." + gradient.slot);
        gradient.value = affine(builder, gradient.value, factor);
    }
    return result;
}

const char* const step_lines = R"(input x: f32[4]
slot w: f32[4] kind=parameter init=ones
slot still: f32[4] kind=parameter init=ones train=false
%0 = binary(x, w) kind=mul : f32[4] "product"
%1 = binary(%0, still) kind=add : f32[4] "sum"
%2 = reduce(%1) kind=sum axes=[] keep=false : f32[] "total"
%3 = constant() dtype=f32 shape=[] values=[1] : f32[] "count"
output loss = %2 objective=true
output loss.count = %3
)";

TEST(Gradients, StandInTheGraphBetweenAutodiffAndOptimizer) {
    const Graph differentiated = differentiate(parsed(step_lines));
    ASSERT_EQ(differentiated.gradients.size(), 1u);
    EXPECT_EQ(differentiated.gradients[0].slot, "w");
    const Graph cleaned = eliminate_dead(eliminate_common(remove_identities(differentiated)));
    EXPECT_EQ(cleaned.gradients.size(), 1u) << "clean-up keeps them";
    const Graph scaled = scaled_gradients(differentiated, 0.5);
    verify(scaled, "scaled");
    const Graph step = optimizer_step(scaled, {});
    EXPECT_TRUE(step.gradients.empty()) << "the optimizer takes them";
    const auto update = std::find_if(step.nodes.begin(), step.nodes.end(),
                                     [](const Node& node) { return node.op->name == "sgd_update"; });
    ASSERT_NE(update, step.nodes.end());
    EXPECT_EQ(step.value_name(update->in[1]), "scaled.w");
}

} // namespace
} // namespace ds
