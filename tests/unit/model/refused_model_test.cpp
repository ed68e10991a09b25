// What is refused of model files: with file, line and key, and the exit code of whose fault it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;
using ::testing::HasSubstr;

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
    {"a_value_where_there_is_none", "inputs: {}\nlayers:\n  - relu: {from: y}\nloss: mse\n",
     "m.yaml:3:18: 'y' is neither an input nor named by 'as' before; there is none"},
    {"a_parameter_below_its_limits", "set: {depth: -1}\nlimits: {depth: [0, 9]}\n" + with_layers("  - relu\n"),
     "m.yaml:2:17: parameter 'depth' cannot be -1; it lies from 0 to 9"},
    {"a_parameter_that_is_no_number", "set: {depth: deep}\nlimits: {depth: [0, 9]}\n" + with_layers("  - relu\n"),
     "m.yaml:2:17: parameter 'depth' cannot be deep; it lies from 0 to 9"},
    {"a_parameter_of_other_words", "set: {stem: foo}\nlimits: {stem: [cifar, imagenet]}\n" + with_layers("  - relu\n"),
     "m.yaml:2:16: parameter 'stem' cannot be 'foo'; it is one of cifar, imagenet"},
    {"limits_of_no_parameter", "set: {depth: 1}\nlimits: {dept: [0, 9]}\n" + with_layers("  - relu\n"),
     "m.yaml:2:16: limits of 'dept', which is no parameter"},
    {"limits_that_are_no_list", "set: {depth: 1}\nlimits: {depth: 0}\n" + with_layers("  - relu\n"),
     "m.yaml:2:17: a list expected"},
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

} // namespace
} // namespace ds
