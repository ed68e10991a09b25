// Model files: what becomes of layers, branches, repeats, blocks and several inputs; what is refused, with file, line
// and key; and the shipped models.
#include "model/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "state/state.h"
#include "unit/files.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

BuiltModel built(const std::string& text, const ModelRequest& request = {}) {
    return build_model(Yaml::parse(text, "m.yaml"), "m", request);
}

/// The parameters and statistics as "name[shape]".
std::vector<std::string> slots(const Graph& graph) {
    std::vector<std::string> list;
    for (const Slot& slot : graph.slots) list.push_back(slot.name + text(graph.type(slot.value).shape));
    return list;
}

std::string with_layers(const std::string& layers, const std::string& input = "x: \"f32[N,8]\"") {
    return "inputs: {" + input + "}\nlayers:\n" + layers + "loss: {kind: cross_entropy, target: label}\n";
}

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

// ---- what is built ----------------------------------------------------------------------------------

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

// ---- what the loss is measured against --------------------------------------------------------------

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
    const BuiltModel plain = with("kind: category, width: 4");
    EXPECT_THAT(slots(plain.graph)[0], "city.embedding.weight[5,4]");
    EXPECT_TRUE(plain.places.empty());
}

// ---- what is refused --------------------------------------------------------------------------------

struct Refusal {
    const char* name;
    std::string file;
    const char* message; // the place first
};

const std::string image = "x: \"f32[N,4,9,9]\"", tokens = "x: \"f32[N,T,8]\"", two = "a: \"f32[N,8]\", b: \"f32[N,8]\"";

