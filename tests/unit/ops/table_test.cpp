// The table of ops itself: names, lookup, plugins, costs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "graph/text.h"
#include "ops/op.h"

namespace ds::testing {
namespace {

using ::testing::HasSubstr;

TEST(OpTable, NamesAreOwnAndFound) {
    std::set<std::string_view> names;
    for (const OpRow* row : all_ops()) {
        EXPECT_TRUE(names.insert(row->name).second) << row->name;
        EXPECT_EQ(find_op(row->name), row);
        EXPECT_TRUE(row->max_inputs < 0 || row->max_inputs >= row->min_inputs) << row->name;
    }
    EXPECT_GE(names.size(), 50u);
}

TEST(OpTable, UnknownNameIsRefusedWithTheNearest) {
    EXPECT_EQ(find_op("convd2"), nullptr);
    try {
        op("con2d");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data);
        EXPECT_THAT(error.what(), HasSubstr("unknown op 'con2d'"));
        EXPECT_THAT(error.what(), HasSubstr("conv2d"));
    }
}

TEST(OpTable, UpdatesHaveTheirEffectAndOthersNone) {
    for (const OpRow* row : all_ops()) {
        const bool updates = row->name == "sgd_update" || row->name == "adam_update" || row->name == "ema_update";
        EXPECT_EQ(row->effect, updates ? Effect::update : Effect::none) << row->name;
    }
}

TEST(OpTable, PluginsAddRows) {
    static const OpRow twice{"test_twice", "two of it", 1, 1, make_default<NoAttrs>, [](const InferArgs& a) {
                                 return std::vector<Type>{a.in[0], a.in[0]};
                             }};
    register_op(&twice);
    EXPECT_EQ(&op("test_twice"), &twice);
    EXPECT_EQ(all_ops().back(), &twice);
    EXPECT_THROW(register_op(&twice), Error);
    const Graph g =
        parse_graph("graph \"g\" {\n  input a: f32[3]\n  %0, %1 = test_twice(a) : f32[3], f32[3] \"n\"\n}\n", "plugin");
    EXPECT_EQ(parse_graph(text(g), "again").nodes.size(), 1u);
}

struct Cost {
    const char* call;
    std::vector<const char*> in;
    const char* out;
    double flops;
};

double flops_of(const Cost& c) {
    std::string text = "graph \"g\" {\n";
    for (size_t i = 0; i < c.in.size(); ++i) text += std::string("  input ") + char('a' + i) + ": " + c.in[i] + "\n";
    const Graph g = parse_graph(text + "  " + c.call + " : " + c.out + " \"node\"\n}\n", "cost");
    return flops(g, g.nodes[0]);
}

TEST(OpTable, FlopsCountAMultiplyAddAsTwo) {
    const char* conv = "stride=[1,1] pad=[1,1,1,1] dilation=[1,1] groups=1";
    const std::string forward = std::string("%0 = conv2d(a, b) ") + conv;
    const std::string dx = std::string("%0 = conv2d_dx(a, b) ") + conv + " size=[5,5] bias=false";
    const std::string dw = std::string("%0 = conv2d_dw(a, b) ") + conv + " size=[3,3] bias=false";
    const double conv_flops = 2.0 * 2 * 4 * 5 * 5 * 3 * 3 * 3;
    const Cost costs[] = {
        {"%0 = binary(a, b) kind=add", {"f32[4,5]", "f32[5]"}, "f32[4,5]", 20},
        {"%0 = linear(a, b)", {"f32[7,5]", "f32[3,5]"}, "f32[7,3]", 2 * 7 * 5 * 3},
        {"%0 = linear_dx(a, b)", {"f32[7,3]", "f32[3,5]"}, "f32[7,5]", 2 * 7 * 5 * 3},
        {"%0 = linear_dw(a, b) bias=false", {"f32[7,5]", "f32[7,3]"}, "f32[3,5]", 2 * 7 * 5 * 3},
        {"%0 = matmul(a, b) ta=true tb=false", {"f32[2,5,7]", "f32[2,5,3]"}, "f32[2,7,3]", 2 * 2 * 7 * 5 * 3},
        {forward.c_str(), {"f32[2,3,5,5]", "f32[4,3,3,3]"}, "f32[2,4,5,5]", conv_flops},
        {dx.c_str(), {"f32[2,4,5,5]", "f32[4,3,3,3]"}, "f32[2,3,5,5]", conv_flops},
        {dw.c_str(), {"f32[2,3,5,5]", "f32[2,4,5,5]"}, "f32[4,3,3,3]", conv_flops},
        {"%0, %1 = attention(a, a, a) causal=false scale=0",
         {"f32[2,7,3,5]"},
         "f32[2,7,3,5], f32[2,3,7]",
         2.0 * 2 * 2 * 3 * 7 * 7 * 5},
        {"%0 = reshape(a) shape=[6]", {"f32[2,3]"}, "f32[6]", 0},
        {"%0 = reduce(a) kind=sum axes=[] keep=false", {"f32[2,3]"}, "f32[]", 6},
    };
    for (const Cost& c : costs) EXPECT_EQ(flops_of(c), c.flops) << c.call;
}

} // namespace
} // namespace ds::testing
