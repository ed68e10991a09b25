// What a loss takes as a target, held against the data: each slip is named with column, row and value.
#include "data/batch/targets.h"

#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;

Graph graph_with(const std::string& target) {
    return parse_graph("graph \"g\" {\n  input x: f32[N]\n  input y: " + target +
                           " role=target\n  output logits = x\n  output y = y\n}\n",
                       "test");
}

/// The classes of y by logits that are one number spread over all of them.
Graph softmax_of(int classes) {
    const std::string k = std::to_string(classes);
    return parse_graph(
        "graph \"g\" {\n  input x: f32[N]\n  input y: i32[N] role=target\n  %0 = reshape(x) shape=[N,1] : "
        "f32[N,1] \"a\"\n  %1 = broadcast(%0) shape=[N," +
            k + "] : f32[N," + k +
            "] \"b\"\n  %2, %3 = cross_entropy(%1, y) smoothing=0 ignore_index=-100 : f32[N], f32[N] "
            "\"loss\"\n  output logits = %1\n  output loss = %2\n}\n",
        "test");
}

class Targets : public ::testing::Test {
protected:
    /// A file of the column y beside x, the rows after the first in the split `rest`.
    template <class T>
    std::shared_ptr<DataSource> data(const std::vector<T>& y, DType dtype, Dims item = {},
                                     const std::vector<std::string>& labels = {}, const std::string& split = "") {
        const int64_t rows = int64_t(y.size()) / std::max<int64_t>(1, count(item));
        DataFileWriter writer(folder_ / "d.h5");
        add(writer, {"x", DType::f32, {}, false, "number", {}, {}}, std::vector<float>(size_t(rows), 1.5f));
        add(writer, {"y", dtype, item, false, "target", labels, {}}, y);
        std::vector<int64_t> rest;
        for (int64_t i = 1; i < rows; ++i) rest.push_back(i);
        if (!rest.empty()) writer.set_split("rest", rest);
        writer.set_meta("{}");
        writer.commit();
        return std::make_shared<DataSource>(folder_ / "d.h5" + split);
    }
    static void check(const Graph& graph, const std::string& task, const DataSource& source, bool learns = false,
                      const std::vector<std::string>& labels = {}) {
        std::vector<InputBinding> bindings;
        for (InputBinding& binding : bind_inputs(graph, source, {}, labels, {}, true))
            if (binding.role == InputRole::target) bindings.push_back(std::move(binding));
        check_targets(graph, task == "binary" ? std::set<std::string>{"y"} : std::set<std::string>{}, bindings, source,
                      learns);
    }
    static std::string refusal(const Graph& graph, const std::string& task, const DataSource& source,
                               bool learns = false) {
        return error_of(Exit::data, [&] { check(graph, task, source, learns); });
    }
    test::Folder folder_;
};

Graph one_number() { return graph_with("f32[N]"); }

TEST_F(Targets, BinaryOnesAreZeroAndOne) {
    expect_says(refusal(one_number(), "binary", *data<float>({0, 1, 5, 1}, DType::f32)),
                "d.h5: target 'y' is 5 in row 3 of the file (d.h5[2]), and a binary model takes 0 and 1");
    check(one_number(), "binary", *data<float>({0, 1, 1}, DType::f32));
}

TEST_F(Targets, RowsAreCountedInTheFileAndInTheSplit) {
    expect_says(refusal(one_number(), "binary", *data<float>({0, 1, 5, 1}, DType::f32, {}, {}, ":rest")),
                "in row 3 of the file (d.h5:rest[1])");
}

