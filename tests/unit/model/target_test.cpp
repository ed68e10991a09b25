// What the loss of a model file is held to, and the task that comes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A row of classes for each place of rows of this shape.
std::string rows_of_classes(const std::string& input, const std::string& layers) {
    return "inputs: {x: \"f32" + input + "\"}\nlayers: [" + layers + "]\nloss: cross_entropy\n";
}

TEST(ModelFile, TheTargetDecidesTheTaskOfClassesAndNotTheNumberOfAxes) {
    const std::string pixels = rows_of_classes("[N,3,6,8]", "{conv: 4}, channels_last"),
                      tokens = rows_of_classes("[N,T,5]", "{linear: 4}");
    ModelRequest request;
    EXPECT_EQ(built(pixels).task, "segmentation");
    EXPECT_EQ(built(tokens).task, "text");
    request.data = {{"x", "image", {3, 6, 8}, 0, false}, {"mask", "mask", {6, 8}, 4, true}};
    const BuiltModel segments = built(pixels, request);
    EXPECT_EQ(segments.task, "segmentation");
    EXPECT_EQ(text(segments.graph.type(segments.graph.find_input("mask")->value)), "i32[N,6,8]");
    request.data[1] = {"classes", "target", {6, 8}, 4, true}; // of an array, say
    EXPECT_EQ(built(pixels, request).task, "segmentation");
    request.data = {{"text", "text", {}, 0, false}};
    EXPECT_EQ(built(tokens, request).task, "text");
    EXPECT_EQ(built(with_layers("  - linear: 3\n")).task, "classification");
}

const DataColumn price_target{"price", "target", {}, 0, true}, area_target{"area", "target", {}, 0, true},
    size_column{"size", "number", {}, 0, false}, text_column{"text", "text", {}, 0, false};

std::string with_loss(const std::string& loss) {
    return "inputs: {x: \"f32[N,8]\"}\nlayers: [{linear: 1}]\nloss: " + loss + "\n";
}

/// The name of the target that the model gets, or why it is refused.
std::string target_of(const std::string& loss, DataFacts data) {
    ModelRequest request;
    request.data = std::move(data);
    try {
        const BuiltModel m = built(with_loss(loss), request);
        for (const Input& input : m.graph.inputs)
            if (input.role == InputRole::target) return input.name;
        return "none";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data);
        return error.what();
    }
}

TEST(Target, IsTheOneThatTheDataHas) {
    EXPECT_EQ(target_of("mse", {size_column, price_target}), "price");
    EXPECT_EQ(target_of("{kind: mse, target: price}", {size_column, price_target, area_target}), "price");
    EXPECT_EQ(target_of("mse", {}), "label"); // nothing is known of the data
}

TEST(Target, ThatTheDataHasNotIsRefusedWithTheNearestName) {
    EXPECT_THAT(target_of("{kind: mse, target: pric}", {size_column, price_target, area_target}),
                HasSubstr("m.yaml:3:7: the loss's target 'pric' is no column of the data; did you mean price?"));
}

TEST(Target, NoneAndSeveralAreToldApart) {
    EXPECT_THAT(target_of("mse", {size_column}), HasSubstr("the data has no target to learn"));
    EXPECT_THAT(target_of("mse", {price_target, area_target}),
                HasSubstr("the data has 2 targets (price, area); say which in the model file"));
}

TEST(Target, OfARegressionHasAsManyNumbersAsTheOutput) {
    const auto refusal = [](const std::string& units, const DataColumn& target) -> std::string {
        ModelRequest request;
        request.data = {size_column, target};
        try {
            built("inputs: {x: \"f32[N,8]\"}\nlayers: [{linear: " + units + "}]\nloss: mse\n", request);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Exit::config);
            return error.what();
        }
        return "";
    };
    const DataColumn many{"prices", "target", {3}, 0, true}, one{"price", "target", {1}, 0, true};
    EXPECT_EQ(refusal("1", price_target), "");
    EXPECT_EQ(refusal("3", many), "");
    EXPECT_EQ(refusal("1", one), "");
    EXPECT_THAT(refusal("3", price_target),
                HasSubstr("m.yaml:3:7: mse takes as many numbers a row as the target 'price' has, one, not f32[N,3]"));
    EXPECT_THAT(refusal("1", many), HasSubstr("the target 'prices' has, [3], not f32[N,1]"));
}

TEST(Target, OfARegressionIsStandardisedInTheGraph) {
    const BuiltModel one = built(with_loss("mse"));
    EXPECT_THAT(slots(one.graph),
                ElementsAre("linear.weight[1,8]", "linear.bias[1]", "loss.label.mean[]", "loss.label.std[]"));
    const BuiltModel many = built("inputs: {x: \"f32[N,8]\"}\nlayers: [{linear: 3}]\nloss: mse\n");
    EXPECT_THAT(slots(many.graph), ::testing::Contains("loss.label.std[3]"));
    const BuiltModel picture = built("inputs: {x: \"f32[N,3,4,5]\"}\nlayers: [relu]\nloss: mse\n");
    EXPECT_THAT(slots(picture.graph), ElementsAre("loss.label.mean[3,1,1]", "loss.label.std[3,1,1]"));
    for (const Slot& slot : picture.graph.slots) EXPECT_EQ(slot.kind, SlotKind::statistic);
}

} // namespace
} // namespace ds
