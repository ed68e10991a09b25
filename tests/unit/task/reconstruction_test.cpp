// What was given back against what went in. The numbers are scikit-image 0.26's (skimage.metrics: mean_squared_error,
// peak_signal_noise_ratio and structural_similarity with data_range=255 and channel_axis=0) for the arrays
//   i = numpy.arange(2 * 2 * 9 * 8)
//   truth = ((i * i * 7 + i * 37) % 256).astype(float).reshape(2, 2, 9, 8)
//   output = truth + (((i * 13) % 31 - 15) * 1.5).reshape(truth.shape)
#include <gmock/gmock.h>

#include <cmath>

#include "infer/predictions.h"
#include "task/task.h"

namespace ds {
namespace {

using ::testing::ElementsAre;

struct Pictures {
    Tensor truth{DType::f32, {2, 2, 9, 8}}, output{DType::f32, {2, 2, 9, 8}};
    Pictures() {
        for (int64_t i = 0; i < truth.size(); ++i) {
            truth.as<float>()[i] = float((i * i * 7 + i * 37) % 256);
            output.as<float>()[i] = truth.as<float>()[i] + float((i * 13) % 31 - 15) * 1.5F;
        }
    }
    /// Sample 0, then sample 1.
    std::unique_ptr<Metrics> measured(double peak) const {
        auto metrics = make_metrics(reconstruction_task);
        metrics->set_peak(peak);
        for (int64_t s : {0, 1}) {
            Tensor x(DType::f32, {1, 2, 9, 8}), t(DType::f32, {1, 2, 9, 8});
            std::copy_n(output.as<float>() + s * 144, 144, x.as<float>());
            std::copy_n(truth.as<float>() + s * 144, 144, t.as<float>());
            metrics->add(x.view(), t, 1, 3, 4);
        }
        return metrics;
    }
    /// What a sample's prediction prints from.
    std::vector<double> both(int64_t s) const {
        std::vector<double> x(output.as<float>() + s * 144, output.as<float>() + (s + 1) * 144);
        x.insert(x.end(), truth.as<float>() + s * 144, truth.as<float>() + (s + 1) * 144);
        return x;
    }
};

TEST(Reconstruction, MetricsAreThoseOfScikitImage) {
    const auto metrics = Pictures().measured(255);
    EXPECT_NEAR(metrics->value("mse"), 180.5625, 1e-9);
    EXPECT_NEAR(metrics->value("rmse"), 13.437354650377, 1e-10);
    EXPECT_NEAR(metrics->value("mae"), 11.625, 1e-10);
    EXPECT_NEAR(metrics->value("psnr"), 25.564528016796, 1e-10);
    EXPECT_NEAR(metrics->value("ssim"), 0.982213494098, 1e-9);
    EXPECT_DOUBLE_EQ(metrics->value("loss"), 0.75);
    EXPECT_EQ(metrics->samples(), 2);
}

TEST(Reconstruction, WithoutAKnownRangeTheRangeIsThatOfWhatWentIn) {
    const auto metrics = Pictures().measured(0); // 254 here
    EXPECT_NEAR(metrics->value("psnr"), 25.530398740516, 1e-10);
    EXPECT_TRUE(std::isnan(metrics->value("ssim"))) << "that is for pictures";
}

TEST(Reconstruction, NoErrorHasAFiniteRatioAndNoRangeHasNone) {
    EXPECT_EQ(signal_to_noise(255, 0), most_signal_to_noise);
    EXPECT_TRUE(std::isnan(signal_to_noise(0, 1)));
    EXPECT_TRUE(std::isnan(signal_to_noise(255, std::nan(""))));
}

TEST(Reconstruction, AnOutputThatIsNotFiniteSpoilsAll) {
    Pictures pictures;
    pictures.output.as<float>()[200] = INFINITY;
    const auto metrics = pictures.measured(255);
    EXPECT_EQ(metrics->spoilt(), 1);
    EXPECT_EQ(metrics->first_spoilt(), 1);
    EXPECT_TRUE(std::isnan(metrics->value("mae")));
    EXPECT_FALSE(reconstruct_printing.usable(pictures.both(1), {}));
}

TEST(Reconstruction, PicturesPrintTheirErrorAndRowsOfNumbersTheNumbersToo) {
    OutputNames names;
    names.item = {2, 9, 8};
    names.peak = 255;
    names.of_input = true;
    const std::vector<double> one = Pictures().both(1);
    EXPECT_EQ(reconstruct_printing.words(one, names), "rmse 13.3732, psnr 25.61 dB");
    EXPECT_THAT(reconstruct_printing.columns(144, names), ElementsAre("rmse", "psnr"));
    EXPECT_THAT(reconstruct_printing.fields(one, names), ElementsAre("13.3732", "25.6061"));
    EXPECT_TRUE(reconstruct_printing.target_columns(144, names).empty());
    names.item = {2};
    names.peak = 0;
    const std::vector<double> row{1.5, -2, 4.5, 2};
    EXPECT_EQ(reconstruct_printing.words(row, names), "rmse 3.53553");
    EXPECT_THAT(reconstruct_printing.columns(2, names), ElementsAre("rmse", "predicted_0", "predicted_1"));
    EXPECT_THAT(reconstruct_printing.fields(row, names), ElementsAre("3.53553", "1.5", "-2"));
    Json json = Json::object();
    reconstruct_printing.json(json, row, names);
    EXPECT_EQ(json.dump(), R"({"rmse":3.5355339059327378,"value":[1.5,-2.0]})");
}

TEST(Reconstruction, PicturesAreCutToBytesAndNumbersStretchedToWhatWentIn) {
    OutputNames names;
    names.item = {1, 1, 3};
    names.peak = 255;
    const std::vector<double> bytes{-3, 127.6, 300, 0, 128, 255}, numbers{0.5, 0, 2, 0, 0.5, 1};
    EXPECT_THAT(reconstruct_printing.picture(bytes, names).image.pixels, ElementsAre(0, 128, 255));
    names.peak = 0;
    EXPECT_THAT(reconstruct_printing.picture(numbers, names).image.pixels, ElementsAre(128, 0, 255));
}

TEST(Reconstruction, RawOutputsAreWithoutWhatWentIn) {
    Predictions some;
    some.item = {2};
    some.behind = 2;
    some.sources = {"a", "b"};
    some.outputs = {1, 2, 3, 4, 5, 6, 7, 8};
    const std::string npy = some.npy();
    std::vector<float> values(4);
    std::memcpy(values.data(), npy.data() + npy.size() - 16, 16);
    EXPECT_THAT(values, ElementsAre(1, 2, 5, 6));
    EXPECT_THAT(some.part(1, 2).outputs, ElementsAre(5, 6, 7, 8));
}

} // namespace
} // namespace ds
