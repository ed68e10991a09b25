// Labels of which a sample has any number, measured beside scikit-learn, and how they print.
#include <gtest/gtest.h>

#include <cmath>

#include "task/task.h"

namespace ds {
namespace {

Tensor numbers(const std::vector<float>& values) {
    Tensor tensor(DType::f32, {6, 4});
    std::copy(values.begin(), values.end(), tensor.as<float>());
    return tensor;
}

class MultiLabel : public ::testing::Test {
protected:
    // The last label is nowhere.
    MultiLabel() { metrics_->add(logits_.view(), target_, 6, 0, 0); }
    Tensor logits_ = numbers({2,    -1, .5, -3,  -.5, .25, 1.5, -2, .1, -2,  -.75, -1,
                              -1.5, 3,  .5, -.5, .75, .25, -1,  -4, -2, -.3, 2.5,  -1}),
           target_ = numbers({1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0});
    std::unique_ptr<Metrics> metrics_ = make_metrics(multi_label_task);
};

// sklearn.metrics: log_loss by hand, average_precision_score of each label but the last, f1_score(average=...,
// zero_division=0), precision_score, recall_score, accuracy_score, of probabilities above 0.5 and 0.7.
TEST_F(MultiLabel, IsMeasuredAsScikitLearnDoes) {
    const std::map<std::string, double> wanted{{"loss", 0.551186683700756},
                                               {"map", 0.7888888888888889},
                                               {"f1_micro", 0.7368421052631579},
                                               {"f1_macro", 0.5595238095238095},
                                               {"precision", 0.7},
                                               {"recall", 0.7777777777777778},
                                               {"exact", 0.5}};
    for (const auto& [name, value] : metrics_->values()) EXPECT_NEAR(value, wanted.at(name), 1e-9) << name;
    metrics_->set_threshold(0.7);
    EXPECT_NEAR(metrics_->value("f1_micro"), 0.46153846153846156, 1e-9);
    EXPECT_NEAR(metrics_->value("f1_macro"), 0.35, 1e-9);
    EXPECT_NEAR(metrics_->value("exact"), 1.0 / 6, 1e-9);
}

TEST_F(MultiLabel, TheBestThresholdIsTheOneOfTheBestMicroF1) {
    const double best = *metrics_->best_threshold();
    metrics_->set_threshold(best);
    const double reached = metrics_->value("f1_micro");
    for (int i = 1; i < 100; ++i) {
        metrics_->set_threshold(i / 100.0);
        EXPECT_LE(metrics_->value("f1_micro"), reached + 1e-12) << i;
    }
}

TEST_F(MultiLabel, EachLabelHasItsOwnRow) {
    const std::vector<ClassMetrics> labels = metrics_->per_class();
    ASSERT_EQ(labels.size(), 4U);
    EXPECT_EQ(labels[0].count, 3);
    EXPECT_NEAR(labels[0].precision, 2.0 / 3, 1e-12);
    EXPECT_NEAR(labels[1].recall, 1, 1e-12);
    EXPECT_EQ(labels[3].f1, 0);
    EXPECT_EQ(metrics_->classes(), 0) << "labels have no confusion matrix";
}

TEST_F(MultiLabel, ASampleOfANaNSpoilsAll) {
    const std::vector<float> spoilt{0, std::nanf(""), 0, 0};
    Tensor one(DType::f32, {1, 4});
    std::copy(spoilt.begin(), spoilt.end(), one.as<float>());
    metrics_->add(one.view(), target_, 1, 0, 0);
    EXPECT_EQ(metrics_->first_spoilt(), 6);
    EXPECT_TRUE(std::isnan(metrics_->value("map")));
}

TEST_F(MultiLabel, PredictionsAreTheLabelsAboveTheThreshold) {
    OutputNames names;
    names.labels = {"news", "sport", "art", "war"};
    const std::vector<double> x{1, -1, 2, -3};
    EXPECT_EQ(labels_printing.words(x, names), "news 73.11 %, art 88.08 %");
    EXPECT_EQ(labels_printing.fields(x, names), std::vector<std::string>{"news;art"});
    EXPECT_EQ(labels_printing.words(std::vector<double>{-1, -1, -2, -3}, names), "none");
    names.top = 3;
    EXPECT_EQ(labels_printing.words(x, names), "art 88.08 %, news 73.11 %, sport 26.89 %");
    Json one = Json::object();
    labels_printing.json(one, x, names);
    EXPECT_EQ(one.at("top").items()[0].get<std::string>("class"), "art");
    EXPECT_EQ(one.at("predicted").size(), 2);
    names.probabilities = true;
    EXPECT_EQ(labels_printing.columns(4, names)[2], "probability_sport");
    EXPECT_EQ(labels_printing.fields(x, names)[2], "0.268941");
    EXPECT_EQ(labels_printing.target_fields(target_, 1, names), std::vector<std::string>{"sport;art"});
}

} // namespace
} // namespace ds
