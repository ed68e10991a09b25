// What a training step means: accumulation, thread counts, averaged weights, weight decay, label smoothing, and a batch
// that makes a NaN. In float64 where numbers are compared.
#include <gtest/gtest.h>

#include <limits>

#include "base/parallel.h"
#include "graph/text.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;

class Training : public ::testing::Test {
protected:
    void data(int64_t rows, int64_t bad = -1, int64_t ignore = 0) {
        write_samples(folder_ / "data.h5", rows, bad, ignore);
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
    }
    Training() {
        options_.batch = 8;
        options_.epochs = 2;
        options_.seed = 3;
        options_.schedule.kind = ScheduleKind::constant;
        options_.schedule.lr = 0.05;
        options_.optimizer.momentum = 0.9;
    }
    Model run(const char* file, DType dtype = DType::f64, const TrainObserver& observer = {}) {
        Model model = new_model(file, *data_, options_.seed, dtype);
        Trainer(model, {data_, nullptr}, options_, {}, {}).run(observer);
        return model;
    }

    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
};

// With dropout: its masks follow the samples, not the batches. Sums in another order: 1e-12.
TEST_F(Training, MicroBatchesAreOneBigBatch) {
    data(40);
    const auto whole = numbers_of(run(mlp_file));
    for (int64_t parts : {2, 4, 8}) {
        options_.accumulate = parts;
        options_.batch = 8 / parts;
        EXPECT_LT(largest_difference(whole, numbers_of(run(mlp_file))), 1e-12) << parts;
    }
    options_.accumulate = 1;
    options_.batch = 4;
    EXPECT_GT(largest_difference(whole, numbers_of(run(mlp_file))), 1e-6);
}

TEST_F(Training, MicroBatchesOfTextAreOneBigBatch) {
    write_text(folder_ / "text.h5", 150); // 24 windows of 6
    data_ = std::make_shared<DataSource>(folder_ / "text.h5");
    options_.tokens = 6;
    const auto whole = numbers_of(run(transformer_file));
    for (int64_t parts : {2, 4}) {
        options_.accumulate = parts;
        options_.batch = 8 / parts;
        EXPECT_LT(largest_difference(whole, numbers_of(run(transformer_file))), 1e-12) << parts;
    }
    options_.accumulate = 1;
    EXPECT_GT(largest_difference(whole, numbers_of(run(transformer_file))), 1e-6);
}

// Every third target is ignored: micro-batches of two have 0, 1 or 2 that count.
TEST_F(Training, MicroBatchesWeighByTheirValidTargets) {
    data(40, -1, 3);
    options_.shuffle = false;
    const auto whole = numbers_of(run(mlp_file));
    options_.accumulate = 4;
    options_.batch = 2;
    EXPECT_LT(largest_difference(whole, numbers_of(run(mlp_file))), 1e-12);
}

TEST_F(Training, TheNumberOfThreadsChangesNoMask) {
    data(40);
    const int before = threads();
    set_threads(1);
    const auto one = numbers_of(run(cnn_file));
    set_threads(3);
    const auto three = numbers_of(run(cnn_file));
    set_threads(before);
    EXPECT_LT(largest_difference(one, three), 1e-11); // one other mask would show in the second digit
}

TEST_F(Training, AveragedWeightsFollowTheWeights) {
    data(24);
    options_.optimizer.ema_decay = 0.8;
    Model model = new_model(mlp_file, *data_, 3, DType::f64);
    auto average = numbers_of(model).at("classifier.weight");
    Trainer trainer(model, {data_, nullptr}, options_, {}, {});
    TrainObserver observer;
    observer.on_step = [&](const StepReport&) {
        const auto state = numbers_of(model);
        const auto& now = state.at("classifier.weight");
        for (size_t i = 0; i < now.size(); ++i) {
            average[i] = 0.8 * average[i] + 0.2 * now[i];
            ASSERT_NEAR(state.at("ema/classifier.weight")[i], average[i], 1e-14);
        }
    };
    trainer.run(observer);
    EXPECT_EQ(trainer.state().step, 6);
}

TEST_F(Training, DecayLeavesNormsAndBiases) {
    data(8);
    options_.epochs = 1;
    options_.optimizer.momentum = 0;
    const auto start = numbers_of(new_model(mlp_file, *data_, 3, DType::f64)), plain = numbers_of(run(mlp_file));
    options_.optimizer.weight_decay = 0.1;
    const auto decayed = numbers_of(run(mlp_file));
    options_.optimizer.decay_all = true;
    const auto all = numbers_of(run(mlp_file));
    for (const auto& [name, values] : plain)
        for (size_t i = 0; i < values.size(); ++i) {
            const double step = 0.05 * 0.1 * start.at(name)[i]; // lr x decay x w
            EXPECT_NEAR(values[i] - decayed.at(name)[i], name.ends_with(".weight") ? step : 0, 1e-15) << name;
            EXPECT_NEAR(values[i] - all.at(name)[i], step, 1e-15) << name;
        }
    EXPECT_TRUE(plain.count("hidden.bias") && plain.count("norm.scale"));
}

