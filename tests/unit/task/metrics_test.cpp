// Every metric against one worked out in the test by another road: counting pairs, counting per class, summing
// logarithms.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"
#include "report/verdict.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

Tensor floats(const Dims& shape, const std::vector<float>& values) {
    Tensor t(DType::f32, shape);
    std::copy(values.begin(), values.end(), t.as<float>());
    return t;
}

Tensor classes(const std::vector<int32_t>& values) {
    Tensor t(DType::i32, {int64_t(values.size())});
    std::copy(values.begin(), values.end(), t.as<int32_t>());
    return t;
}

/// Forty samples of seven classes; class 6 never occurs, sample 5 is ignored.
struct Classified {
    static constexpr size_t n = 40, k = 7;
    std::vector<float> logits;
    std::vector<int32_t> target;
    std::unique_ptr<Metrics> measured = make_metrics(classification_task);
    Metrics& metrics = *measured;
    Classified() {
        rng::Sequence random(4, rng::Stream::init);
        for (size_t i = 0; i < n; ++i) {
            target.push_back(i == 5 ? -100 : int32_t(random.below(6)));
            for (size_t c = 0; c < k; ++c)
                logits.push_back(float(random.normal()) + (int32_t(c) == target[i] ? 1.0f : 0.0f));
        }
        for (size_t at = 0; at < n; at += 15) { // batches of 15, 15 and 10
            const size_t size = std::min<size_t>(15, n - at);
            const auto begin = logits.begin() + int64_t(at * k);
            metrics.add(floats({int64_t(size), k}, {begin, begin + int64_t(size * k)}).view(),
                        classes({target.begin() + int64_t(at), target.begin() + int64_t(at + size)}), int64_t(size), 3,
                        double(size));
        }
    }
    /// How many classes have a greater logit than class c of sample i.
    int above(size_t i, size_t c) const {
        return int(std::count_if(&logits[i * k], &logits[i * k] + k, [&](float x) { return x > logits[i * k + c]; }));
    }
    size_t predicted(size_t i) const {
        size_t c = 0;
        while (above(i, c) > 0) ++c;
        return c;
    }
};

TEST(Metrics, TopOneAndTopFive) {
    const Classified data;
    double top1 = 0, top5 = 0;
    for (size_t i = 0; i < data.n; ++i)
        if (i != 5) {
            top1 += data.above(i, size_t(data.target[i])) == 0;
            top5 += data.above(i, size_t(data.target[i])) < 5;
        }
    EXPECT_DOUBLE_EQ(data.metrics.value("top1"), top1 / 39);
    EXPECT_DOUBLE_EQ(data.metrics.value("top5"), top5 / 39);
    EXPECT_LT(data.metrics.value("top5"), 1);
    EXPECT_EQ(data.metrics.samples(), 40);
    EXPECT_EQ(data.metrics.score(classification_task.metric("top1")), data.metrics.value("top1"));
    EXPECT_EQ(data.metrics.score(classification_task.metric("loss")), -data.metrics.value("loss"));
}

TEST(Metrics, PrecisionRecallAndF1OfEachClass) {
    const Classified data;
    const std::vector<ClassMetrics> all = data.metrics.per_class();
    ASSERT_EQ(all.size(), data.k);
    double mean_precision = 0, mean_recall = 0, mean_f1 = 0;
    for (size_t c = 0; c < data.k; ++c) {
        double hit = 0, falsely = 0, missed = 0;
        for (size_t i = 0; i < data.n; ++i) {
            if (i == 5) continue;
            const bool is = data.target[i] == int32_t(c), said = data.predicted(i) == c;
            hit += is && said;
            falsely += !is && said;
            missed += is && !said;
        }
        EXPECT_EQ(double(all[c].count), hit + missed);
        EXPECT_DOUBLE_EQ(all[c].precision, hit + falsely > 0 ? hit / (hit + falsely) : 0);
        EXPECT_DOUBLE_EQ(all[c].recall, hit + missed > 0 ? hit / (hit + missed) : 0);
        const double f1 = hit > 0 ? 2 * hit / (2 * hit + falsely + missed) : 0;
        EXPECT_NEAR(all[c].f1, f1, 1e-15);
        if (hit + missed == 0) continue;
        mean_precision += all[c].precision / 6;
        mean_recall += all[c].recall / 6;
        mean_f1 += f1 / 6;
    }
    EXPECT_EQ(all[6].count, 0);
    EXPECT_NEAR(data.metrics.value("precision"), mean_precision, 1e-15);
    EXPECT_NEAR(data.metrics.value("recall"), mean_recall, 1e-15);
    EXPECT_NEAR(data.metrics.value("f1"), mean_f1, 1e-15);
}

