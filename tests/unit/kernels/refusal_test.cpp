// What operands hold can be wrong too: each kernel says so as Error(data), in one line, and writes nothing wild.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "ops/loss.h"
#include "ops/shape_ops.h"
#include "unit/kernels/case.h"
#include "unit/kernels/run_kernel.h"

namespace ds::testing {
namespace {

struct Refusal {
    Case c;
    const char* message;
};

AttrsPtr axis(int64_t d) {
    return with<AxisAttrs>([=](AxisAttrs& a) { a.axis = d; });
}
AttrsPtr rows(int64_t n) {
    return with<GatherDwAttrs>([=](GatherDwAttrs& a) { a.rows = n; });
}
In indices(std::vector<double> values, DType dtype = DType::i32) {
    const auto n = int64_t(values.size());
    return given(dtype, {n}, std::move(values));
}

std::vector<Refusal> refusals() {
    const AttrsPtr none = attrs_of(NoAttrs{}), loss = attrs_of(CrossEntropyAttrs{});
    return {
        {{"gather below", "gather", none, {fixed({4, 3}), indices({0, -1})}}, "-1"},
        {{"gather above", "gather", none, {fixed({4, 3}), indices({0, 4})}}, "4"},
        {{"gather far above", "gather", none, {fixed({4, 3}), indices({0, 9e15}, DType::i64)}}, "9000000000000000"},
        {{"gather_dw below", "gather_dw", rows(4), {fixed({2, 3}), indices({0, -1})}}, "-1"},
        {{"gather_dw above", "gather_dw", rows(4), {fixed({2, 3}), indices({4, 0})}}, "4"},
        {{"gather_dw far above", "gather_dw", rows(4), {fixed({2, 3}), indices({9e15, 0}, DType::i64)}},
         "9000000000000000"},
        {{"label below", "cross_entropy", loss, {fixed({3, 5}), indices({0, -1, 2})}}, "-1"},
        {{"label above", "cross_entropy", loss, {fixed({3, 5}), indices({0, 5, 2})}}, "5"},
        {{"label far above", "cross_entropy", loss, {fixed({3, 5}), indices({0, 9e15, 2}, DType::i64)}},
         "9000000000000000"},
        {{"label above, backward",
          "cross_entropy_dx",
          loss,
          {fixed({3}), fixed({3, 5}), indices({0, 5, 2}), fixed({3})}},
         "5"},
        {{"position below", "update_slice", axis(0), {fixed({4, 3}), fixed({2, 3}), given(DType::i64, {}, {-1})}},
         "-1"},
        {{"position above", "update_slice", axis(0), {fixed({4, 3}), fixed({2, 3}), given(DType::i64, {}, {3})}}, "3"},
        {{"position far above",
          "update_slice",
          axis(0),
          {fixed({4, 3}), fixed({2, 3}), given(DType::i64, {}, {9.2e18})}},
         "92"},
    };
}

void expect_refused(const Refusal& r, const kernels::Row& row) {
    Problem p = problem(r.c);
    std::vector<Tensor> in;
    for (const Input& input : p.graph.inputs) in.push_back(p.inputs.at(input.name));
    const Made made = make_kernel(row, p.graph, p.graph.nodes[0], in, {"plain"});
    if (!made.kernel) return;
    try {
        run_kernel(*made.kernel, p.graph, p.graph.nodes[0], in, {"plain"});
        ADD_FAILURE() << r.c.name << ": " << row.name << " takes it";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data) << r.c.name << ": " << row.name;
        EXPECT_THAT(error.what(), ::testing::HasSubstr(r.message)) << r.c.name << ": " << row.name;
        EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("\n")));
    }
}

TEST(Refusal, OfIndicesOutOfRange) {
    for (const Refusal& r : refusals())
        for (const kernels::Row& row : kernels::registry("cpu").rows(r.c.op)) expect_refused(r, row);
}

TEST(Registry, UnknownAndMissingDevices) {
    auto code_of = [](const char* device) {
        try {
            kernels::registry(device);
        } catch (const Error& error) {
            return error.code();
        }
        return Exit::ok;
    };
    EXPECT_EQ(code_of("cuda"), Exit::unavailable);
    EXPECT_EQ(code_of("abacus"), Exit::unavailable);
    EXPECT_EQ(code_of("reference"), Exit::ok);
}

TEST(Registry, ChoiceNamesTheKernelAndWhyOthersRefused) {
    Problem p = retyped(problem(Case{"soft", "softmax", axis(1), {fixed({3, 4})}}));
    const Node& node = p.graph.nodes[0];
    const std::vector<kernels::Operand> in{{DType::f64, {3, 4}, {}, {4, 1}}}, out{{DType::f64, {3, 4}, {}, {}}};
    const kernels::Choice choice =
        kernels::choose(kernels::registry("cpu"), {"softmax", *node.attrs, in, out, "", {}, {}, {}});
    EXPECT_EQ(choice.name, "reference.softmax");
    ASSERT_EQ(choice.refused.size(), 1u);
    EXPECT_THAT(choice.refused[0], ::testing::HasSubstr("needs f32"));
}

} // namespace
} // namespace ds::testing
