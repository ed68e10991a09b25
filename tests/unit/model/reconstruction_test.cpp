// The loss that holds an output to what went in: to which value, in which unit, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model/loss.h"
#include "model/model_file.h"

namespace ds {
namespace {

using ::testing::HasSubstr;

BuiltModel built(const std::string& inputs, const std::string& layers, const std::string& loss,
                 const DataFacts& data = {}) {
    ModelRequest request;
    request.data = data;
    return build_model(
        Yaml::parse("inputs: {" + inputs + "}\nlayers: [" + layers + "]\nloss: " + loss + "\n", "m.yaml"), "m",
        request);
}

std::string refusal(const std::string& inputs, const std::string& layers, const std::string& loss) {
    try {
        built(inputs, layers, loss);
    } catch (const Error& error) {
        return error.code() == Exit::config ? error.what() : "of another code: " + std::string(error.what());
    }
    return "";
}

std::string type_of(const Graph& graph, const std::string& output) {
    return text(graph.type(graph.find_output(output)->value));
}

TEST(ReconstructionLoss, IsHeldToTheOneInputAndHasNoTarget) {
    const BuiltModel m = built("x: \"f32[N,3,4,5]\"", "flatten, {linear: 60}", "reconstruction");
    EXPECT_EQ(m.task, "reconstruction");
    EXPECT_EQ(m.graph.inputs.size(), 1U);
    EXPECT_EQ(type_of(m.graph, "logits"), "f32[N,3,4,5]") << "an output of another shape takes the input's";
    EXPECT_EQ(type_of(m.graph, "truth"), "f32[N,3,4,5]");
    const Slot* mean = m.graph.find_slot(target_mean_slot("x"));
    ASSERT_NE(mean, nullptr);
    EXPECT_EQ(text(m.graph.type(mean->value)), "f32[3,1,1]");
}

TEST(ReconstructionLoss, IsHeldToANamedValueWithoutAUnit) {
    const DataFacts data{{"a", "number", {}, 0, false, false, 2}, {"b", "number", {3}, 0, false}};
    const BuiltModel m =
        built("", "{columns: {missing: true, arrays: true, as: row}}, {linear: 2}, {linear: {like: row}}",
              "{kind: reconstruction, target: row}", data);
    EXPECT_EQ(type_of(m.graph, "logits"), "f32[N,5]") << "a, three of b, and the mark of a that is missing";
    EXPECT_EQ(m.graph.find_slot(target_mean_slot("row")), nullptr);
    // A row that is one input is that input.
    const BuiltModel one = built("", "{columns: {arrays: true, as: row}}, {linear: {like: row}}",
                                 "{kind: reconstruction, target: row}", {{"b", "number", {3}, 0, false}});
    EXPECT_NE(one.graph.find_slot(target_mean_slot("b")), nullptr);
}

TEST(ReconstructionLoss, StandsBesideOthers) {
    const DataFacts data{{"x", "number", {4}, 0, false}, {"label", "target", {}, 3, true}};
    const BuiltModel m =
        built("x: \"f32[N,4]\"", "{linear: {units: 4, as: back}}, {linear: {units: 3, from: x, as: kind}}",
              "[{kind: cross_entropy, from: kind}, {kind: reconstruction, target: x, from: back, weight: "
              "0.5}]",
              data);
    EXPECT_EQ(m.task, "label:classification:1,x:reconstruction:0.5");
    EXPECT_EQ(type_of(m.graph, "x.truth"), "f32[N,4]");
}

TEST(ReconstructionLoss, SaysWhatItCannotBeHeldTo) {
    const std::string two = "a: \"f32[N,4]\", b: \"f32[N,4]\"", one = "a: \"f32[N,4]\"",
                      named = "{kind: reconstruction, target: ";
    EXPECT_THAT(refusal(two, "{linear: {units: 4, from: a}}", "reconstruction"), HasSubstr("which by target: a, b"));
    EXPECT_THAT(refusal(one, "{linear: 4}", named + "aa}"), HasSubstr("no input and no value named by 'as'; known: a"));
    EXPECT_THAT(refusal(one, "{linear: 5}", "reconstruction"),
                HasSubstr("'a' f32[N,4] takes an output of as many elements, not f32[N,5]"));
    EXPECT_THAT(refusal("a: \"i32[N,4]\"", "{embedding: {rows: 9, width: 1}}", "reconstruction"),
                HasSubstr("takes numbers and pixels, and 'a' is i32[N,4]"));
    EXPECT_THAT(refusal(one, "{linear: {units: 3, as: code}}, {linear: 3}", named + "code}"),
                HasSubstr("may not itself be learned, and 'code' is made of 'linear.weight'"));
    EXPECT_THAT(refusal(one, "{linear: {units: 4, like: a}}", "reconstruction"), HasSubstr("units, or like"));
}

} // namespace
} // namespace ds
