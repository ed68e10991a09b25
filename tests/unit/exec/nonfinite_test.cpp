// A batch that makes a NaN changes nothing of State, also when it is one of several that make a step.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "graph/text.h"
#include "train/train_step.h"

namespace ds {
namespace {

Model normed() {
    Model model;
    model.task = "regression";
    model.graph = parse_graph(R"(graph "normed" {
  input x: f32[N,2]
  slot scale: f32[2] kind=parameter init=ones
  slot bias: f32[2] kind=parameter init=zeros
  slot mean: f32[2] kind=statistic init=zeros train=false decay=false follows=scale
  slot var: f32[2] kind=statistic init=ones train=false decay=false follows=scale
  %0 = batch_norm(x, scale, bias, mean, var) eps=1e-05 momentum=0.1 : f32[N,2] "norm"
  %1 = reduce(%0) kind=sum axes=[] keep=false : f32[] "loss"
  %2 = constant() dtype=f32 shape=[] values=[4] : f32[] "count"
  output logits = %0
  output loss = %1 objective=true
  output loss.count = %2
})",
                              "test");
    initialise(model.graph, *model.state, 1);
    return model;
}

Batch batch_of(float last) {
    Batch batch;
    batch.size = 4;
    batch.sample = {0, 1, 2, 3};
    Tensor x(DType::f32, {4, 2});
    for (int64_t i = 0; i < 8; ++i) x.as<float>()[i] = float(i);
    x.as<float>()[7] = last;
    batch.inputs["x"] = x;
    return batch;
}

std::vector<float> slot(const Model& model, const std::string& name) {
    const auto values = model.state->at(name).span<float>();
    return {values.begin(), values.end()};
}

TrainOptions accumulating(int64_t batches) {
    TrainOptions options;
    options.accumulate = batches;
    return options;
}

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(NonFinite, ABatchOfAStepLeavesWeightsAndStatistics) {
    Model model = normed();
    const TrainOptions options = accumulating(2);
    TrainStep step(model, options, {});
    step.run(batch_of(nan), 1, 0.1);
    EXPECT_FALSE(step.apply(1, 0.1).applied);
    EXPECT_EQ(slot(model, "mean"), (std::vector<float>{0, 0}));
    EXPECT_EQ(slot(model, "var"), (std::vector<float>{1, 1}));
    EXPECT_EQ(slot(model, "scale"), (std::vector<float>{1, 1}));
    step.run(batch_of(7), 1, 0.1);
    EXPECT_TRUE(step.apply(1, 0.1).applied);
    EXPECT_NE(slot(model, "mean"), (std::vector<float>{0, 0}));
}

TEST(NonFinite, AStepOfOneBatchLeavesWeightsAndStatistics) {
    Model model = normed();
    const TrainOptions options = accumulating(1);
    TrainStep step(model, options, {});
    EXPECT_FALSE(step.run(batch_of(nan), 1, 0.1).applied);
    EXPECT_EQ(slot(model, "var"), (std::vector<float>{1, 1}));
    EXPECT_EQ(slot(model, "bias"), (std::vector<float>{0, 0}));
}

TEST(NonFinite, LookingForTheNodeLeavesNothingBehind) {
    Model model = normed();
    const TrainOptions options = accumulating(2);
    TrainStep step(model, options, {});
    EXPECT_THROW(step.explain_failure(batch_of(nan), 1, 0.1), Error);
    step.explain_failure(batch_of(7), 1, 0.1); // not this batch, but one before it
    EXPECT_EQ(slot(model, "accumulator/bias"), (std::vector<float>{0, 0}));
    EXPECT_EQ(slot(model, "objective/count"), std::vector<float>{0});
}

} // namespace
} // namespace ds
