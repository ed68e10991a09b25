// Model files: what becomes of layers, branches, repeats, blocks, columns and several inputs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model_fixture.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

using namespace ds::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ModelFile, UpsampleMultipliesSidesOrTakesThoseOfAnotherValue) {
    const auto shape = [](const std::string& layers) {
        const BuiltModel m = built("inputs: {x: \"f32[N,2,5,7]\"}\nlayers:\n" + layers +
                                   "  - flatten\n  - linear: 2\nloss: {kind: cross_entropy, target: label}\n");
        std::string last;
        for (const Node& node : m.graph.nodes)
            if (node.name == "up") last = text(m.graph.type(node.out[0]));
        return last;
    };
    EXPECT_EQ(shape("  - upsample: {name: up, factor: [2, 3]}\n"), "f32[N,2,10,21]");
    EXPECT_EQ(shape("  - relu: {as: a}\n  - max_pool: 2\n  - upsample: {name: up, like: a}\n"), "f32[N,2,5,7]");
    EXPECT_EQ(shape("  - relu: {as: a}\n  - upsample: {name: up, factor: 3, like: a}\n"), "f32[N,2,5,7]");
}

TEST(ModelFile, LayersAreNamedByNameElseByKindAndNumber) {
    const BuiltModel m = built(with_layers(
        "  - linear: 4\n  - relu\n  - linear: {units: 4, bias: false}\n  - linear: {name: last, units: 3}\n"));
    EXPECT_THAT(slots(m.graph), ElementsAre("linear.weight[4,8]", "linear.bias[4]", "linear2.weight[4,4]",
                                            "last.weight[3,4]", "last.bias[3]"));
    EXPECT_EQ(m.task, "classification");
    EXPECT_EQ(text(m.graph.type(m.graph.find_output("logits")->value)), "f32[N,3]");
    EXPECT_TRUE(m.graph.find_slot("linear.weight")->decay);
    EXPECT_FALSE(m.graph.find_slot("linear.bias")->decay);
}

TEST(ModelFile, ParametersHaveDefaultsThatOthersUseAndSetOverrides) {
    const std::string file = "set: {width: 4, twice: \"${2 * width}\", classes: \"${data.classes}\"}\n" +
                             with_layers("  - linear: ${twice}\n  - linear: {name: head, units: \"${classes}\"}\n");
    ModelRequest request;
    request.data = {{"label", "target", {}, 5, true}};
    EXPECT_EQ(slots(built(file, request).graph)[0], "linear.weight[8,8]");
    request.set = {{"width", "7"}, {"classes", "3"}};
    const BuiltModel m = built(file, request);
    EXPECT_THAT(slots(m.graph),
                ElementsAre("linear.weight[14,8]", "linear.bias[14]", "head.weight[3,14]", "head.bias[3]"));
    EXPECT_EQ(m.parameters.at("twice"), "14");
}

TEST(ModelFile, RepeatsCountAndNestTheirNames) {
    const BuiltModel m =
        built(with_layers("  - repeat:\n      times: 2\n      name: \"stage${i}\"\n      body:\n"
                          "        - repeat: {times: 2, body: [{linear: {name: \"fc${i}\", units: 8, bias: false}}]}\n"
                          "        - linear: {name: \"end${i}\", units: 8, bias: false}\n"));
    EXPECT_THAT(slots(m.graph),
                ElementsAre("stage0.fc0.weight[8,8]", "stage0.fc1.weight[8,8]", "stage0.end0.weight[8,8]",
                            "stage1.fc0.weight[8,8]", "stage1.fc1.weight[8,8]", "stage1.end1.weight[8,8]"));
}