TEST_F(Targets, ABadRowFarDownIsFound) {
    std::vector<float> y(20'000, 1);
    y[0] = 0;
    y[19'999] = 0.5;
    expect_says(refusal(one_number(), "binary", *data(y, DType::f32)), "is 0.5 in row 20000 of the file");
}

TEST_F(Targets, NumbersAreFinite) {
    expect_says(refusal(one_number(), "regression", *data<float>({1, NAN}, DType::f32)), "is nan in row 2");
    expect_says(refusal(one_number(), "regression", *data<float>({1, 2, -INFINITY}, DType::f32)), "is -inf in row 3");
    expect_says(refusal(graph_with("f32[N]"), "regression", *data<double>({1, 1e300}, DType::f64)),
                "is 1e+300 in row 2");
}

TEST_F(Targets, AnArrayNamesItsRow) {
    expect_says(refusal(graph_with("f32[N,2]"), "regression", *data<float>({1, 2, 3, NAN}, DType::f32, {2})),
                "in row 2");
}

TEST_F(Targets, NamesAreNoNumbers) {
    expect_says(refusal(one_number(), "regression", *data<int32_t>({0, 1}, DType::i32, {}, {"low", "high"})),
                "target 'y' has names of classes (low, ...), and the model's loss takes numbers");
    expect_says(refusal(one_number(), "binary", *data<int32_t>({0, 1}, DType::i32, {}, {"a", "b", "c"})), "3 classes");
}

TEST_F(Targets, ClassesAreWholeAndHaveAPlace) {
    expect_says(refusal(softmax_of(3), "classification", *data<int32_t>({0, 2, 3}, DType::i32)),
                "is 3 in row 3 of the file (d.h5[2]), and the model has 3 classes, 0 to 2");
    expect_says(refusal(softmax_of(3), "classification", *data<int32_t>({0, -1}, DType::i32)), "is -1 in row 2");
    expect_says(refusal(softmax_of(3), "classification", *data<float>({0, 1.25}, DType::f32)), "is 1.25 in row 2");
    expect_says(refusal(softmax_of(3), "classification", *data<float>({0, NAN}, DType::f32)), "is nan in row 2");
    check(softmax_of(3), "classification", *data<int32_t>({0, 2, -100}, DType::i32)); // the ignored one
}

TEST_F(Targets, WhatIsTheSameEverywhereTeachesNothing) {
    const auto constant = data<float>({3, 3, 3}, DType::f32);
    expect_says(refusal(one_number(), "regression", *constant, true),
                "all 3 samples have the same 'y' (3); there is nothing to learn");
    expect_says(refusal(one_number(), "regression", *data<float>({3}, DType::f32), true),
                "there is one sample alone, with 'y' 3; there is nothing to learn");
    check(one_number(), "regression", *constant, false); // but it can be measured
    expect_says(refusal(softmax_of(2), "classification", *data<int32_t>({1, 1}, DType::i32, {}, {"no", "yes"}), true),
                "the same 'y' (yes)");
    check(graph_with("f32[N,2]"), "regression", *data<float>({1, 1, 1, 2}, DType::f32, {2}), true);
}

TEST_F(Targets, StatisticsAreOfTheRowsOfTheSource) {
    const auto rest = data<float>({100, 1e9f, 1e9f + 64, 1e9f + 128}, DType::f32, {}, {}, ":rest");
    const std::vector<InputBinding> bindings = bind_inputs(one_number(), *rest, {}, {}, {}, true);
    const TargetStatistics s = target_statistics(bindings[1], *rest, 1);
    EXPECT_DOUBLE_EQ(s.mean[0], 1e9 + 64);
    EXPECT_NEAR(s.deviation[0], 64 * std::sqrt(2.0 / 3), 1e-6);
}

TEST_F(Targets, StatisticsOfAnArrayAreOfEachElement) {
    const auto pairs = data<float>({1, 10, 3, 10, 5, 40}, DType::f32, {2});
    const std::vector<InputBinding> bindings = bind_inputs(graph_with("f32[N,2]"), *pairs, {}, {}, {}, true);
    EXPECT_EQ(target_statistics(bindings[1], *pairs, 2).mean, (std::vector<double>{3, 20}));
}

// The classes 0 and 1 of a binary model are floats in the graph: names are matched there, too.
TEST_F(Targets, BinaryClassesAreMatchedByName) {
    const auto only_yes = data<int32_t>({0, 0}, DType::i32, {}, {"yes"});
    const std::vector<InputBinding> bindings = bind_inputs(one_number(), *only_yes, {}, {"no", "yes"}, {}, true);
    const int32_t raw[] = {0, 0};
    float y[2] = {};
    convert_rows(bindings[1], only_yes->file().columns()[1], reinterpret_cast<const std::byte*>(raw), 2,
                 reinterpret_cast<std::byte*>(y));
    EXPECT_EQ(y[0], 1);
}

} // namespace
} // namespace ds
