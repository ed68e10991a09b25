// Predictions and text of float64 models are those of the float32 model with the same weights.
#include <gtest/gtest.h>

#include "base/utf8.h"
#include "data/format/npy.h"
#include "infer/generate.h"
#include "infer/predict.h"
#include "unit/train/train_fixture.h"

namespace ds {
namespace {

using testing::new_model;

Predictions predict_samples(DType dtype, int64_t batch) {
    const test::Folder folder;
    testing::write_samples(folder / "d.h5", 7);
    PredictRequest request;
    request.inputs = {folder / "d.h5"};
    request.batch = batch;
    Predictions all;
    predict(new_model(testing::mlp_file, DataSource(folder / "d.h5"), 1, dtype), request,
            [&](const Predictions& some) { all.append(some); });
    return all;
}

TEST(Predict, Float64ModelsGiveTheirOwnNumbers) {
    const Predictions narrow = predict_samples(DType::f32, 3), wide = predict_samples(DType::f64, 3);
    ASSERT_EQ(narrow.outputs.size(), size_t(21));
    ASSERT_EQ(wide.outputs.size(), size_t(21));
    for (size_t i = 0; i < 21; ++i) EXPECT_NEAR(wide.outputs[i], narrow.outputs[i], 1e-5) << i;
    const std::string file = wide.npy();
    const NpyArray array = parse_npy(std::as_bytes(std::span(file)), "npy");
    EXPECT_EQ(array.dtype, DType::f64);
    EXPECT_EQ(array.shape, (Dims{7, 3}));
}

TEST(Predict, BatchesChangeNothing) {
    const Predictions a = predict_samples(DType::f64, 1), b = predict_samples(DType::f64, 100);
    ASSERT_EQ(a.sources.size(), b.sources.size());
    EXPECT_TRUE(a.sources[6].ends_with("/d.h5[6]") && b.sources[6].ends_with("/d.h5[6]")) << a.sources[6];
    for (size_t i = 0; i < a.outputs.size(); ++i) EXPECT_NEAR(a.outputs[i], b.outputs[i], 1e-12) << i;
}

TEST(Predict, Float64ModelsOfTextSaySoToo) {
    const test::Folder folder;
    testing::write_text(folder / "t.h5", 60);
    const auto say = [&](DType dtype) {
        GenerateRequest request;
        request.prompt = "abc";
        request.tokens = 6;
        request.sampling.temperature = 0;
        std::string all;
        generate(new_model(testing::transformer_file, DataSource(folder / "t.h5"), 2, dtype), request,
                 [&](std::string_view text) { all += text; });
        return all;
    };
    EXPECT_EQ(say(DType::f64), say(DType::f32));
}

TEST(Generate, RefusesWhatHasNoLikeliestToken) {
    const test::Folder folder;
    testing::write_text(folder / "t.h5", 60);
    Model model = new_model(testing::transformer_file, DataSource(folder / "t.h5"), 2);
    model.state->at("head.weight").as<float>()[3] = std::nanf("");
    GenerateRequest request;
    request.prompt = "abc";
    for (const double temperature : {0.0, 1.0}) {
        request.sampling.temperature = temperature;
        try {
            generate(model, request, [](std::string_view) {});
            ADD_FAILURE() << "text from NaN";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Exit::data);
        }
    }
}

TEST(Generate, RefusesBytesThatTheModelDoesNotKnow) {
    const test::Folder folder;
    testing::write_text(folder / "t.h5", 60);
    std::string file = testing::transformer_file;
    for (size_t at; (at = file.find("256")) != std::string::npos;) file.replace(at, 3, "128");
    const Model model = new_model(file.c_str(), DataSource(folder / "t.h5"), 2);
    GenerateRequest request;
    request.tokens = 3;
    request.prompt = "plain";
    generate(model, request, [](std::string_view) {});
    request.prompt = "\xc3\xa4";
    EXPECT_THROW(generate(model, request, [](std::string_view) {}), Error);
}

TEST(Generate, GivesWholeCharactersWhateverTheModelKnows) {
    const test::Folder folder;
    testing::write_text(folder / "t.h5", 60);
    const Model model = new_model(testing::transformer_file, DataSource(folder / "t.h5"), 2); // which knows nothing
    int64_t long_ones = 0;
    for (int64_t tokens = 0; tokens < 24; ++tokens) {
        GenerateRequest request;
        request.prompt = "abc\xc3"; // half a character, which is ended first
        request.seed = uint64_t(tokens);
        request.tokens = tokens;
        std::string all;
        generate(model, request, [&](std::string_view piece) {
            all += piece;
            EXPECT_TRUE(all.size() <= 4 || open_utf8(all) == 0) << "a piece that ends in a character";
        });
        EXPECT_EQ(find_not_utf8(all), std::string::npos) << tokens;
        EXPECT_EQ(open_utf8(all), tokens ? 0u : 1u) << tokens;
        EXPECT_LE(int64_t(all.size()), 4 + tokens);
        long_ones += std::count_if(all.begin(), all.end(), [](char c) { return uint8_t(c) >= 0xC2; });
    }
    EXPECT_GT(long_ones, 24 + 20);
}

TEST(Generate, GivesAnyByteWhereThatIsAskedForOrBegun) {
    const test::Folder folder;
    testing::write_text(folder / "t.h5", 60);
    const Model model = new_model(testing::transformer_file, DataSource(folder / "t.h5"), 2);
    for (const bool asked : {true, false}) {
        GenerateRequest request;
        request.prompt = asked ? "abc" : "gr\xfc\xdf"; // Latin-1
        request.any_bytes = asked;
        request.tokens = 40;
        std::string all;
        generate(model, request, [&](std::string_view piece) { all += piece; });
        EXPECT_EQ(all.size(), request.prompt.size() + 40);
        EXPECT_NE(find_not_utf8(all.substr(request.prompt.size())), std::string::npos);
    }
}

} // namespace
} // namespace ds