const Refusal refusals[] = {
    {"an_unknown_section", with_layers("  - relu\n") + "optimiser: sgd\n", "m.yaml:5:1: unknown key \"optimiser\""},
    {"no_layers", "inputs: {x: \"f32[N,8]\"}\nloss: mse\n", "m.yaml:1:1: the key \"layers\" is missing"},
    {"no_inputs", "layers: [relu]\nloss: mse\n", "m.yaml:1:1: the key \"inputs\" is missing"},
    {"no_loss", "inputs: {x: \"f32[N,8]\"}\nlayers: [relu]\n", "m.yaml:1:1: the key \"loss\" is missing"},
    {"layers_that_are_no_list", "inputs: {x: \"f32[N,8]\"}\nlayers: relu\nloss: mse\n", "m.yaml:2:9: a list expected"},
    {"a_key_given_twice", "inputs: {x: \"f32[N,8]\"}\ninputs: {y: \"f32[N,8]\"}\n", "m.yaml:2:1: "},
    {"an_unknown_layer", with_layers("  - relu\n  - lineer: 4\n"),
     "m.yaml:4:5: unknown layer 'lineer'; did you mean linear? known: linear, embedding, conv"},
    {"two_kinds_in_one_layer", with_layers("  - {linear: 4, relu: 1}\n"), "m.yaml:3:5: a layer has one kind"},
    {"an_unknown_option", with_layers("  - linear: {unit: 4, units: 4}\n"), "m.yaml:3:14: unknown key \"unit\""},
    {"a_missing_option", with_layers("  - linear: {bias: true}\n"), "m.yaml:3:13: linear needs 'units'"},
    {"a_layer_without_its_options", with_layers("  - linear\n"), "m.yaml:3:5: linear needs 'units'"},
    {"an_option_of_another_kind", with_layers("  - linear: many\n"),
     "m.yaml:3:13: units of linear must be a whole number, not 'many'"},
    {"a_fraction_of_a_unit", with_layers("  - linear: 2.5\n"),
     "m.yaml:3:13: units of linear must be a whole number, not '2.5'"},
    {"a_truth_that_is_none", with_layers("  - linear: {units: 4, bias: maybe}\n"),
     "m.yaml:3:30: bias of linear must be true or false, not 'maybe'"},
    {"a_negative_size", with_layers("  - linear: -4\n"), "m.yaml:3:13: units of linear cannot be -4"},
    {"an_absurd_size", with_layers("  - linear: 99999999999999\n"),
     "m.yaml:3:13: units of linear cannot be 99999999999999"},
    {"no_units", with_layers("  - linear: 0\n"), "m.yaml:3:13: units of linear cannot be 0; it is at least 1"},
    {"a_weight_beyond_memory", with_layers("  - linear: 1000000000000\n  - linear: 1000000000000\n"), "too large"},
    {"an_unknown_variable", with_layers("  - linear: ${widht}\n"), "m.yaml:3:13: 'widht' is not defined"},
    {"a_broken_expression", with_layers("  - linear: ${2 *}\n"), "m.yaml:3:13: cannot read '${2 *}'"},
    {"a_broken_expression_in_a_text", with_layers("  - relu: {name: \"a${\"}\n"),
     "m.yaml:3:18: 'a${' has a '${' without '}'"},
    {"a_name_given_twice", with_layers("  - linear: {name: a, units: 8}\n  - linear: {name: a, units: 8}\n"),
     "m.yaml:4:13: two layers are named 'a'"},
    {"a_strange_name", with_layers("  - linear: {name: a/b, units: 8}\n"), "m.yaml:3:13: the name 'a/b' has a '/'"},
    {"branches_that_do_not_fit", with_layers("  - residual: [{linear: 4}]\n"),
     "m.yaml:3:15: the body gives f32[N,4] and the shortcut f32[N,8]"},
    {"a_residual_without_a_body", with_layers("  - residual: {shortcut: [relu]}\n"),
     "m.yaml:3:15: residual needs 'body'"},
    {"a_value_that_nobody_named", with_layers("  - relu: {from: y}\n"),
     "m.yaml:3:18: 'y' is neither an input nor named by 'as' before; known: x"},
    {"several_inputs_and_no_from", with_layers("  - linear: 4\n", two),
     "m.yaml:3:5: linear needs 'from': the model has several inputs"},
    {"a_sum_of_one", with_layers("  - add: {from: a}\n", two), "m.yaml:3:5: add needs 'from' with two or more values"},
    {"a_concat_that_does_not_fit", with_layers("  - concat: {from: [a, b]}\n", "a: \"f32[N,8]\", b: \"f64[N,8,2]\""),
     "m.yaml:3:5: node 'concat' (concat of a f32[N,8], b f32[N,8,2])"},
    {"an_unknown_block", with_layers("  - use: basic\n"), "m.yaml:3:10: there is no block 'basic'"},
    {"a_block_in_itself", "blocks: {b: {layers: [{use: b}]}}\n" + with_layers("  - use: b\n"),
     "m.yaml:1:22: layers are nested too deeply"},
    {"an_unknown_key_of_a_block", "blocks: {b: {layer: [relu]}}\n" + with_layers("  - use: b\n"),
     "m.yaml:1:14: unknown key \"layer\""},
    {"a_repeat_without_a_body", with_layers("  - repeat: {times: 2}\n"), "m.yaml:3:13: repeat needs 'body'"},
    {"too_many_repeats", with_layers("  - repeat: {times: 1000000, body: [relu]}\n"),
     "m.yaml:3:13: repeat: 1000000 times is too often"},
    {"repeats_that_multiply", with_layers("  - repeat: {times: 9999, body: [{repeat: {times: 9999, body: [relu]}}]}\n"),
     "the model has more than 20000 layers"},
    {"a_when_without_if", with_layers("  - when: {then: [relu]}\n"), "m.yaml:3:11: when needs 'if'"},
    {"a_convolution_of_rows", with_layers("  - conv: 4\n"), "m.yaml:3:5: conv takes a value of 4 axes, not f32[N,8]"},
    {"groups_that_do_not_divide", with_layers("  - conv: {channels: 6, groups: 4}\n", image),
     "m.yaml:3:5: conv: 4 groups do not divide 4 and 6 channels"},
    {"a_window_of_three_sizes", with_layers("  - conv: {channels: 6, kernel: [3, 3, 3]}\n", image),
     "m.yaml:3:33: kernel of conv is one number or [height, width]"},
    {"a_window_larger_than_the_image", with_layers("  - max_pool: 10\n", image), "m.yaml:3:5: node 'max_pool'"},
    {"no_window", with_layers("  - conv: {channels: 6, kernel: 0}\n", image),
     "m.yaml:3:33: kernel of conv cannot be 0"},
    {"a_stride_of_nothing", with_layers("  - conv: {channels: 6, stride: 0}\n", image),
     "m.yaml:3:33: stride of conv cannot be 0"},
    {"heads_that_do_not_divide", with_layers("  - attention: 3\n", tokens),
     "m.yaml:3:5: attention: 3 heads do not divide the width 8"},
    {"a_size_that_is_open", with_layers("  - flatten\n  - linear: 4\n", tokens),
     "m.yaml:4:5: linear needs a known size at axis 1 of f32[N,8*T]"},
    {"a_pad_that_is_a_word", with_layers("  - conv: {channels: 6, pad: valid}\n", image),
     "m.yaml:3:30: pad of conv is same, a whole number (0 for none) or [height, width], not 'valid'"},
    {"a_name_of_an_input_given_anew", with_layers("  - relu: {as: x}\n"),
     "m.yaml:3:11: as: 'x' is an input; give the value another name"},
    {"columns_that_the_data_lacks", with_layers("  - columns: numbr\n"),
     "m.yaml:3:5: the data has no column of kind 'numbr' that is not an input already"},
    {"a_key_of_another_layer", with_layers("  - reshape: {to: \"[N,8]\"}\n"),
     "m.yaml:3:15: unknown key \"to\"; known: shape, name, from, as"},
    {"a_key_of_a_layer_without_any", with_layers("  - relu: {slope: 1}\n"),
     "m.yaml:3:12: unknown key \"slope\"; known: name, from, as"},
    {"a_value_for_a_layer_without_any", with_layers("  - relu: 3\n"), "m.yaml:3:11: relu takes no value of its own"},
    {"a_shape_that_is_none", with_layers("  - reshape: \"f32[N,8]\"\n"), "m.yaml:3:5: "},
    {"a_parameter_that_a_block_lacks",
     "blocks: {b: {with: {units: 4}, layers: [{linear: \"${units}\"}]}}\n" +
         with_layers("  - use: {block: b, unit: 4}\n"),
     "m.yaml:4:21: unknown key \"unit\"; did you mean units? known: units, block, name, from, as"},
    {"a_parameter_called_like_an_option",
     "blocks: {b: {with: {name: 4}, layers: [{linear: \"${name}\"}]}}\n" +
         with_layers("  - use: {block: b, name: 3}\n"),
     "m.yaml:1:27: a parameter cannot be called 'name', which is an option of use"},
    {"an_input_name_that_is_no_expression", with_layers("  - linear: 4\n", "\"${foo}\": \"f32[N,8]\""),
     "m.yaml:1:20: input '${foo}': 'foo' is not defined"},
    {"a_block_of_another_name", "blocks: {basic: {layers: [relu]}}\n" + with_layers("  - use: basik\n"),
     "m.yaml:4:10: there is no block 'basik'; did you mean basic? known: basic"},
    {"two_values_where_one_is_taken", with_layers("  - linear: {units: 4, from: [a, b]}\n", two),
     "m.yaml:3:13: linear takes one value; join several by concat or add"},
    {"columns_from_a_value", with_layers("  - columns: {from: a}\n", two), "m.yaml:3:14: columns takes no value from"},
    {"an_axis_that_is_not_there", with_layers("  - concat: {from: [a, b], axis: 2}\n", two),
     "m.yaml:3:5: concat: there is no axis 2 in f32[N,8]"},
    {"an_initialisation_without_its_number", with_layers("  - linear: {units: 4, init: normal}\n"),
     "m.yaml:3:30: the initialisation normal needs a number: normal(DEVIATION)"},
    {"an_initialisation_with_a_number_too_many", with_layers("  - linear: {units: 4, init: he_normal(2)}\n"),
     "m.yaml:3:30: the initialisation he_normal takes no number"},
    {"a_negative_deviation", with_layers("  - linear: {units: 4, init: normal(-1)}\n"),
     "m.yaml:3:30: the DEVIATION of normal(-1) cannot be negative"},
    {"a_deviation_that_is_a_word", with_layers("  - linear: {units: 4, init: normal(small)}\n"),
     "m.yaml:3:30: 'normal(small)' is not an initialisation: DEVIATION is a number"},
    {"a_negative_eps", with_layers("  - layer_norm: {eps: -1}\n"), "m.yaml:3:23: eps of layer_norm cannot be -1"},
    {"a_momentum_above_one", with_layers("  - batch_norm: {momentum: 9}\n"),
     "m.yaml:3:28: momentum of batch_norm cannot be 9; it lies from 0 to 1"},
    {"groups_of_channels_that_do_not_divide", with_layers("  - group_norm: 3\n", image),
     "m.yaml:3:5: group_norm: 3 groups do not divide 4 channels"},
    {"half_a_unit_by_division", with_layers("  - linear: \"${5 / 2}\"\n"),
     "m.yaml:3:13: units of linear must be a whole number, not '2.5'"},
    {"a_mistake_deep_inside",
     "blocks: {b: {layers: [{repeat: {times: 2, name: \"part${i}\", body: [{attention: {heads: \"${3 + i}\"}}]}}]}}\n" +
         with_layers("  - use: {block: b, name: stage}\n", "x: \"f32[N,T,9]\""),
     "attention: 4 heads do not divide the width 9 (in stage.part1, i = 1)"},
    {"dropping_all", with_layers("  - dropout: 1\n"),
     "m.yaml:3:5: dropout takes a probability from 0 to below 1, not 1"},
    {"an_unknown_initialisation", with_layers("  - linear: {units: 4, init: he_norml}\n"),
     "m.yaml:3:30: unknown initialisation 'he_norml'; did you mean he_normal? known: zeros"},
    {"an_initialisation_that_is_not_closed", with_layers("  - linear: {units: 4, init: \"normal(0.1\"}\n"),
     "m.yaml:3:30: 'normal(0.1' is not an initialisation: where does it end?"},
    {"a_bad_input_type", with_layers("  - relu\n", "x: \"f33[N]\""), "m.yaml:1:13: input 'x': "},
    {"an_input_that_is_also_the_target", with_layers("  - linear: 4\n", "label: \"f32[N,8]\""),
     "m.yaml:1:1: graph 'm': the name 'label' stands for two things"},
    {"an_unknown_loss", "inputs: {x: \"f32[N,8]\"}\nlayers: [relu]\nloss: {kind: l1}\n",
     "m.yaml:3:14: unknown loss 'l1'; known: cross_entropy, binary_cross_entropy, mse"},
    {"an_unknown_key_of_the_loss", "inputs: {x: \"f32[N,8]\"}\nlayers: [relu]\nloss: {kind: mse, targt: y}\n",
     "m.yaml:3:19: unknown key \"targt\""},
    {"logits_of_a_wrong_shape", "inputs: {x: \"f32[N,8,2]\"}\nlayers: [relu]\nloss: {kind: binary_cross_entropy}\n",
     "m.yaml:3:7: binary_cross_entropy takes logits [N], [N,1] or [N,labels], not f32[N,8,2]"},
};