TEST_F(Training, LabelSmoothingIsMixedWithTheUniform) {
    data(8);
    const char* linear = R"(inputs: {x: "f32[N,5]"}
layers:
  - linear: {name: classifier, units: 3}
loss: {kind: cross_entropy, target: label}
)";
    constexpr double smoothing = 0.2;
    Model model = new_model(linear, *data_, 3, DType::f64);
    const auto state = numbers_of(model);
    std::vector<float> x(8 * 5);
    std::vector<int32_t> label(8);
    data_->file().read(data_->file().find("x"), 0, 8, x.data());
    data_->file().read(data_->file().find("label"), 0, 8, label.data());
    double expected = 0;
    for (size_t n = 0; n < 8; ++n) {
        double logit[3], sum = 0;
        for (size_t k = 0; k < 3; ++k) {
            logit[k] = state.at("classifier.bias")[k];
            for (size_t i = 0; i < 5; ++i) logit[k] += state.at("classifier.weight")[k * 5 + i] * double(x[n * 5 + i]);
            sum += std::exp(logit[k]);
        }
        for (size_t k = 0; k < 3; ++k) {
            const double share = smoothing / 3 + (int32_t(k) == label[n] ? 1 - smoothing : 0);
            expected -= share * (logit[k] - std::log(sum)) / 8;
        }
    }
    double loss = 0;
    TrainObserver observer;
    observer.on_step = [&](const StepReport& step) { loss = step.loss; };
    options_.epochs = 1;
    options_.label_smoothing = smoothing;
    Trainer(model, {data_, nullptr}, options_, {}, {}).run(observer);
    EXPECT_NEAR(loss, expected, 1e-12);
    EXPECT_EQ(text(model.graph).find("smoothing=0.2"), std::string::npos) << "what is stored has none";
}

TEST_F(Training, ARateTooGreatStopsWithTheStateOfTheStepBefore) {
    data(40);
    options_.schedule.lr = 1e30;
    for (const int64_t parts : {1, 2}) {
        options_.accumulate = parts;
        Model model = new_model(mlp_file, *data_, 3);
        Trainer trainer(model, {data_, nullptr}, options_, {}, {});
        std::map<std::string, std::string> good;
        TrainObserver observer;
        observer.after_step = [&](const StepReport&) { good = bytes_of(model); };
        const std::string message = test::error_of(Exit::data, [&] { trainer.run(observer); });
        ASSERT_GE(trainer.state().step, 1);
        EXPECT_NE(message.find("step " + std::to_string(trainer.state().step + 1) + ":"), std::string::npos) << message;
        EXPECT_NE(message.find("node"), std::string::npos) << message;
        EXPECT_NE(message.find("--lr"), std::string::npos) << message;
        expect_same_state(good, bytes_of(model), "after the failure");
    }
}

struct Bad {
    int64_t batch, accumulate, row; // of the NaN
};

class NaNInData : public Training, public ::testing::WithParamInterface<Bad> {};

// The third step of eight rows meets the NaN: alone, in the first of its micro-batches, in the last.
TEST_P(NaNInData, StopsWithStepAndNodeAndTheStateOfTheStepBefore) {
    data(40, GetParam().row * 5 + 2);
    options_.shuffle = false;
    options_.batch = GetParam().batch;
    options_.accumulate = GetParam().accumulate;
    for (const bool check : {false, true}) {
        std::map<std::string, std::string> good;
        TrainObserver observer;
        RunControls controls;
        controls.check_numerics = check;
        Model model = new_model(normed_file, *data_, 3);
        model.preprocessing_json =
            R"({"x": {"kind": "number", "shape": [5], "missing": "seen"}})"; // else refused before
        Trainer trainer(model, {data_, nullptr}, options_, controls, {});
        observer.after_step = [&](const StepReport& step) {
            EXPECT_LE(step.step, 2);
            good = bytes_of(model);
        };
        const std::string message = test::error_of(Exit::data, [&] { trainer.run(observer); });
        EXPECT_NE(message.find("step 3"), std::string::npos) << message;
        EXPECT_NE(message.find("hidden"), std::string::npos) << message;
        EXPECT_EQ(trainer.state().step, 2);
        EXPECT_EQ(trainer.state().cursor, (Cursor{0, 16}));
        expect_same_state(good, bytes_of(model), check ? "checked" : "not checked");
    }
}

INSTANTIATE_TEST_SUITE_P(Batches, NaNInData,
                         ::testing::Values(Bad{8, 1, 20}, Bad{4, 2, 17}, Bad{4, 2, 21}, Bad{2, 4, 19}));

} // namespace
} // namespace ds
