// Rows of groups, measured beside scikit-learn; equals are their expectation; order and batches do not matter.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "report/verdict.h"
#include "task/ranked_list.h"
#include "task/task.h"

namespace ds {
namespace {

struct Row {
    int group;
    float score, relevance;
};

// Two of the groups have equal scores, group 3 has no relevant row, group 4 one row.
const std::vector<Row> rows{{0, 2.5f, 1}, {0, 1, 4},  {0, 1, 0},     {0, -1, 2}, {0, .5f, 0}, {1, 0, 0},
                            {1, 0, 1},    {1, 0, 0},  {1, 0, 3},     {2, -3, 0}, {2, -2, 1},  {2, .25f, 0},
                            {2, .75f, 0}, {2, -2, 0}, {2, 5, 0},     {2, 4, 0},  {2, 3, 2},   {2, 2, 0},
                            {2, 1, 0},    {2, 6, 0},  {2, -2.5f, 1}, {3, 1, 0},  {3, 2, 0},   {4, 0, 2}};

std::unique_ptr<Metrics> measured(const std::vector<Row>& all, size_t batch = 100) {
    std::unique_ptr<Metrics> metrics = make_metrics(ranking_task);
    for (size_t begin = 0; begin < all.size(); begin += batch) {
        const auto n = int64_t(std::min(batch, all.size() - begin));
        Tensor score(DType::f32, {n}), relevance(DType::f32, {n}), groups(DType::i32, {n, 2});
        for (int64_t i = 0; i < n; ++i) {
            const Row& row = all[begin + size_t(i)];
            score.as<float>()[i] = row.score;
            relevance.as<float>()[i] = row.relevance;
            groups.as<int32_t>()[2 * i] = row.group;
            groups.as<int32_t>()[2 * i + 1] = int32_t(i);
        }
        metrics->add(score.view(), relevance, n, 0, 0, &groups);
    }
    return metrics;
}

// sklearn.metrics.ndcg_score(2**y - 1, score, k=k) of each group but 3; and the means over all orders of the equals
// (itertools.permutations) of average_precision_score(y > 0, -range(n)), 1 / (1 + first hit), and hits in [:10] over
// all.
const std::map<std::string, double> wanted{{"ndcg@10", 0.6668654059542781}, {"ndcg@5", 0.6490094129580375},
                                           {"ndcg", 0.68374677179026},      {"map", 0.6840698653198654},
                                           {"mrr", 0.7430555555555556},     {"recall@10", 0.9166666666666666}};

TEST(Ranking, IsMeasuredAsScikitLearnDoes) {
    const auto metrics = measured(rows);
    for (const auto& [name, value] : metrics->values()) EXPECT_NEAR(value, wanted.at(name), 1e-9) << name;
    EXPECT_EQ(metrics->counts(),
              (std::vector<std::pair<std::string, int64_t>>{{"groups", 5}, {"without_relevant", 1}}));
}

TEST(Ranking, NeitherBatchesNorTheOrderOfRowsMatter) {
    std::vector<Row> mixed = rows;
    std::shuffle(mixed.begin(), mixed.end(), std::mt19937(3));
    for (const size_t batch : {1, 5, 100}) {
        const auto metrics = measured(mixed, batch);
        for (const auto& [name, value] : metrics->values()) EXPECT_NEAR(value, wanted.at(name), 1e-9) << name;
    }
}

TEST(Ranking, OfTheSameScoreForAllIsThatOfChance) {
    std::vector<Row> alike{{0, 1, 1}}; // of ten rows the first is relevant: a file that lies in order helps nobody
    for (int i = 0; i < 9; ++i) alike.push_back({0, 1, 0});
    const auto metrics = measured(alike);
    double gain = 0, reciprocal = 0;
    for (int i = 1; i <= 10; ++i) gain += 1 / std::log2(i + 1.0) / 10, reciprocal += 1.0 / i / 10;
    EXPECT_NEAR(metrics->value("ndcg"), gain, 1e-12);
    EXPECT_NEAR(metrics->value("mrr"), reciprocal, 1e-12);
    EXPECT_NEAR(metrics->value("map"), reciprocal, 1e-12);
}

TEST(Ranking, WithoutARelevantRowIsNotDefined) {
    const auto metrics = measured({{0, 1, 0}, {0, 2, 0}, {1, 3, 0}});
    for (const auto& [name, value] : metrics->values()) EXPECT_TRUE(std::isnan(value)) << name;
    EXPECT_TRUE(metrics->curves().empty());
}

TEST(Ranking, ASampleOfANaNSpoilsAll) {
    std::vector<Row> spoilt = rows;
    spoilt[7].score = std::nanf("");
    EXPECT_EQ(measured(spoilt)->first_spoilt(), 7);
    EXPECT_TRUE(std::isnan(measured(spoilt)->value("ndcg@10")));
}

TEST(Ranking, IsComparedByDrawingGroups) {
    const auto metrics = measured(rows);
    EXPECT_EQ(metrics->draws(), 5);
    const std::vector<uint32_t> times{2, 0, 1, 7, 0}; // group 3 has no best order
    const MetricRow& map = ranking_task.metric("map");
    const double first = metrics->value(map, Times(std::vector<uint32_t>{1, 0, 0, 0, 0})),
                 third = metrics->value(map, Times(std::vector<uint32_t>{0, 0, 1, 0, 0}));
    EXPECT_NEAR(metrics->value(map, Times(times)), (2 * first + third) / 3, 1e-12);
    const Comparison same = compare(*metrics, *measured(rows, 3), map, 1);
    EXPECT_NEAR(same.difference, 0, 1e-12);
    EXPECT_TRUE(same.held());
}

TEST(Ranking, CurvesEndAtAllThatIsRelevant) {
    const std::vector<Curve> curves = measured(rows)->curves();
    ASSERT_EQ(curves.size(), 2U);
    EXPECT_EQ(curves[1].points.size(), 12U); // the longest list
    EXPECT_NEAR(curves[1].points.back().second, 1, 1e-12);
    EXPECT_NEAR(curves[0].points.back().second, wanted.at("ndcg"), 1e-9);
    EXPECT_LT(curves[0].reference[0].second, 1);
}

TEST(Ranking, PredictionsAreScores) {
    EXPECT_EQ(score_printing.words(std::vector<double>{0.25}, {}), "score 0.25");
    EXPECT_EQ(score_printing.fields(std::vector<double>{-1.5}, {}), std::vector<std::string>{"-1.5"});
    EXPECT_FALSE(score_printing.usable(std::vector<double>{INFINITY}, {}));
}

} // namespace
} // namespace ds
