// Metrics against scikit-learn 1.7 (log_loss, roc_auc_score, average_precision_score, brier_score_loss, f1_score with
// average="macro", r2_score, numpy.quantile, ...): the numbers are what it gives for the arrays below, with softmax and
// logistic of the outputs as probabilities. The calibration error is a loop over 15 bins (i/15, (i+1)/15] in NumPy.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "task/task.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

Tensor floats(const Dims& shape, const std::vector<float>& values) {
    Tensor t(DType::f32, shape);
    std::copy(values.begin(), values.end(), t.as<float>());
    return t;
}

Tensor labels(const std::vector<int32_t>& values) {
    Tensor t(DType::i32, {int64_t(values.size())});
    std::copy(values.begin(), values.end(), t.as<int32_t>());
    return t;
}

void expect(const Metrics& metrics, const std::vector<std::pair<const char*, double>>& wanted) {
    for (const auto& [name, value] : wanted) EXPECT_NEAR(metrics.value(name), value, 1e-11) << name;
}

std::unique_ptr<Metrics> measured(const Task& task, const Tensor& output, const Tensor& target) {
    auto metrics = make_metrics(task);
    metrics->add(output.view(), target, output.shape()[0], 0, 1);
    return metrics;
}

const std::vector<float> three{2, -1,    0.5, 0.25,  0.5,    -0.25, -1.5, 1,  1.25, 0,   3,   -2,
                               1, 0.75f, 0.5, -0.5f, -0.25f, 2,     1.5f, -2, 1,    0.5, 1.5, -1};

TEST(AgainstScikitLearn, Classes) {
    const auto metrics = measured(classification_task, floats({8, 3}, three), labels({0, 1, 2, 1, 1, 2, 2, 0}));
    expect(*metrics, {{"loss", 0.671800762786},
                      {"top1", 0.625},
                      {"top5", 1},
                      {"precision", 0.666666666667},
                      {"recall", 0.611111111111},
                      {"f1", 0.622222222222},
                      {"brier", 0.435266304758},
                      {"ece", 0.290039762467}});
}

const std::vector<float> ten{-2, -1, -0.5, -0.5, 0.25, 0.25, 0.75, 1, 1.5, 3},
    ten_targets{0, 0, 1, 0, 0, 1, 1, 0, 1, 1};

TEST(AgainstScikitLearn, YesOrNo) {
    const auto metrics = measured(binary_task, floats({10, 1}, ten), floats({10}, ten_targets));
    expect(*metrics, {{"loss", 0.524035582987},
                      {"auc", 0.8},
                      {"average_precision", 0.808333333333},
                      {"brier", 0.179716447250},
                      {"ece", 0.139750468236},
                      {"accuracy", 0.7},
                      {"precision", 0.666666666667},
                      {"recall", 0.8},
                      {"f1", 0.727272727273}});
    metrics->set_threshold(0.7);
    expect(*metrics, {{"auc", 0.8}, {"accuracy", 0.6}, {"precision", 0.666666666667}, {"recall", 0.4}, {"f1", 0.5}});
}

TEST(AgainstScikitLearn, TheBestThresholdLiesBetweenTwoProbabilities) {
    const auto metrics = measured(binary_task, floats({10, 1}, ten), floats({10}, ten_targets));
    const double above = logistic(-0.5), below = logistic(-1);
    EXPECT_NEAR(metrics->best_threshold().value(), (above + below) / 2, 1e-12);
    metrics->set_threshold(*metrics->best_threshold());
    EXPECT_NEAR(metrics->value("f1"), 0.769230769231, 1e-11); // the greatest over all thresholds
    const auto all = measured(binary_task, floats({2}, {-1, 1}), floats({2}, {1, 1}));
    EXPECT_NEAR(all->best_threshold().value(), logistic(-1) / 2, 1e-12);
    EXPECT_TRUE(std::isnan(measured(binary_task, floats({2}, {-1, 1}), floats({2}, {0, 0}))->best_threshold().value()));
    EXPECT_FALSE(make_metrics(regression_task)->best_threshold());
}