// The loss is that of the probabilities, whatever the graph's own loss has in it.
TEST(Metrics, LossAndBrierAreThoseOfTheSoftmax) {
    const Classified data;
    double loss = 0, brier = 0;
    for (size_t i = 0; i < data.n; ++i) {
        if (i == 5) continue;
        double sum = 0;
        for (size_t c = 0; c < data.k; ++c) sum += std::exp(double(data.logits[i * data.k + c]));
        for (size_t c = 0; c < data.k; ++c) {
            const double p = std::exp(double(data.logits[i * data.k + c])) / sum, truth = int32_t(c) == data.target[i];
            brier += (p - truth) * (p - truth) / 39;
            if (truth > 0) loss -= std::log(p) / 39;
        }
    }
    EXPECT_NEAR(data.metrics.value("loss"), loss, 1e-12);
    EXPECT_NEAR(data.metrics.value("brier"), brier, 1e-12);
}

// The share of pairs in the right order, equals counting half.
TEST(Metrics, AucCountsPairs) {
    rng::Sequence random(9, rng::Stream::init);
    std::vector<float> x, t;
    for (int i = 0; i < 60; ++i) {
        t.push_back(float(random.below(2)));
        x.push_back(float(random.below(5)) - 2 + t.back()); // many ties
    }
    const auto measured = make_metrics(binary_task);
    Metrics& metrics = *measured;
    metrics.add(floats({60, 1}, x).view(), floats({60}, t), 60, 1, 60);
    double right = 0, pairs = 0, accurate = 0;
    for (size_t i = 0; i < 60; ++i) {
        accurate += (x[i] > 0) == (t[i] > 0);
        for (size_t j = 0; j < 60; ++j) {
            if (t[i] < 1 || t[j] > 0) continue;
            ++pairs;
            right += x[i] > x[j] ? 1 : x[i] == x[j] ? 0.5 : 0;
        }
    }
    EXPECT_NEAR(metrics.value("auc"), right / pairs, 1e-14);
    EXPECT_DOUBLE_EQ(metrics.value("accuracy"), accurate / 60);
}

TEST(Metrics, AucOfOneClassOrOfNaNIsNone) {
    const auto same = make_metrics(binary_task), spoilt = make_metrics(binary_task);
    Metrics &one = *same, &odd = *spoilt;
    one.add(floats({3}, {1, 2, 3}).view(), floats({3}, {1, 1, 1}), 3, 1, 3);
    EXPECT_TRUE(std::isnan(one.value("auc")));
    odd.add(floats({3}, {1, std::nanf(""), 3}).view(), floats({3}, {1, 0, 1}), 3, 1, 3);
    EXPECT_TRUE(std::isnan(odd.value("auc")));
    EXPECT_FALSE(check_bounds(odd, {parse_bound("auc=0.1", true)})[0].held);
}

TEST(Metrics, PerplexityAndBitsPerByte) {
    // Two windows of three tokens; the six true ones have the probabilities 1/2, 1/4, ..., 1/64, and one is ignored.
    std::vector<float> logits;
    for (int i = 1; i <= 6; ++i) {
        const double rest = (1 - std::pow(2.0, -i)) / 3; // of the other three
        for (int k = 0; k < 4; ++k) logits.push_back(float(std::log(k == i % 4 ? std::pow(2.0, -i) : rest)));
    }
    const auto measured = make_metrics(text_task);
    measured->add(floats({2, 3, 4}, logits).view(), classes({1, 2, 3, 0, -100, 2}), 2, 99, 6);
    const double bits = double(1 + 2 + 3 + 4 + 6) / 5;
    EXPECT_NEAR(measured->value("bits_per_byte"), bits, 1e-6);
    EXPECT_NEAR(measured->value("perplexity"), std::pow(2.0, bits), 1e-5);
    EXPECT_NEAR(measured->value("loss"), bits * std::log(2.0), 1e-6);
    EXPECT_NEAR(measured->value("top1"), (1 + 0.25) / 5, 1e-12); // 1/4 is as likely as the three others
}