TEST(ModelFile, AParameterThatTheDataLacksIsTheDatasFault) {
    try {
        built("set: {classes: \"${data.classes}\"}\n" + with_layers("  - relu\n"));
        FAIL() << "nothing was refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data);
        EXPECT_THAT(error.what(), HasSubstr("the data has no target with classes, which parameter 'classes'"));
        EXPECT_THAT(error.what(), HasSubstr("(m.yaml:1:16)"));
    }
}

class RefusedModel : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedModel, NamesFileLineAndWhat) {
    try {
        built(GetParam().file);
        FAIL() << "nothing was refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::config) << error.what();
        EXPECT_THAT(error.what(), ::testing::StartsWith("m.yaml:"));
        EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(Files, RefusedModel, ::testing::ValuesIn(refusals),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RefusedModels, OverridesAndSmoothingThatAModelDoesNotHaveAreWrongUsage) {
    auto refusal = [](const std::string& file, const ModelRequest& request) -> std::string {
        try {
            built(file, request);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Exit::usage);
            return error.what();
        }
        return "";
    };
    ModelRequest request;
    request.set = {{"widht", "3"}};
    EXPECT_THAT(
        refusal("set: {width: 4, depth: 2}\n" + with_layers("  - relu\n"), request),
        HasSubstr("--set widht=3: the model has no parameter 'widht'; did you mean width? known: width, depth"));
}

TEST(RefusedModels, AModelThatIsNotThereIsNamed) {
    ModelRequest request;
    request.model = "./no/such.yaml";
    try {
        build_model(request);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::no_input);
        EXPECT_THAT(error.what(), HasSubstr("no/such.yaml"));
    }
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

// ---- what is shipped --------------------------------------------------------------------------------

struct Shipped {
    const char* model;
    std::map<std::string, std::string> set;
    DataFacts data;
    int64_t parameters;            // their elements
    std::vector<std::string> some; // of their names
};

const DataColumn label{"label", "target", {}, 10, true};

const Shipped shipped[] = {
    {"mlp",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}, label},
     269'322,
     {"hidden0.weight", "hidden1.bias", "classifier.weight"}},
    {"fashion-cnn",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}, label},
     467'818,
     {"conv1.weight", "conv4.bias", "hidden.weight", "classifier.bias"}},
    {"resnet18",
     {{"classes", "1000"}},
     {{"image", "image", {3, 224, 224}, 0, false}, label},
     11'689'512,
     {"stem.conv.weight", "stem.norm.scale", "stage1.block0.conv1.weight", "stage4.block0.shortcut.conv.weight",
      "stage4.block1.norm2.bias", "classifier.weight"}},
    {"resnet18",
     {{"stem", "cifar"}},
     {{"image", "image", {3, 32, 32}, 0, false}, label},
     11'173'962,
     {"stem.conv.weight"}},
    {"gpt-tiny",
     {},
     {},
     10'942'464,
     {"token.weight", "position.weight", "block0.norm1.scale", "block5.attention.qkv.weight",
      "block5.attention.projection.bias", "block3.expand.weight", "block3.contract.bias", "norm.bias", "head.weight"}},
    {"unet",
     {},
     {{"image", "image", {3, 50, 61}, 0, false}, {"mask", "mask", {50, 61}, 3, true}},
     488'035,
     {"down0.conv1.weight", "down2.norm2.scale", "bottom.conv1.weight", "up2.conv1.weight", "up0.conv2.weight",
      "classifier.bias"}},
    {"autoencoder",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}},
     479'297,
     {"down0.conv.weight", "down1.norm.scale", "code.weight", "spread.bias", "up0.conv.weight", "output.bias"}},
    {"autoencoder",
     {},
     {{"image", "image", {3, 50, 61}, 0, false}}, // of sides that are not halved evenly
     1'027'971,
     {"down2.conv.weight", "up2.norm.scale", "output.weight"}},
    {"autoencoder", {}, {{"image", "image", {1, 3, 2}, 0, false}}, 14'113, {"down0.conv.weight"}},
    {"table-autoencoder",
     {},
     {{"size", "number", {}, 0, false}, {"age", "number", {}, 0, false, false, 3}, {"price", "target", {}, 0, true}},
     1'031,
     {"wide.weight", "code.weight", "output.bias"}},
    {"embedder",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}, label},
     474'784,
     {"conv1.weight", "conv4.bias", "hidden.weight", "embedding.bias"}},
    {"two-input",
     {},
     {{"user", "category", {}, 100, false},
      {"item", "category", {}, 50, false},
      {"price", "number", {}, 0, false},
      {"age", "number", {}, 0, false},
      {"click", "target", {}, 0, true}},
     9'889,
     {"user_embedding.weight", "item_embedding.weight", "hidden1.weight", "hidden2.bias", "score.weight"}},
    {"tabular",
     {},
     {{"city", "category", {}, 2, false},
      {"price", "number", {}, 0, false, false, 3}, // three missing: a mark beside it
      {"age", "number", {}, 0, false},
      {"kind", "target", {}, 3, true}},
     33'825,
     {"city.embedding.weight", "input.weight", "block1.contract.bias", "output.weight", "direct.weight"}},
};

