// Graph texts that are refused: each with its line and the rule it breaks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "graph/text.h"

namespace ds {
namespace {

struct Malformed {
    const char* name;
    const char* lines;   // between the braces of the graph; they start at line 2
    const char* message; // behind "FILE: "
};

const Malformed table[] = {
    {"a_cycle",
     "%0 = unary(%1) kind=relu alpha=1 beta=0 : f32[4] \"a\"\n%1 = unary(%0) kind=relu alpha=1 beta=0 : f32[4] \"b\"",
     "graph text, line 2: '%1' is used before it is defined"},
    {"itself", "%0 = unary(%0) kind=relu alpha=1 beta=0 : f32[4] \"a\"", "line 2: '%0' is used before it is defined"},
    {"an_undefined_value", "input x: f32[4]\noutput y = z", "line 3: 'z' is used before it is defined"},
    {"a_type_that_is_wrong", "input x: f32[4]\n\n%0 = unary(x) kind=relu alpha=1 beta=0 : f32[5] \"act\"",
     "line 4: node 'act' (unary) gives f32[4], the text says f32[5]"},
    {"operands_that_do_not_fit", "input x: f32[4,3]\ninput w: f32[8,5]\n%0 = linear(x, w) : f32[4,8] \"fc\"",
     "line 4: node 'fc' (linear of x f32[4,3], w f32[8,5]): "},
    {"too_few_operands", "input x: f32[4,3]\n%0 = linear(x) : f32[4,8] \"fc\"",
     "line 3: node 'fc' (linear of x f32[4,3]): takes 2 to 3 inputs, not 1"},
    {"a_missing_attribute", "input x: f32[4]\n%0 = unary(x) alpha=1 beta=0 : f32[4] \"act\"",
     "line 3: unary lacks the attribute 'kind'"},
    {"an_unknown_attribute", "input x: f32[4]\n%0 = unary(x) kind=relu slope=2 : f32[4] \"a\"",
     "line 3: unary has no attribute 'slope'"},
    {"an_attribute_given_twice", "input x: f32[4]\n%0 = unary(x) kind=relu kind=exp : f32[4] \"a\"",
     "line 3: 'kind' is given twice"},
    {"an_unknown_kind", "input x: f32[4]\n%0 = unary(x) kind=rulu alpha=1 beta=0 : f32[4] \"a\"",
     "line 3: kind cannot be 'rulu'"},
    {"an_unknown_op", "input x: f32[4]\n%0 = unnary(x) kind=relu : f32[4] \"a\"",
     "line 3: unknown op 'unnary'; did you mean unary?"},
    {"a_name_given_twice", "input x: f32[4]\nslot x: f32[4] kind=parameter init=zeros", "line 3: 'x' is defined twice"},
    {"a_value_given_twice",
     "input x: f32[4]\n%0 = cast(x) dtype=f64 : f64[4] \"a\"\n%0 = cast(x) dtype=f64 : f64[4] \"b\"",
     "line 4: '%0' is defined twice"},
    {"an_output_given_twice", "input x: f32[4]\noutput y = x\noutput y = x", "two outputs are named 'y'"},
    {"a_slot_written_twice", "slot w: f32[4] kind=parameter init=zeros\nwrite w = w\nwrite w = w",
     "slot 'w' is written twice"},
    {"a_write_of_another_type", "input x: f32[5]\nslot w: f32[4] kind=parameter init=zeros\nwrite w = x",
     "slot 'w' is f32[4] and is written with f32[5]"},
    {"a_write_to_no_slot", "input x: f32[5]\nwrite x = x", "'x' is written and is no slot"},
    {"a_slot_that_follows_nothing", "slot m: f32[4] kind=moment init=zeros follows=w",
     "slot 'm' follows 'w', which does not exist"},
    {"an_objective_that_is_no_number", "input x: f32[5]\noutput loss = x objective=true",
     "the objective 'loss' is f32[5], not one number"},
    {"an_objective_without_its_count", "input x: f32[]\noutput loss = x objective=true",
     "the objective 'loss' has no output 'loss.count'"},
    {"an_unknown_role", "input x: f32[4] role=dta", "line 2: unknown name 'dta'"},
    {"an_unknown_slot_kind", "slot w: f32[4] kind=weight init=zeros", "line 2: unknown name 'weight'"},
    {"an_unknown_initialisation", "slot w: f32[4] kind=parameter init=he_norml",
     "slot 'w' has the unknown initialisation 'he_norml'"},
    {"an_unknown_dtype", "input x: f33[4]", "line 2: 'f33[4]' has an unknown element type"},
    {"a_wait_for_an_input", "input x: f32[4]\n%0 = unary(x) kind=relu alpha=1 beta=0 waits_for=[x] : f32[4] \"a\"",
     "line 3: 'waits_for' names no node"},
    {"a_size_beyond_memory", "input x: f32[4611686018427387904]", "'x' is too large: f32[4611686018427387904]"},
    {"sizes_whose_product_overflows", "input x: f32[4294967296,4294967296,4294967296]", "'x' is too large"},
    {"a_size_beyond_64_bits", "input x: f32[99999999999999999999]", "line 2: "},
    {"a_negative_size", "input x: f32[-4]", "line 2: 'f32[-4]' has a negative size"},
    {"too_many_axes", "input x: f32[1,1,1,1,1,1,1,1,1]", "line 2: 'f32[1,1,1,1,1,1,1,1,1]' has more than 8 sizes"},
    {"a_dilation_that_overflows",
     "input x: f32[N,3,8,8]\ninput w: f32[4,3,3,3]\n"
     "%0 = conv2d(x, w) stride=[1,1] pad=[0,0,0,0] dilation=[4611686018427387904,1] groups=1 : f32[N,4,6,6] \"c\"",
     "line 4: node 'c' (conv2d of x f32[N,3,8,8], w f32[4,3,3,3]): a size overflows 64 bits"},
    {"pads_that_overflow",
     "input x: f32[N,3,8,8]\n%0 = avg_pool2d(x) kernel=[4611686018427387905,2] stride=[1,1] "
     "pad=[4611686018427387904,0,4611686018427387904,0] count_pad=false : f32[N,3,8,7] \"p\"",
     "line 3: node 'p' (avg_pool2d of x f32[N,3,8,8]): a size overflows 64 bits"},
    {"a_window_that_overflows",
     "input x: f32[N,3,8,8]\n%0, %1 = max_pool2d(x) kernel=[4611686018427387904,4] stride=[1,1] pad=[0,0,0,0] "
     "count_pad=false : f32[N,3,8,8], u8[N,3,8,8] \"p\"",
     "line 3: node 'p' (max_pool2d of x f32[N,3,8,8]): the window has at most 256 elements"},
    {"a_pad_to_absurd_size",
     "input x: f32[4]\n%0 = pad(x) before=[4611686018427387904] after=[0] value=0 : f32[4611686018427387908] \"p\"",
     "too large"},
    {"a_constant_with_a_count_of_its_own", "%0 = constant() dtype=f32 shape=[3] values=[1,2] : f32[3] \"c\"",
     "line 2: node 'c' (constant of ): "},
    {"no_closing_bracket", "input x: f32[4", "line 2: '[' is not closed"},
    {"no_closing_quote", "input x: f32[4]\n%0 = cast(x) dtype=f64 : f64[4] \"a",
     "line 3: a name runs over the end of the line"},
    {"an_operand_that_may_not_be_absent", "input w: f32[8,3]\n%0 = linear(_, w) : f32[4,8] \"fc\"",
     "line 3: node 'fc' (linear of _, w f32[8,3]): needs operand 0"},
    {"only_absent_operands", "%0 = unary(_) kind=relu alpha=1 beta=0 : f32[4] \"a\"",
     "line 2: node 'a' (unary of ): takes 1 to 1 inputs, not 0"},
    {"a_tag_that_is_no_truth", "input x: f32[4]\n%0 = cast(x) dtype=f64 frozen=1 : f64[4] \"a\"",
     "line 3: expected true or false, not '1'"},
    {"a_stage_below_none", "input x: f32[4]\n%0 = cast(x) dtype=f64 stage=-2 : f64[4] \"a\"",
     "node 'a' is of stage -2"},
    {"a_gradient_of_no_slot", "input x: f32[4]\ngradient x = x", "the gradient of 'x' is given, which is no slot"},
    {"two_gradients", "slot w: f32[4] kind=parameter init=zeros\ngradient w = w\ngradient w = w",
     "slot 'w' has two gradients"},
    {"a_gradient_of_another_type", "input x: f32[5]\nslot w: f32[4] kind=parameter init=zeros\ngradient w = x",
     "slot 'w' is f32[4] and its gradient f32[5]"},
    {"a_gradient_that_nothing_makes", "slot w: f32[4] kind=parameter init=zeros\ngradient w = %3",
     "line 3: '%3' is used before it is defined"},
    {"a_strange_line", "ouput y = x", "line 2: 'ouput' starts no line of a graph"},
};

std::string refusal(const std::string& text) {
    try {
        parse_graph(text, "FILE");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data);
        return error.what();
    }
    return "nothing was refused";
}

class MalformedText : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedText, IsRefused) {
    const std::string said = refusal("graph \"g\" {\n" + std::string(GetParam().lines) + "\n}\n");
    EXPECT_THAT(said, ::testing::StartsWith("FILE: graph"));
    EXPECT_THAT(said, ::testing::HasSubstr(GetParam().message));
    EXPECT_EQ(said.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Texts, MalformedText, ::testing::ValuesIn(table),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(MalformedGraph, TextThatIsNoGraphOrMoreThanOneIsRefused) {
    EXPECT_THAT(refusal(""), ::testing::HasSubstr("line 1: expected 'graph' at the end"));
    EXPECT_THAT(refusal("grph \"g\" {}"), ::testing::HasSubstr("line 1: a graph starts with 'graph \"name\" {'"));
    EXPECT_THAT(refusal("graph \"g\" {"), ::testing::HasSubstr("at the end"));
    EXPECT_THAT(refusal("graph \"g\" {}\ngraph \"h\" {}"), ::testing::HasSubstr("line 2: text after the graph's end"));
}

TEST(MalformedGraph, BodiesAreNotNestedWithoutEnd) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "graph \"g\" { %0 = fused() pattern=\"chain\" body={ ";
    EXPECT_THAT(refusal(text), ::testing::HasSubstr("line 1: graphs are nested too deeply"));
}

} // namespace
} // namespace ds