TEST(Metrics, RegressionErrors) {
    const auto measured = make_metrics(regression_task);
    Metrics& metrics = *measured;
    metrics.add(floats({4, 1}, {1, 2, 3, 4}).view(), floats({4}, {1, 0, 4, 4.5f}), 4, 10.5, 4);
    EXPECT_DOUBLE_EQ(metrics.value("mae"), 3.5 / 4);
    EXPECT_DOUBLE_EQ(metrics.value("rmse"), std::sqrt(5.25 / 4));
    EXPECT_DOUBLE_EQ(metrics.value("loss"), 10.5 / 4); // the graph's own
}

TEST(Metrics, AnUnknownNameListsTheKnown) {
    const auto metrics = make_metrics(regression_task);
    const std::string message = test::error_of(Exit::usage, [&] { metrics->value("auc"); });
    EXPECT_NE(message.find("loss, rmse, mae, r2"), std::string::npos) << message;
}

/// A model that is right on the first `right` of n samples.
std::unique_ptr<Metrics> right_on(int64_t right, int64_t n) {
    std::vector<float> x;
    for (int64_t i = 0; i < n; ++i) x.push_back(i < right ? 1.0f : -1.0f);
    auto metrics = make_metrics(binary_task);
    metrics->add(floats({n}, x).view(), floats({n}, std::vector<float>(size_t(n), 1.0f)), n, 0, double(n));
    return metrics;
}

// The difference of shares has the deviation sqrt(p (1 - p) / n), and the interval is about 1.96 of them each way.

Comparison accuracies(const Metrics& a, const Metrics& b, uint64_t seed) {
    return compare(a, b, binary_task.metric("accuracy"), seed);
}

TEST(Metrics, BootstrapIntervalHasTheWidthOfTheNormalOne) {
    const Comparison c = accuracies(*right_on(400, 400), *right_on(320, 400), 1);
    const double deviation = std::sqrt(0.2 * 0.8 / 400);
    EXPECT_DOUBLE_EQ(c.difference, 0.2);
    EXPECT_NEAR(c.low, 0.2 - 1.96 * deviation, 0.3 * deviation);
    EXPECT_NEAR(c.high, 0.2 + 1.96 * deviation, 0.3 * deviation);
    EXPECT_FALSE(c.significantly_worse());
    EXPECT_TRUE(accuracies(*right_on(320, 400), *right_on(400, 400), 1).significantly_worse());
    EXPECT_FALSE(accuracies(*right_on(399, 400), *right_on(400, 400), 1).significantly_worse());
    EXPECT_NE(c.low, accuracies(*right_on(400, 400), *right_on(320, 400), 2).low); // drawn by seed
}

TEST(Metrics, BootstrapIntervalIsThatOfItsSeed) {
    const Comparison a = accuracies(*right_on(400, 400), *right_on(320, 400), 1),
                     b = accuracies(*right_on(400, 400), *right_on(320, 400), 1);
    EXPECT_EQ(a.low, b.low);
    EXPECT_EQ(a.high, b.high);
    EXPECT_LT(a.low, a.difference);
    EXPECT_GT(a.high, a.difference);
}

TEST(Metrics, BootstrapIntervalOfEquallyGoodModelsHoldsZero) {
    const Comparison same = accuracies(*right_on(300, 400), *right_on(300, 400), 1);
    EXPECT_EQ(same.low, 0);
    EXPECT_EQ(same.high, 0);
    // As good, but right on other samples: the first half against the second.
    std::vector<float> first, second;
    for (int i = 0; i < 200; ++i) {
        first.push_back(i < 100 ? 1.0f : -1.0f);
        second.push_back(-first.back());
    }
    const auto a = make_metrics(binary_task), b = make_metrics(binary_task);
    for (auto [metrics, x] : {std::pair{a.get(), &first}, std::pair{b.get(), &second}})
        metrics->add(floats({200}, *x).view(), floats({200}, std::vector<float>(200, 1.0f)), 200, 0, 200);
    const Comparison other = accuracies(*a, *b, 1);
    EXPECT_EQ(other.difference, 0);
    EXPECT_LT(other.low, -0.05);
    EXPECT_GT(other.high, 0.05);
    EXPECT_FALSE(other.significantly_worse());
}