TEST(AgainstScikitLearn, Curves) {
    const auto curves = measured(binary_task, floats({10}, ten), floats({10}, ten_targets))->curves();
    ASSERT_EQ(curves.size(), 3U);
    const std::vector<std::pair<double, double>> roc{{0, 0},     {0, 0.2},   {0, 0.4}, {0.2, 0.4}, {0.2, 0.6},
                                                     {0.4, 0.8}, {0.6, 1.0}, {0.8, 1}, {1, 1}};
    EXPECT_EQ(curves[0].points, roc);
    const std::vector<double> precision{1, 1, 2.0 / 3, 0.75, 2.0 / 3, 0.625, 5.0 / 9, 0.5};
    ASSERT_EQ(curves[1].points.size(), precision.size());
    for (size_t i = 0; i < precision.size(); ++i) EXPECT_NEAR(curves[1].points[i].second, precision[i], 1e-12) << i;
    EXPECT_TRUE(measured(binary_task, floats({2}, {-1, 1}), floats({2}, {0, 0}))->curves().empty());
}

TEST(AgainstScikitLearn, Numbers) {
    const std::vector<float> output{3.5, -0.25, 2, 8, 4.5, 1}, target{3, -0.5, 2, 7, 5.5, -1};
    expect(*measured(regression_task, floats({6, 1}, output), floats({6}, target)), {{"rmse", 1.025711135424},
                                                                                     {"mae", 0.791666666667},
                                                                                     {"r2", 0.875819672131},
                                                                                     {"error_p50", 0.75},
                                                                                     {"error_p90", 1.5}});
    expect(*measured(regression_task, floats({3, 2}, output), floats({3, 2}, target)), {{"r2", 0.840827481647}});
    EXPECT_TRUE(std::isnan(measured(regression_task, floats({2}, {1, 2}), floats({2}, {3, 3}))->value("r2")));
}

// ---- what is no number, and what is all the same

TEST(Equals, ShareTheirPlaces) {
    const std::vector<float> same(20 * 10, 0.25f);
    std::vector<int32_t> target;
    for (int i = 0; i < 20; ++i) target.push_back(i % 3);
    const auto constant = measured(classification_task, floats({20, 10}, same), labels(target));
    EXPECT_NEAR(constant->value("top1"), 0.1, 1e-12);
    EXPECT_NEAR(constant->value("top5"), 0.5, 1e-12);
    // Two before it, and four equals for the three places left.
    const auto some = measured(classification_task, floats({1, 7}, {9, 8, 1, 1, 1, 1, 0}), labels({3}));
    EXPECT_NEAR(some->value("top5"), 0.75, 1e-12);
    EXPECT_EQ(some->value("top1"), 0);
}

TEST(NotANumber, SpoilsEveryMetricAndIsCounted) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    const auto spoilt = [](const Metrics& metrics, int64_t first) {
        EXPECT_EQ(metrics.spoilt(), 1);
        EXPECT_EQ(metrics.first_spoilt(), first);
        for (const auto& [name, value] : metrics.values()) EXPECT_TRUE(std::isnan(value)) << name;
    };
    spoilt(*measured(classification_task, floats({2, 2}, {1, 2, 3, nan}), labels({0, 0})), 1);
    spoilt(*measured(classification_task, floats({2, 2}, {inf, 2, 3, 1}), labels({0, 0})), 0);
    spoilt(*measured(binary_task, floats({3}, {1, nan, 2}), floats({3}, {0, 1, 1})), 1);
    spoilt(*measured(regression_task, floats({2, 2}, {1, 2, inf, 1}), floats({2, 2}, {1, 2, 3, 4})), 1);
    auto later = make_metrics(binary_task);
    later->add(floats({2}, {1, 2}).view(), floats({2}, {0, 1}), 2, 0, 1);
    later->add(floats({2}, {1, -inf}).view(), floats({2}, {0, 1}), 2, 0, 1);
    spoilt(*later, 3);
}

TEST(NotANumber, AHiddenClassIsFine) {
    const float hidden = -std::numeric_limits<float>::infinity();
    const auto metrics = measured(classification_task, floats({1, 3}, {1, hidden, 1}), labels({0}));
    EXPECT_EQ(metrics->spoilt(), 0);
    EXPECT_NEAR(metrics->value("loss"), std::log(2.0), 1e-12);
}

TEST(Labels, AClassThatDoesNotExistIsRefused) {
    EXPECT_THAT(test::error_of(Exit::data,
                               [] {
                                   measured(classification_task, floats({2, 3}, {1, 2, 3, 4, 5, 6}), labels({0, 3}));
                               }),
                ::testing::HasSubstr("class 3, and there are 3 classes"));
}

} // namespace
} // namespace ds