TEST(ShippedModels, HaveTheParametersThatTheirPapersSay) {
    for (const Shipped& s : shipped) {
        ModelRequest request;
        request.model = testing::shipped_model(s.model);
        request.set = s.set;
        request.data = s.data;
        const Graph graph = build_model(request).graph;
        EXPECT_EQ(graph.name, s.model);
        int64_t elements = 0;
        for (const Slot& slot : graph.slots)
            if (slot.kind == SlotKind::parameter) elements += count(dims(graph.type(slot.value).shape));
        EXPECT_EQ(elements, s.parameters) << s.model;
        for (const std::string& name : s.some) EXPECT_TRUE(graph.find_slot(name)) << s.model << ": " << name;
    }
}

/// The standard deviation of a slot's elements.
double deviation(const State& state, const std::string& slot) {
    const Tensor& weight = state.at(slot);
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < weight.size(); ++i) {
        sum += weight.as<float>()[i];
        squares += double(weight.as<float>()[i]) * weight.as<float>()[i];
    }
    const double mean = sum / double(weight.size());
    return std::sqrt(squares / double(weight.size()) - mean * mean);
}

TEST(ShippedModels, ResidualBranchesOfGptStartSmallerTheDeeperItIs) { // Radford et al. 2019
    for (const int depth : {1, 4, 12}) {
        ModelRequest request;
        request.model = testing::shipped_model("gpt-tiny");
        request.set = {{"width", "128"}, {"depth", std::to_string(depth)}};
        const Graph graph = build_model(request).graph;
        State state;
        initialise(graph, state, 1);
        const std::string last = "block" + std::to_string(depth - 1);
        const double wanted = 0.02 / std::sqrt(2.0 * depth);
        for (const char* name : {".attention.projection.weight", ".contract.weight"})
            EXPECT_NEAR(deviation(state, last + name), wanted, 0.03 * wanted) << depth << name;
        for (const char* name : {".attention.qkv.weight", ".expand.weight"})
            EXPECT_NEAR(deviation(state, last + name), 0.02, 0.03 * 0.02) << depth << name;
    }
}

} // namespace
} // namespace ds
