// Shape rules: a table of operands that are right, sizes known and symbolic, with the types that follow; and a table
// of operands that are wrong, with words of the message. Operands and attributes are written as in the graph's text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "graph/text.h"

namespace ds::testing {
namespace {

struct Row {
    std::string call;            // "matmul(a, b) ta=false tb=true"
    std::vector<std::string> in; // types of a, b, c ...
    std::string out;             // types of the results, or words of the refusal
};

/// What the parser says of a graph with these inputs and this node; "" when it takes it.
std::string message_of(const Row& r, const std::string& results) {
    std::string text = "graph \"g\" {\n";
    for (size_t i = 0; i < r.in.size(); ++i) text += std::string("  input ") + char('a' + i) + ": " + r.in[i] + "\n";
    text += "  %0";
    for (int64_t i = 1; i <= std::count(results.begin(), results.end(), ' '); ++i) text += ", %" + std::to_string(i);
    try {
        parse_graph(text + " = " + r.call + " : " + results + " \"node\"\n}\n", "table");
    } catch (const Error& error) {
        return error.code() == Exit::data ? error.what() : "another code than data";
    }
    return "";
}

TEST(ShapeRules, Right) {
    const std::string conv = " stride=[2,1] pad=[1,0,1,2] dilation=[1,2] groups=1";
    const Row rows[] = {
        {"unary(a) kind=relu alpha=1 beta=0", {"f32[N,3]"}, "f32[N,3]"},
        {"unary(a) kind=is_finite alpha=1 beta=0", {"f32[N,3]"}, "bool[N,3]"},
        {"binary(a, b) kind=add", {"f32[N,1,4]", "f32[3,1]"}, "f32[N,3,4]"},
        {"binary(a, b) kind=lt", {"i32[N]", "i32[]"}, "bool[N]"},
        {"binary(a, b) kind=add", {"f32[N*T,4]", "f32[N*T,1]"}, "f32[N*T,4]"},
        {"select(a, b, c)", {"bool[N,1]", "f32[4]", "f32[]"}, "f32[N,4]"},
        {"cast(a) dtype=i64", {"f32[N]"}, "i64[N]"},
        {"reduce(a) kind=sum axes=[] keep=false", {"f32[N,3]"}, "f32[]"},
        {"reduce(a) kind=mean axes=[0,2] keep=true", {"f32[N,3,H]"}, "f32[1,3,1]"},
        {"argmax(a) axis=1", {"f32[N,10]"}, "i32[N]"},
        {"reshape(a) shape=[N,12]", {"f32[N,3,4]"}, "f32[N,12]"},
        {"reshape(a) shape=[N*T,8]", {"f32[N,T,8]"}, "f32[N*T,8]"},
        {"transpose(a) perm=[1,2,0]", {"f32[N,3,4]"}, "f32[3,4,N]"},
        {"broadcast(a) shape=[N,3]", {"f32[3]"}, "f32[N,3]"},
        {"concat(a, b) axis=0", {"f32[N,3]", "f32[2,3]"}, "f32[N+2,3]"},
        {"slice(a) axis=1 start=2 length=3", {"f32[N,9]"}, "f32[N,3]"},
        {"pad(a) before=[0,1] after=[0,2] value=0", {"f32[N,3]"}, "f32[N,6]"},
        {"gather(a, b)", {"f32[9,4]", "i32[N,T]"}, "f32[N,T,4]"},
        {"gather_dw(a, b) rows=9", {"f32[N,T,4]", "i32[N,T]"}, "f32[9,4]"},
        {"update_slice(a, b, c) axis=1", {"f32[N,9,4]", "f32[N,1,4]", "i64[]"}, "f32[N,9,4]"},
        {"matmul(a, b) ta=false tb=true", {"f32[N,T,8]", "f32[5,8]"}, "f32[N,T,5]"},
        {"matmul(a, b) ta=true tb=false", {"f32[3,8,T]", "f32[1,8,4]"}, "f32[3,T,4]"},
        {"linear(a, b, c)", {"f32[N,T,8]", "f32[5,8]", "f32[5]"}, "f32[N,T,5]"},
        {"linear_dx(a, b)", {"f32[N,5]", "f32[5,8]"}, "f32[N,8]"},
        {"linear_dw(a, b) bias=true", {"f32[N,8]", "f32[N,5]"}, "f32[5,8], f32[5]"},
        {"conv2d(a, b)" + conv, {"f32[N,3,9,8]", "f32[6,3,3,2]"}, "f32[N,6,5,8]"},
        {"conv2d(a, b)" + conv, {"f32[N,3,H,8]", "f32[6,3,3,2]"}, "f32[N,6,floor(H-1,2)+1,8]"},
        {"max_pool2d(a) kernel=[2,2] stride=[2,2] pad=[0,0,0,0] count_pad=false",
         {"f32[N,3,9,8]"},
         "f32[N,3,4,4], u8[N,3,4,4]"},
        {"avg_pool2d(a) kernel=[3,3] stride=[2,2] pad=[1,1,1,1] count_pad=false", {"f32[N,3,9,8]"}, "f32[N,3,5,4]"},
        {"batch_norm(a, b, b, b, b) eps=0.1 momentum=0.1", {"f32[N,3,9]", "f32[3]"}, "f32[N,3,9]"},
        {"batch_norm_train(a, b, b, b, b) eps=0.1 momentum=0.1",
         {"f32[N,3]", "f32[3]"},
         "f32[N,3], f32[3], f32[3], f32[3], f32[3]"},
        {"layer_norm(a, b, b) eps=0.1", {"f32[N,T,3]", "f32[3]"}, "f32[N,T,3], f32[N,T], f32[N,T]"},
        {"rms_norm(a, b) eps=0.1", {"f32[N,3]", "f32[3]"}, "f32[N,3], f32[N]"},
        {"group_norm(a, b, b) groups=2 eps=0.1", {"f32[N,4,9]", "f32[4]"}, "f32[N,4,9], f32[N,2], f32[N,2]"},
        {"softmax(a) axis=1", {"f32[N,3]"}, "f32[N,3]"},
        {"cross_entropy(a, b) smoothing=0 ignore_index=-100", {"f32[N,T,9]", "i64[N,T]"}, "f32[N,T], f32[N,T]"},
        {"cross_entropy(a, b) smoothing=0.1 ignore_index=-100", {"f32[N,9]", "f32[N,9]"}, "f32[N], f32[N]"},
        {"attention(a, b, b) causal=true scale=0", {"f32[N,T,6,8]", "f32[N,S,2,8]"}, "f32[N,T,6,8], f32[N,6,T]"},
        {"attention(a, b, b, c) causal=false scale=0",
         {"f32[N,T,6,8]", "f32[N,S,2,8]", "bool[N,1,1,S]"},
         "f32[N,T,6,8], f32[N,6,T]"},
        {"dropout_train(a, b, b, c) p=0.5 stream=0", {"f32[N,3]", "i64[]", "i64[N]"}, "f32[N,3]"},
        {"sgd_update(a, a, b, b, c) momentum=0 weight_decay=0 nesterov=false", {"f32[3]", "f32[]", "bool[]"}, "f32[3]"},
        {"global_norm(a, b)", {"f32[3]", "f32[4,5]"}, "f32[]"},
        {"constant() dtype=f32 shape=[N,2] values=[1]", {}, "f32[N,2]"},
    };
    for (const Row& r : rows) EXPECT_EQ(message_of(r, r.out), "") << r.call;
}

TEST(ShapeRules, Wrong) {
    const std::string conv = " stride=[1,1] pad=[0,0,0,0] dilation=[1,1] groups=1",
                      two = " stride=[1,1] pad=[0,0,0,0] dilation=[1,1] groups=2";
    const std::string pool = " stride=[2,2] pad=[0,0,0,0] count_pad=false", norm = " eps=0.1 momentum=0.1";
    const std::string loss = " smoothing=0 ignore_index=-100", sgd = " momentum=0 weight_decay=0 nesterov=false";
    const Row rows[] = {
        {"unary(a) kind=relu alpha=1 beta=0", {"i32[4]"}, "floating-point"},
        {"unary(a) kind=logical_not alpha=1 beta=0", {"f32[4]"}, "takes bool"},
        {"unary(a, a) kind=relu alpha=1 beta=0", {"f32[4]"}, "takes 1 to 1 inputs, not 2"},
        {"unary_dx(a, b) kind=relu alpha=1 beta=0", {"f32[4]", "f32[5]"}, "one type"},
        {"binary(a, b) kind=add", {"f32[4]", "f32[5]"}, "[4] and [5] do not broadcast"},
        {"binary(a, b) kind=add", {"f32[N]", "f32[T]"}, "[N] and [T] do not broadcast"},
        {"binary(a, b) kind=add", {"f32[N]", "f32[4]"}, "do not broadcast"},
        {"binary(a, b) kind=add", {"f32[4]", "f64[4]"}, "one dtype"},
        {"binary(a, b) kind=add", {"bool[4]", "bool[4]"}, "numbers"},
        {"binary(a, b) kind=logical_and", {"f32[4]", "f32[4]"}, "bool"},
        {"select(a, b, b)", {"f32[4]", "f32[4]"}, "condition is bool"},
        {"select(a, b, c)", {"bool[4]", "f32[4]", "i32[4]"}, "one dtype"},
        {"constant() dtype=f32 shape=[3] values=[1,2]", {}, "one value, or one for each element"},
        {"reduce(a) kind=sum axes=[2] keep=false", {"f32[4,5]"}, "axis 2 does not exist in f32[4,5]"},
        {"reduce(a) kind=sum axes=[-1] keep=false", {"f32[4,5]"}, "axis -1"},
        {"reduce(a) kind=sum axes=[1,0] keep=false", {"f32[4,5]"}, "ascending"},
        {"reduce(a) kind=sum axes=[1,1] keep=false", {"f32[4,5]"}, "ascending and differ"},
        {"reduce(a) kind=sum axes=[] keep=false", {"bool[4]"}, "numbers"},
        {"argmax(a) axis=1", {"f32[4]"}, "axis 1"},
        {"reshape(a) shape=[5]", {"f32[2,3]"}, "cannot reshape f32[2,3] to [5]"},
        {"reshape(a) shape=[N,5]", {"f32[N,4]"}, "cannot reshape"},
        {"transpose(a) perm=[0,0]", {"f32[2,3]"}, "each axis once"},
        {"transpose(a) perm=[0]", {"f32[2,3]"}, "each axis once"},
        {"transpose(a) perm=[0,2]", {"f32[2,3]"}, "each axis once"},
        {"broadcast(a) shape=[2,4]", {"f32[3]"}, "do not broadcast"},
        {"broadcast(a) shape=[3]", {"f32[2,3]"}, "does not broadcast"},
        {"concat(a, b) axis=0", {"f32[2,3]", "f32[2,4]"}, "joined axis only"},
        {"concat(a, b) axis=0", {"f32[2,3]", "f64[2,3]"}, "one dtype and rank"},
        {"concat(a) axis=2", {"f32[2,3]"}, "axis 2"},
        {"slice(a) axis=0 start=2 length=3", {"f32[4]"}, "[2, 5) lies outside axis 0 of f32[4]"},
        {"slice(a) axis=0 start=-1 length=3", {"f32[4]"}, "not negative"},
        {"slice(a) axis=0 start=1 length=-1", {"f32[4]"}, "not negative"},
        {"slice(a) axis=1 start=0 length=1", {"f32[4]"}, "axis 1"},
        {"pad(a) before=[1] after=[1] value=0", {"f32[4,4]"}, "for each axis"},
        {"gather(a, b)", {"f32[4,3]", "f32[2]"}, "i32 or i64"},
        {"gather(a, b)", {"f32[]", "i32[2]"}, "has rows"},
        {"gather_dw(a, b) rows=4", {"f32[3,4]", "i32[2]"}, "starts with the index's shape"},
        {"update_slice(a, b, c) axis=0", {"f32[2,3]", "f32[3,3]", "i64[]"}, "not longer"},
        {"update_slice(a, b, c) axis=0", {"f32[2,3]", "f32[1,2]", "i64[]"}, "written axis only"},
        {"update_slice(a, b, c) axis=0", {"f32[2,3]", "f32[1,3]", "i32[]"}, "i64[]"},
        {"matmul(a, b) ta=false tb=false", {"f32[2,3]", "f32[4,5]"}, "inner sizes 3 and 4 differ"},
        {"matmul(a, b) ta=true tb=false", {"f32[2,3]", "f32[3,5]"}, "inner sizes 2 and 3 differ"},
        {"matmul(a, b) ta=false tb=false", {"f32[3]", "f32[3,5]"}, "two axes"},
        {"matmul(a, b) ta=false tb=false", {"f32[2,3,4]", "f32[3,4,5]"}, "do not broadcast"},
        {"matmul(a, b) ta=false tb=false", {"i32[2,3]", "i32[3,5]"}, "floating-point"},
        {"linear(a, b)", {"f32[N,7]", "f32[5,8]"}, "x has 7 features and w takes 8"},
        {"linear(a, b, c)", {"f32[N,8]", "f32[5,8]", "f32[8]"}, "one element for each output"},
        {"linear_dx(a, b)", {"f32[N,8]", "f32[5,8]"}, "w's outputs"},
        {"linear_dw(a, b) bias=false", {"f32[N,8]", "f32[T,5]"}, "same rows"},
        {"conv2d(a, b)" + conv, {"f32[N,3,8]", "f32[4,3,3,3]"}, "[N,C,H,W]"},
        {"conv2d(a, b)" + conv, {"f32[N,3,8,8]", "f32[4,2,3,3]"}, "x has 3 channels and w takes 2"},
        {"conv2d(a, b)" + two, {"f32[N,4,8,8]", "f32[3,2,3,3]"}, "groups divide the output channels"},
        {"conv2d(a, b)" + conv, {"f32[N,3,2,8]", "f32[4,3,3,3]"}, "the window of 3 is larger than 2"},
        {"conv2d(a, b, c)" + conv, {"f32[N,3,8,8]", "f32[4,3,3,3]", "f32[3]"}, "each output channel"},
        {"conv2d(a, b)" + conv, {"f32[N,3,8,8]", "f32[O,3,3,3]"}, "w is [O,C/groups,kh,kw]"},
        {"conv2d(a, b) stride=[0,1] pad=[0,0,0,0] dilation=[1,1] groups=1",
         {"f32[N,3,8,8]", "f32[4,3,3,3]"},
         "stride is two positive"},
        {"conv2d(a, b) stride=[1,1] pad=[0,0] dilation=[1,1] groups=1",
         {"f32[N,3,8,8]", "f32[4,3,3,3]"},
         "pad is [top,left,bottom,right]"},
        {"conv2d(a, b) stride=[1,1] pad=[0,0,0,-1] dilation=[1,1] groups=1",
         {"f32[N,3,8,8]", "f32[4,3,3,3]"},
         "not negative"},
        {"conv2d(a, b) stride=[1,1] pad=[0,0,0,0] dilation=[1,0] groups=1",
         {"f32[N,3,8,8]", "f32[4,3,3,3]"},
         "dilation is two positive"},
        {"conv2d(a, b) stride=[1,1] pad=[0,0,0,0] dilation=[1,1] groups=0",
         {"f32[N,3,8,8]", "f32[4,3,3,3]"},
         "groups is positive"},
        {"conv2d_dx(a, b)" + conv + " size=[8,8] bias=false", {"f32[N,4,5,5]", "f32[4,3,3,3]"}, "gives dy's shape"},
        {"conv2d_dw(a, b)" + conv + " size=[3,3] bias=false", {"f32[N,3,8,8]", "f32[N,4,5,5]"}, "gives dy's shape"},
        {"max_pool2d(a) kernel=[3,3]" + pool, {"f32[N,3,2,2]"}, "larger than 2"},
        {"max_pool2d(a) kernel=[17,16]" + pool, {"f32[N,3,20,20]"}, "at most 256"},
        {"max_pool2d(a) kernel=[2,2] stride=[2,2] pad=[2,0,0,0] count_pad=false",
         {"f32[N,3,8,8]"},
         "smaller than the window"},
        {"avg_pool2d(a) kernel=[2]" + pool, {"f32[N,3,8,8]"}, "two positive numbers"},
        {"max_pool2d_dx(a, b) kernel=[2,2]" + pool + " size=[8,8]", {"f32[N,3,4,4]", "i32[N,3,4,4]"}, "u8"},
        {"avg_pool2d_dx(a) kernel=[2,2]" + pool + " size=[9,12]", {"f32[N,3,4,4]"}, "gives dy's shape"},
        {"batch_norm(a, b, b, b, b)" + norm, {"f32[N,3]", "f32[4]"}, "operand 1 is f32[4] and should be f32[3]"},
        {"batch_norm(a, b, b, b, b)" + norm, {"f32[3]", "f32[3]"}, "[N,C,...]"},
        {"layer_norm(a, b, b) eps=0.1", {"f32[N,3]", "f32[N]"}, "should be f32[3]"},
        {"layer_norm_dx(a, a, b, c, c)", {"f32[N,3]", "f32[3]", "f32[3]"}, "each row"},
        {"group_norm(a, b, b) groups=2 eps=0.1", {"f32[N,3,9]", "f32[3]"}, "groups divide the channels"},
        {"softmax(a) axis=2", {"f32[N,3]"}, "one of its axes"},
        {"cross_entropy(a, b)" + loss,
         {"f32[N,9]", "f32[N]"},
         "should be class numbers i32[N] or probabilities f32[N,9]"},
        {"cross_entropy(a, b)" + loss, {"f32[N,9]", "i32[T]"}, "the target is i32[T]"},
        {"cross_entropy(a, b) smoothing=1 ignore_index=-100", {"f32[N,9]", "i32[N]"}, "smoothing is from 0 to below 1"},
        {"attention(a, b, b) causal=false scale=0", {"f32[N,T,6,8]", "f32[N,T,4,8]"}, "key heads divide query heads"},
        {"attention(a, b, b) causal=false scale=0", {"f32[N,T,6,8]", "f32[N,T,6,4]"}, "head width"},
        {"attention(a, a, a, b) causal=false scale=0", {"f32[N,T,6,8]", "f32[N,1,1,T]"}, "the mask is bool"},
        {"attention(a, a, a, b) causal=false scale=0", {"f32[N,T,6,8]", "bool[N,6,T,3]"}, "do not broadcast"},
        {"dropout(a) p=1 stream=0", {"f32[N,3]"}, "p is from 0 to below 1"},
        {"dropout_train(a, b, b, c) p=0.5 stream=0", {"f32[N,3]", "i64[]", "i64[T]"}, "i64[N]"},
        {"dropout_train(a, b, b, c) p=0.5 stream=0", {"f32[N,3]", "i32[]", "i64[N]"}, "i64[]"},
        {"sgd_update(a, b, c, c, d)" + sgd, {"f32[3]", "f32[4]", "f32[]", "bool[]"}, "w and g"},
        {"sgd_update(a, a, b, b, c, a)" + sgd,
         {"f32[3]", "f32[]", "bool[]"},
         "a moment is given when momentum is not 0"},
        {"sgd_update(a, a, b, b, c)" + sgd, {"f32[3]", "f32[1]", "bool[]"}, "lr and scale"},
        {"ema_update(a, a, b) decay=0.9", {"f32[3]", "f32[]"}, "apply is bool[]"},
        {"global_norm(a, b)", {"f32[3]", "f64[3]"}, "one floating-point dtype"},
    };
    for (const Row& r : rows) {
        const std::string message = message_of(r, "f32[]");
        EXPECT_THAT(message, ::testing::HasSubstr(r.out)) << r.call;
        EXPECT_THAT(message, ::testing::HasSubstr("'node'")) << r.call << ": names the node";
    }
}

} // namespace
} // namespace ds::testing