TEST(ModelFile, AResidualBranchIsAddedToItsInputOrShortcut) {
    const BuiltModel m = built(with_layers(
        "  - residual: [{linear: {name: a, units: 8}}]\n"
        "  - residual: {name: r, body: [{linear: {name: a, units: 4}}], shortcut: [{linear: {name: b, units: 4}}]}\n"));
    EXPECT_THAT(slots(m.graph), ElementsAre("a.weight[8,8]", "a.bias[8]", "r.a.weight[4,8]", "r.a.bias[4]",
                                            "r.b.weight[4,8]", "r.b.bias[4]"));
    const Node& first = m.graph.nodes[1];
    EXPECT_EQ(first.op->name, "binary");
    EXPECT_THAT(first.in, ElementsAre(m.graph.nodes[0].out[0], m.graph.find_input("x")->value));
}

TEST(ModelFile, AWholeNumberMayComeOfADivision) {
    EXPECT_EQ(slots(built(with_layers("  - linear: \"${16 / 4}\"\n")).graph)[0], "linear.weight[4,8]");
    EXPECT_EQ(slots(built(with_layers("  - linear: \"${sqrt(16)}\"\n")).graph)[0], "linear.weight[4,8]");
}

TEST(ModelFile, InitialisationsTakeExpressions) {
    const BuiltModel m = built("set: {depth: 8}\n" +
                               with_layers("  - linear: {units: 4, init: \"normal(${0.02 / sqrt(2 * depth)})\"}\n"));
    EXPECT_EQ(m.graph.slots[0].init, (Init{"normal", 0.005}));
}

TEST(ModelFile, ALoopsVariableEndsWithTheLoop) {
    EXPECT_THROW(built(with_layers("  - repeat: {times: 2, body: [relu]}\n  - linear: \"${i + 1}\"\n")), Error);
    const BuiltModel m =
        built("set: {i: 5}\n" + with_layers("  - repeat: {times: 2, body: [relu]}\n  - linear: \"${i}\"\n"));
    EXPECT_EQ(slots(m.graph)[0], "linear.weight[5,8]");
}

TEST(ModelFile, AxesCountFromTheEndToo) {
    const BuiltModel m =
        built(with_layers("  - concat: {from: [a, b], axis: -1}\n", "a: \"f32[N,8]\", b: \"f32[N,2]\""));
    EXPECT_EQ(text(m.graph.type(m.graph.find_output("logits")->value)), "f32[N,10]");
}

TEST(ModelFile, BlocksTakeParametersAndWhenChooses) {
    const BuiltModel m =
        built("blocks:\n  pair:\n    with: {units: 3, deep: false}\n    layers:\n"
              "      - linear: {name: a, units: \"${units}\", bias: false}\n"
              "      - when: {if: \"${deep}\", then: [{linear: {name: b, units: \"${2 * units}\", bias: false}}], "
              "else: [relu]}\n" +
              with_layers("  - use: pair\n  - use: {block: pair, name: second, units: 5, deep: true}\n"));
    EXPECT_THAT(slots(m.graph), ElementsAre("a.weight[3,8]", "second.a.weight[5,3]", "second.b.weight[10,5]"));
}

TEST(ModelFile, SeveralInputsMeetByName) {
    ModelRequest request;
    request.data = {
        {"price", "number", {}, 0, false}, {"age", "number", {}, 0, false}, {"click", "target", {}, 0, true}};
    const BuiltModel m = built("inputs: {user: \"i32[N]\", x: \"f32[N,4]\"}\nlayers:\n"
                               "  - embedding: {from: user, rows: 9, width: 4, as: u}\n"
                               "  - multiply: {from: [u, x], as: match}\n"
                               "  - concat: {from: [u, match], as: both}\n"
                               "  - columns: {kind: number, with: [both]}\n"
                               "  - linear: 1\nloss: {kind: binary_cross_entropy, target: click}\n",
                               request);
    EXPECT_THAT(slots(m.graph), ElementsAre("embedding.weight[9,4]", "linear.weight[1,10]", "linear.bias[1]"));
    std::vector<std::string> inputs;
    for (const Input& input : m.graph.inputs) inputs.push_back(input.name);
    EXPECT_THAT(inputs, ElementsAre("user", "x", "price", "age", "click"));
    EXPECT_EQ(m.task, "binary");
}