/// A text model that gives the right one of two bytes the logit `sure` and the other 0, in windows of 4 bytes and one
/// of 1.
std::unique_ptr<Metrics> text_model(const std::vector<float>& sure) {
    auto metrics = make_metrics(text_task);
    for (const float logit : sure) {
        std::vector<float> logits;
        for (int t = 0; t < 4; ++t) logits.insert(logits.end(), {logit, 0});
        const bool last = &logit == &sure.back();
        metrics->add(floats({1, 4, 2}, logits).view(), last ? classes({0, -100, -100, -100}) : classes({0, 0, 0, 0}), 1,
                     std::log1p(std::exp(-double(logit))) * (last ? 1 : 4), last ? 1 : 4);
    }
    return metrics;
}

TEST(Metrics, TextsAreComparedByTheLossOfTheirTokens) {
    const auto good = text_model({3, 2, 3, 2.5f, 2, 3, 3, 2}), bad = text_model({1, 1.5f, 0.5f, 1, 1, 1, 0.5f, 9});
    const MetricRow& loss = text_task.metric("loss");
    const Comparison c = compare(*bad, *good, loss, 1);
    EXPECT_EQ(c.metric, "loss");
    EXPECT_NEAR(c.difference, bad->value("loss") - good->value("loss"), 1e-12);
    EXPECT_GT(c.difference, 0);
    EXPECT_TRUE(c.significantly_worse());
    EXPECT_FALSE(compare(*good, *bad, loss, 1).significantly_worse());
}

// ---- a class for each pixel

/// Two samples of 1 x 4 pixels and four classes, of which the last is neither there nor predicted; one pixel is
/// ignored, though the prediction is right there.
TEST(Segmentation, IntersectionOverUnionOfTheClassesThatAreThere) {
    const std::vector<int32_t> truth{0, 0, 1, 1, 2, 0, -100, 0}, said{0, 1, 1, 1, 0, 0, 2, 0};
    Tensor logits(DType::f32, {2, 1, 4, 4}), target(DType::i32, {2, 1, 4});
    for (size_t i = 0; i < 8; ++i) {
        target.as<int32_t>()[i] = truth[i];
        for (size_t k = 0; k < 4; ++k) logits.as<float>()[4 * i + k] = int32_t(k) == said[i] ? 2.0f : 0.0f;
    }
    const auto metrics = make_metrics(segmentation_task);
    metrics->add(logits.view(), target, 2, 0, 1);
    EXPECT_EQ(metrics->confusion(), (std::vector<int64_t>{3, 1, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_DOUBLE_EQ(metrics->value("iou"), (3.0 / 5 + 2.0 / 3 + 0) / 3) << "class 2 is there, class 3 is not";
    EXPECT_DOUBLE_EQ(metrics->value("dice"), (6.0 / 8 + 4.0 / 5 + 0) / 3);
    EXPECT_DOUBLE_EQ(metrics->value("pixel_accuracy"), 5.0 / 7);
    const double right = std::log(std::exp(2.0) + 3) - 2, wrong = std::log(std::exp(2.0) + 3);
    EXPECT_NEAR(metrics->value("loss"), (5 * right + 2 * wrong) / 7, 1e-12);
    EXPECT_DOUBLE_EQ(metrics->per_class()[0].iou, 3.0 / 5);
    const std::vector<uint32_t> second{0, 1}; // drawn anew: the second sample alone
    EXPECT_DOUBLE_EQ(metrics->value(segmentation_task.metric("iou"), Times(second)), (2.0 / 3 + 0) / 2);
}

TEST(Segmentation, PixelsThatAreNoNumbersSpoilEverything) {
    Tensor logits(DType::f32, {1, 1, 2, 2}), target(DType::i32, {1, 1, 2});
    for (size_t i = 0; i < 4; ++i) logits.as<float>()[i] = i == 3 ? NAN : 1;
    target.as<int32_t>()[0] = target.as<int32_t>()[1] = 0;
    const auto metrics = make_metrics(segmentation_task);
    metrics->add(logits.view(), target, 1, 0, 1);
    EXPECT_EQ(metrics->first_spoilt(), 0);
    EXPECT_TRUE(std::isnan(metrics->value("iou")));
}

} // namespace
} // namespace ds
