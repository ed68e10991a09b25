// Pairs found by each other beside NumPy: equal partners are one, other partners of the same first side are right, too,
// and equals are their expectation.
#include <gtest/gtest.h>

#include <cmath>

#include "task/task.h"

namespace ds {
namespace {

constexpr int64_t samples = 16, size = 3;

// rng = numpy.random.default_rng(5); u = rng.normal(size=(16, 3)); users = rng.integers(0, 9, 16); items =
// rng.integers(0, 11, 16); c = rng.normal(size=(11, 3))[items]; u += 1.5 * c; rows of length 1 as float32.
const std::vector<float> first{
    -0.72978884F,  -0.680435717F, -0.0664488524F, 0.493773371F,   -0.209409788F, -0.843999624F, 0.140618026F,
    -0.984878242F, 0.101199977F,  0.746750593F,   0.337913811F,   -0.572868049F, -0.550371706F, 0.718228579F,
    -0.425721437F, -0.767811298F, -0.331269443F,  -0.548385203F,  -0.831791222F, -0.120656461F, -0.541816771F,
    0.566311479F,  -0.713722944F, -0.412178189F,  -0.724192619F,  0.161391184F,  -0.670446038F, 0.226804078F,
    -0.947769344F, -0.224261373F, -0.195372999F,  -0.940925062F,  -0.276567191F, -0.250365615F, -0.741834581F,
    -0.622092009F, -0.91554153F,  -0.395678788F,  -0.0722636133F, -0.604301989F, 0.692820549F,  0.393470228F,
    -0.690593183F, 0.338625014F,  -0.639072895F,  0.300363541F,   -0.551404417F, -0.778289735F};
const std::vector<float> second{
    -0.50075531F,  0.796615183F,   0.338597685F,  0.246946841F,  -0.61854744F,  -0.745933235F, 0.443913966F,
    -0.865213811F, -0.233121201F,  -0.50075531F,  0.796615183F,  0.338597685F,  -0.48078841F,  0.497914076F,
    -0.721750736F, -0.0150705343F, -0.992590666F, -0.120567925F, -0.50075531F,  0.796615183F,  0.338597685F,
    0.443913966F,  -0.865213811F,  -0.233121201F, -0.976267755F, -0.108837359F, -0.187231779F, 0.443913966F,
    -0.865213811F, -0.233121201F,  0.443913966F,  -0.865213811F, -0.233121201F, -0.234562457F, -0.631623387F,
    -0.73894006F,  -0.976267755F,  -0.108837359F, -0.187231779F, -0.50075531F,  0.796615183F,  0.338597685F,
    -0.48078841F,  0.497914076F,   -0.721750736F, 0.443913966F,  -0.865213811F, -0.233121201F};
const std::vector<int32_t> users{6, 0, 2, 8, 7, 0, 7, 7, 4, 3, 8, 8, 6, 3, 1, 8};
const std::vector<int32_t> items{2, 6, 7, 2, 3, 8, 2, 7, 10, 7, 7, 5, 10, 2, 3, 7};

/// `known`: which rows are alike.
std::unique_ptr<Metrics> measured(const std::vector<float>& u, const std::vector<float>& c, bool known,
                                  int64_t batch = samples) {
    std::unique_ptr<Metrics> metrics = make_metrics(retrieval_task);
    for (int64_t begin = 0; begin < samples; begin += batch) {
        const int64_t n = std::min(batch, samples - begin);
        Tensor vector(DType::f32, {n, size}), truth(DType::f32, {n, size}), alike(DType::i32, {n, 2});
        std::copy_n(u.begin() + begin * size, n * size, vector.as<float>());
        std::copy_n(c.begin() + begin * size, n * size, truth.as<float>());
        for (int64_t i = 0; i < n; ++i) {
            alike.as<int32_t>()[2 * i] = users[size_t(begin + i)];
            alike.as<int32_t>()[2 * i + 1] = items[size_t(begin + i)];
        }
        metrics->add(vector.view(), truth, n, 0, 0, known ? &alike : nullptr);
    }
    return metrics;
}

// The places of each row's item by its cosine among the different items, without those of other rows of its user.
TEST(Retrieval, PlacesAreThoseOfNumpy) {
    for (const int64_t batch : {16, 5, 1}) {
        const auto metrics = measured(first, second, true, batch);
        EXPECT_NEAR(metrics->value("recall@1"), 0.5, 1e-12);
        EXPECT_NEAR(metrics->value("recall@10"), 1, 1e-12);
        EXPECT_NEAR(metrics->value("mrr"), 0.6791666666666667, 1e-12);
        EXPECT_EQ(metrics->counts(), (std::vector<std::pair<std::string, int64_t>>{{"partners", 7}}));
    }
}

// The same of all rows, of which some have equal vectors: means over the orders of the equals.
TEST(Retrieval, WithoutWordOfWhoIsAlikeEachRowIsItsOwn) {
    const auto metrics = measured(first, second, false);
    EXPECT_NEAR(metrics->value("recall@1"), 0.259375, 1e-9);
    EXPECT_NEAR(metrics->value("recall@10"), 0.859375, 1e-9);
    EXPECT_NEAR(metrics->value("recall@100"), 1, 1e-12);
    EXPECT_NEAR(metrics->value("mrr"), 0.44391353004634254, 1e-9);
}

TEST(Retrieval, OfOneVectorForAllIsThatOfChance) {
    std::vector<float> alike;
    for (int64_t s = 0; s < samples; ++s) alike.insert(alike.end(), {0, 1, 0});
    const auto metrics = measured(alike, alike, false);
    double harmonic = 0;
    for (int place = 1; place <= 16; ++place) harmonic += 1.0 / place / 16;
    EXPECT_NEAR(metrics->value("recall@10"), 10.0 / 16, 1e-12);
    EXPECT_NEAR(metrics->value("mrr"), harmonic, 1e-12);
}

TEST(Retrieval, OfOnePartnerIsNotDefinedAndANaNOnEitherSideSpoils) {
    std::unique_ptr<Metrics> metrics = make_metrics(retrieval_task);
    Tensor vector(DType::f32, {2, size}), alike(DType::i32, {2, 2});
    std::copy_n(first.begin(), 2 * size, vector.as<float>());
    alike.as<int32_t>()[0] = 3, alike.as<int32_t>()[1] = 7, alike.as<int32_t>()[2] = 4, alike.as<int32_t>()[3] = 7;
    metrics->add(vector.view(), vector, 2, 0, 0, &alike);
    EXPECT_TRUE(std::isnan(metrics->value("mrr")));
    std::vector<float> spoilt = second;
    spoilt[4] = std::nanf("");
    EXPECT_EQ(measured(first, spoilt, true)->first_spoilt(), 1);
    EXPECT_EQ(measured(spoilt, first, true)->first_spoilt(), 1);
}

TEST(Retrieval, AreDrawnAnewSampleBySample) {
    const auto metrics = measured(first, second, true);
    std::vector<uint32_t> times(samples, 0);
    times[3] = 2;
    const double one = metrics->value(retrieval_task.metric("mrr"), Times(times));
    EXPECT_NEAR(1 / one, std::round(1 / one), 1e-12) << "of one sample it is 1 / a place";
}

TEST(Retrieval, APairPrintsItsCosine) {
    const std::vector<double> x{0.6, 0.8, 1, 0};
    EXPECT_EQ(pair_printing.words(x, {}), "similarity 0.6000");
    EXPECT_EQ(pair_printing.columns(2, {}), std::vector<std::string>{"similarity"});
    EXPECT_EQ(pair_printing.fields(x, {}), std::vector<std::string>{"0.6"});
}

} // namespace
} // namespace ds