TEST(ModelFile, ADtypeIsThatOfEveryNumber) {
    ModelRequest request;
    request.dtype = DType::f64;
    const BuiltModel m = built(with_layers("  - linear: 4\n  - layer_norm\n"), request);
    for (const Slot& slot : m.graph.slots) EXPECT_EQ(m.graph.type(slot.value).dtype, DType::f64) << slot.name;
    EXPECT_EQ(m.graph.type(m.graph.find_output("loss")->value).dtype, DType::f64);
}

TEST(Columns, NumbersAndCategoriesSideBySideWithPlacesForWhatIsMissingOrUnseen) {
    ModelRequest request;
    request.data = {{"city", "category", {}, 5, false},
                    {"age", "number", {}, 0, false, false, 3},
                    {"size", "number", {}, 0, false},
                    {"price", "target", {}, 0, true}};
    const auto with = [&](const std::string& columns) {
        return built("inputs: {}\nlayers: [{columns: {" + columns + "}}, {linear: 1}]\nloss: mse\n", request);
    };
    const BuiltModel all = with("kind: all, missing: true, unseen: 0.1, width: 4");
    EXPECT_THAT(slots(all.graph), ElementsAre("city.embedding.weight[6,4]", "linear.weight[1,7]", "linear.bias[1]",
                                              "loss.price.mean[]", "loss.price.std[]"));
    EXPECT_EQ(all.places.at("city").unknown, 5);
    EXPECT_EQ(all.places.at("age").missing, Missing::seen);
    EXPECT_EQ(all.places.at("size").missing, Missing::mean);
    EXPECT_FALSE(all.places.at("city").kept);
    request.data[0].rows_of = {9, 4, 5, 0, 6};
    const BuiltModel frequent = with("kind: category, unseen: 0.1, rare: 5, width: 4");
    EXPECT_THAT(slots(frequent.graph)[0], "city.embedding.weight[4,4]");
    EXPECT_EQ(frequent.places.at("city").unknown, 3);
    EXPECT_THAT(frequent.places.at("city").kept, ::testing::Optional(ElementsAre(0, 2, 4)));
    const BuiltModel none = with("kind: category, unseen: 0.1, rare: 10, width: 4");
    EXPECT_THAT(slots(none.graph)[0], "city.embedding.weight[1,4]");
    EXPECT_THROW(with("kind: category, rare: 5"), Error);
    const BuiltModel plain = with("kind: category, width: 4");
    EXPECT_THAT(slots(plain.graph)[0], "city.embedding.weight[5,4]");
    EXPECT_TRUE(plain.places.empty());
}

TEST(ModelFile, EachSharesItsParameters) {
    const auto pair = [](const std::string& body, const std::string& b = "f32[N,4]") {
        return built("inputs: {a: \"f32[N,4]\", b: \"" + b +
                     "\"}\nlayers:\n  - each: {from: [a, b], to: [u, v], body: [" + body +
                     "]}\n  - subtract: {from: [u, v]}\nloss: binary_cross_entropy\n");
    };
    const BuiltModel model = pair("{linear: {name: hidden, units: 3}}, relu, linear: 1");
    EXPECT_THAT(slots(model.graph),
                ElementsAre("hidden.weight[3,4]", "hidden.bias[3]", "linear.weight[1,3]", "linear.bias[1]"));
    int uses = 0;
    for (const Node& node : model.graph.nodes)
        uses += node.op->name == "linear" && node.in[1] == model.graph.find_slot("hidden.weight")->value;
    EXPECT_EQ(uses, 2);
    const auto refusal = [&](const std::string& body, const std::string& b) {
        return test::error_of(Exit::config, [&] { pair(body, b); });
    };
    EXPECT_THAT(refusal("{linear: 2}", "f32[N,5]"), HasSubstr("they cannot share it"));
    EXPECT_THAT(refusal("batch_norm, {linear: 1}", "f32[N,4]"), HasSubstr("take another norm"));
}

} // namespace
} // namespace ds
