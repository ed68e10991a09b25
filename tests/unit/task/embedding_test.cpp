// Neighbours by cosine beside scikit-learn; equals are their expectation; classes of one and ignored samples do not
// count.
#include <gtest/gtest.h>

#include <cmath>

#include "task/plane.h"
#include "task/task.h"

namespace ds {
namespace {

constexpr int64_t samples = 14, size = 3;

// rng = numpy.random.default_rng(11); x = round(rng.normal(size=(14, 3)), 2); x[label == c, c] += 0.8 for c < 3; rows
// of length 1 as float32. The last but one is alone in its class, the last is ignored.
const std::vector<float> vectors{
    0.413611561f,   0.677724957f, 0.607959151f,  0.429924607f,  -0.444749594f,   -0.785724282f, 0.876513958f,
    -0.0383874737f, 0.479843408f, -0.555143893f, 0.830072284f,  -0.0528708436f,  0.964542985f,  -0.091240555f,
    -0.247652933f,  0.271246016f, 0.955257773f,  -0.117933057f, -0.0866097584f,  0.860323608f,  -0.502336621f,
    -0.741667807f,  0.58449316f,  -0.329084396f, -0.971308708f, -0.00505889952f, -0.237768278f, -0.571099877f,
    -0.715074599f,  0.403129309f, 0.966848075f,  -0.247083396f, 0.0644565374f,   0.397736818f,  0.753606558f,
    0.523337901f,   0.45358938f,  0.873579502f,  -0.176395863f, -0.883204341f,   0.381631523f,  0.272593945f};
const std::vector<int32_t> labels{0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, -100};

std::unique_ptr<Metrics> measured(const std::vector<float>& all, int64_t batch = samples) {
    std::unique_ptr<Metrics> metrics = make_metrics(embedding_task);
    for (int64_t begin = 0; begin < samples; begin += batch) {
        const int64_t n = std::min(batch, samples - begin);
        Tensor vector(DType::f32, {n, size}), label(DType::i32, {n});
        std::copy_n(all.begin() + begin * size, n * size, vector.as<float>());
        std::copy_n(labels.begin() + begin, n, label.as<int32_t>());
        metrics->add(vector.view(), label, n, 0, 0);
    }
    return metrics;
}

// sklearn: KNeighborsClassifier(1, metric="cosine") fitted on all others of each sample;
// average_precision_score(y[others]
// == y[i], cosines).
TEST(Embedding, NeighboursAreThoseOfScikitLearn) {
    for (const int64_t batch : {14, 3}) {
        const auto metrics = measured(vectors, batch);
        EXPECT_NEAR(metrics->value("top1"), 0.25, 1e-12);
        EXPECT_NEAR(metrics->value("map"), 0.42384334415584407, 1e-9);
        EXPECT_EQ(metrics->value("hit@10"), 1);
        EXPECT_EQ(metrics->counts(), (std::vector<std::pair<std::string, int64_t>>{{"without_partner", 2}}));
    }
}

TEST(Embedding, OfOneVectorForAllIsThatOfChance) {
    std::vector<float> alike;
    for (int64_t s = 0; s < samples; ++s) alike.insert(alike.end(), {0, 1, 0});
    const auto metrics = measured(alike);
    // Of twelve others 4, 3 and 2 are partners; ten are drawn, and both of two are left with 1 in 66.
    EXPECT_NEAR(metrics->value("top1"), (5 * 4 + 4 * 3 + 3 * 2) / 12.0 / 12, 1e-12);
    EXPECT_NEAR(metrics->value("hit@10"), (9 + 3 * 65.0 / 66) / 12, 1e-12);
}

TEST(Embedding, WithoutPartnersIsNotDefinedAndANaNSpoils) {
    std::unique_ptr<Metrics> metrics = make_metrics(embedding_task);
    Tensor vector(DType::f32, {2, size}), label(DType::i32, {2});
    std::copy_n(vectors.begin(), 2 * size, vector.as<float>());
    label.as<int32_t>()[0] = 0, label.as<int32_t>()[1] = 7;
    metrics->add(vector.view(), label, 2, 0, 0);
    EXPECT_TRUE(std::isnan(metrics->value("top1")));
    std::vector<float> spoilt = vectors;
    spoilt[4] = std::nanf("");
    EXPECT_EQ(measured(spoilt)->first_spoilt(), 1);
    EXPECT_TRUE(std::isnan(measured(spoilt)->value("map")));
}

// sklearn.decomposition.PCA(2).fit(x).explained_variance_ratio_
TEST(Embedding, IsDrawnAlongItsPrincipalComponents) {
    const Plane plane = principal_plane(vectors, samples);
    EXPECT_NEAR(plane.share[0], 0.51018728, 1e-6);
    EXPECT_NEAR(plane.share[1], 0.31282449, 1e-6);
    const std::vector<Curve> curves = measured(vectors)->curves();
    ASSERT_EQ(curves.size(), 1U);
    EXPECT_EQ(curves[0].clouds.size(), 5U);
    EXPECT_EQ(curves[0].clouds[0].size(), 5U);
    const Plane flat = principal_plane(std::vector<float>(9, 1.0F), 3);
    EXPECT_EQ(flat.share[0], 0) << "all alike have no axis, and no NaN";
}

TEST(Embedding, VectorsPrintShortAndWhole) {
    const std::vector<double> x{0.5, -0.25, 0.125, 0, 1};
    EXPECT_EQ(vector_printing.words(x, {}), "vector 0.5000 -0.2500 0.1250 0.0000 ... (5 numbers)");
    EXPECT_EQ(vector_printing.columns(2, {}), (std::vector<std::string>{"vector_0", "vector_1"}));
    EXPECT_EQ(vector_printing.fields(std::vector<double>{0.5, -2}, {}), (std::vector<std::string>{"0.5", "-2"}));
}

} // namespace
} // namespace ds
