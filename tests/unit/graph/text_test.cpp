// What the text of a graph says beyond operands and attributes: tags, control edges, gradients, absent operands, exact
// integers, sizes of every symbol. It prints and parses back.
#include "graph/text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "graph/verify.h"
#include "ops/axes.h"
#include "ops/elementwise.h"

namespace ds {
namespace {

/// Parses lines of a graph; its text is theirs again.
Graph round_trip(const std::string& lines) {
    const std::string written = "graph \"g\" {\n" + lines + "}\n";
    const Graph graph = parse_graph(written, "test");
    EXPECT_EQ(text(graph), written);
    return graph;
}

TEST(GraphText, NodesKeepTheirTagsAndWhatTheyWaitFor) {
    const Graph graph = round_trip("  input x: f32[4]\n"
                                   "  %0 = cast(x) dtype=f64 frozen=true recompute=true stage=3 : f64[4] \"a\"\n"
                                   "  %1 = cast(x) dtype=f64 waits_for=[%0] stage=0 : f64[4] \"b\"\n");
    EXPECT_EQ(graph.nodes[0].tags, (Tags{true, true, 3}));
    EXPECT_EQ(graph.nodes[1].tags, (Tags{false, false, 0}));
    EXPECT_EQ(graph.nodes[1].after, std::vector<NodeId>{0});
}

TEST(GraphText, NoOpHasAnAttributeNamedLikeATag) {
    for (const OpRow* row : all_ops()) {
        const std::string attributes = " " + text(*row->default_attrs());
        for (const char* tag : {" frozen=", " recompute=", " stage=", " waits_for="})
            EXPECT_EQ(attributes.find(tag), std::string::npos) << row->name << tag;
    }
}

TEST(GraphText, GradientsArePrintedAndRead) {
    const Graph graph = round_trip("  input x: f32[4]\n"
                                   "  slot w: f32[4] kind=parameter init=zeros\n"
                                   "  %0 = binary(x, w) kind=mul : f32[4] \"product\"\n"
                                   "  write w = x\n"
                                   "  gradient w = %0\n");
    ASSERT_EQ(graph.gradients.size(), 1u);
    EXPECT_EQ(graph.gradients[0].slot, "w");
    EXPECT_EQ(graph.use_counts()[size_t(graph.gradients[0].value)], 1) << "a gradient is a read";
}

TEST(GraphText, IntegersAreExact) {
    const Graph graph = round_trip("  %0 = constant() dtype=i64 shape=[3] "
                                   "values=[9007199254740993,-9223372036854775808,9223372036854775807] : i64[3] \"n\"\n"
                                   "  %1 = constant() dtype=f64 shape=[2] values=[-0,1e+300] : f64[2] \"r\"\n");
    const auto& integers = graph.nodes[0].as<ConstantAttrs>().values;
    EXPECT_EQ(integers[0].to<int64_t>(), 9007199254740993);
    EXPECT_EQ(integers[1].to<int64_t>(), INT64_MIN);
    EXPECT_EQ(integers[2].to<int64_t>(), INT64_MAX);
    EXPECT_EQ(integers[2].to<int32_t>(), INT32_MAX);
    EXPECT_TRUE(std::signbit(graph.nodes[1].as<ConstantAttrs>().values[0].to<double>()));
}

TEST(GraphText, SizesMayBeMaximaMinimaAndQuotients) {
    const Graph graph = round_trip("  input x: f32[N,max(H,W)]\n"
                                   "  %0 = slice(x) axis=1 start=0 length=min(H,W) : f32[N,min(H,W)] \"s\"\n"
                                   "  output y = %0\n");
    EXPECT_EQ(symbols(graph), (std::vector<std::string>{"H", "N", "W"}));
    const Graph bound = bind(graph, {{"N", 2}, {"H", 5}, {"W", 3}});
    EXPECT_EQ(text(bound.type(bound.outputs[0].value)), "f32[2,3]");
    EXPECT_EQ(text(bound.type(bound.inputs[0].value)), "f32[2,5]");
}

// ---- graphs in attributes ---------------------------------------------------------------------------

const char* const fused_lines = R"(  input x: f32[N]
  %0 = fused(x) pattern="chain" body={
  graph "chain" {
    input in0: f32[N]
    %0 = constant() dtype=f32 shape=[K] values=[1] : f32[K] "ones"
    %1 = reduce(%0) kind=sum axes=[] keep=false : f32[] "count"
    %2 = binary(in0, %1) kind=mul : f32[N] "scaled"
    output out0 = %2
  }
  } : f32[N] "scaled"
  output y = %0
)";

TEST(SubGraphs, TheirSymbolsAreTheGraphs) {
    const Graph graph = round_trip(fused_lines);
    ASSERT_EQ(bodies_of(graph.nodes[0]).size(), 1u);
    EXPECT_EQ(symbols(graph), (std::vector<std::string>{"K", "N"}));
    const Graph bound = bind(graph, {{"N", 2}, {"K", 7}});
    EXPECT_EQ(text(bodies_of(bound.nodes[0])[0]->type(0)), "f32[2]");
    EXPECT_TRUE(symbols(bound).empty());
}

TEST(SubGraphs, AreVerified) {
    Graph graph = parse_graph("graph \"g\" {\n" + std::string(fused_lines) + "}\n", "test");
    Graph body = *bodies_of(graph.nodes[0])[0];
    body.outputs[0].value = 99;
    struct HoldsAGraph : AttrsOf<HoldsAGraph> { // not the attributes of fused nodes
        SubGraph inner;
        void visit(FieldVisitor& v) override { v.field("inner", inner); }
    };
    static const OpRow row{"test_holder",
                           "holds a graph",
                           1,
                           1,
                           make_default<HoldsAGraph>,
                           [](const InferArgs& a) { return std::vector<Type>{a.in[0]}; },
                           mixed_axes};
    HoldsAGraph attrs;
    attrs.inner = std::make_shared<const Graph>(body);
    graph.add_node(row, attrs_of(attrs), {graph.inputs[0].value}, "holder");
    EXPECT_THROW(verify(graph, "test"), Error);
}

// ---- absent operands --------------------------------------------------------------------------------

/// x, and what of y and z is there.
const OpRow& optional_sum() {
    static const OpRow row = [] {
        OpRow made{"test_optional_sum",
                   "x + y? + z?",
                   1,
                   3,
                   make_default<NoAttrs>,
                   [](const InferArgs& a) {
                       for (size_t i = 1; i < 3; ++i)
                           if (a.has(i)) a.require(a.in[i] == a.in[0], "all have one type");
                       return std::vector<Type>{a.in[0]};
                   },
                   elementwise_axes};
        made.optional = 1 << 1;
        return made;
    }();
    if (!find_op(row.name)) register_op(&row);
    return row;
}

TEST(AbsentOperands, ArePrintedWhereOthersStandBehindThem) {
    optional_sum();
    const Graph graph = round_trip("  input x: f32[4]\n"
                                   "  %0 = test_optional_sum(x, _, x) : f32[4] \"both\"\n"
                                   "  %1 = test_optional_sum(x) : f32[4] \"one\"\n");
    EXPECT_EQ(graph.nodes[0].in, (std::vector<ValueId>{0, no_value, 0}));
    EXPECT_EQ(graph.use_counts()[0], 3);
    const Graph trailing = parse_graph(
        "graph \"g\" {\n  input x: f32[4]\n  %0 = test_optional_sum(x, _, _) : f32[4] \"one\"\n}\n", "test");
    EXPECT_EQ(trailing.nodes[0].in.size(), 1u) << "nothing stands behind them";
    EXPECT_EQ(text(bind(graph, {})), text(graph));
}

TEST(AbsentOperands, AnInputMayBeCalledLikeThem) {
    optional_sum();
    const Graph old = parse_graph(
        "graph \"g\" {\n  input _: f32[4]\n  %0 = test_optional_sum(_, _, _) : f32[4] \"three\"\n}\n", "test");
    EXPECT_EQ(old.nodes[0].in, (std::vector<ValueId>{0, 0, 0}));
    EXPECT_EQ(text(parse_graph(text(old), "again")), text(old));
    EXPECT_NE(text(old).find("(\"_\", \"_\", \"_\")"), std::string::npos);
}

} // namespace
} // namespace ds
