// Fine-tuning: frozen parameters and batch norms, gradual unfreezing, learning rates by name, weights of another model.
#include "train/fine_tune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FineTuning : public ::testing::Test {
protected:
    FineTuning() {
        write_samples(folder_ / "data.h5", 40);
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
        options_.batch = 8; // 5 steps in an epoch
        options_.epochs = 2;
        options_.seed = 3;
        options_.schedule.kind = ScheduleKind::constant;
        options_.schedule.lr = 0.01;
    }
    Model start(const char* file) const { return new_model(file, *data_, options_.seed, DType::f64); }
    void train(Model& model, const TrainObserver& observer = {}, std::optional<RunState> from = {}) {
        Trainer(model, {data_, nullptr}, options_, {}, from).run(observer);
    }
    Model run(const char* file, const TrainObserver& observer = {}) {
        Model model = start(file);
        train(model, observer);
        return model;
    }

    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
};

template <class F>
std::string usage_error(const F& f) {
    try {
        f();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::usage);
        return error.what();
    }
    return "";
}

// ---- freezing ---------------------------------------------------------------------------------------

TEST_F(FineTuning, WhatIsFrozenStaysAndTheRestIsTrained) {
    options_.freeze = {{"hidden"}, {"norm.*"}};
    options_.optimizer.momentum = 0.9;
    const auto before = numbers_of(start(normed_file)), after = numbers_of(run(normed_file));
    for (const char* name : {"hidden.weight", "hidden.bias", "norm.scale", "norm.bias", "norm.mean", "norm.var"})
        EXPECT_EQ(before.at(name), after.at(name)) << name;
    EXPECT_NE(before.at("classifier.weight"), after.at("classifier.weight"));
    EXPECT_TRUE(after.count("momentum/classifier.weight"));
    EXPECT_FALSE(after.count("momentum/hidden.weight")) << "what is not trained needs no moments";
}

TEST_F(FineTuning, ABatchNormBesideWhatIsFrozenStillFollowsTheBatches) {
    options_.freeze = {{"hidden"}};
    const auto before = numbers_of(start(normed_file)), after = numbers_of(run(normed_file));
    EXPECT_NE(before.at("norm.mean"), after.at("norm.mean"));
}

TEST_F(FineTuning, FreezingLeavesTheOthersGradientsAsTheyAre) {
    options_.steps = 1;
    const auto whole = numbers_of(run(mlp_file));
    options_.freeze = {{"hidden"}, {"norm"}};
    const auto part = numbers_of(run(mlp_file));
    const auto before = numbers_of(start(mlp_file));
    for (const char* name : {"classifier.weight", "classifier.bias"}) {
        EXPECT_NE(before.at(name), part.at(name));
        for (size_t i = 0; i < part.at(name).size(); ++i) EXPECT_NEAR(part.at(name)[i], whole.at(name)[i], 1e-15);
    }
}

TEST_F(FineTuning, GradualUnfreezingBeginsLikeANewRun) {
    options_.freeze = {{"hidden", 1}};
    options_.optimizer.kind = OptimizerKind::adam;
    const auto before = numbers_of(start(mlp_file));
    Model model = start(mlp_file);
    double first_move = 0;
    TrainObserver observer;
    observer.on_step = [&](const StepReport& step) {
        const auto now = numbers_of(model);
        if (step.step <= 5) {
            EXPECT_EQ(now.at("hidden.weight"), before.at("hidden.weight")) << step.step;
        }
        if (step.step != 6) return;
        for (size_t i = 0; i < 40; ++i)
            first_move = std::max(first_move, std::abs(now.at("hidden.weight")[i] - before.at("hidden.weight")[i]));
    };
    train(model, observer);
    EXPECT_NEAR(first_move, options_.schedule.lr, 1e-5)
        << "Adam's first step is the learning rate, whatever the gradient";
}

TEST_F(FineTuning, AResumedRunUnfreezesAsTheOther) {
    options_.freeze = {{"hidden", 1}, {"norm", 1}};
    options_.optimizer.kind = OptimizerKind::adamw;
    options_.optimizer.ema_decay = 0.9;
    const auto whole = bytes_of(run(normed_file));
    for (int64_t at : {3, 5, 7}) {
        Model model = start(normed_file);
        RunState state;
        {
            Trainer trainer(model, {data_, nullptr}, options_, {}, {});
            TrainObserver observer;
            observer.stop = [&](const StepReport& step) { return std::string(step.step == at ? "enough" : ""); };
            trainer.run(observer);
            state = trainer.state();
        }
        options_ = TrainOptions::from_json(options_.to_json());
        train(model, {}, RunState::from_json(state.to_json()));
        expect_same_state(whole, bytes_of(model), "stopped at " + std::to_string(at));
    }
}

TEST_F(FineTuning, AccumulatedStepsFreezeAlike) {
    options_.freeze = {{"hidden"}};
    const auto whole = numbers_of(run(mlp_file));
    options_.accumulate = 2;
    options_.batch = 4;
    EXPECT_LT(largest_difference(whole, numbers_of(run(mlp_file))), 1e-12);
}

// ---- learning rates ---------------------------------------------------------------------------------

TEST_F(FineTuning, ALearningRateOfItsOwnScalesTheStep) {
    options_.steps = 1;
    const auto before = numbers_of(start(mlp_file)), whole = numbers_of(run(mlp_file));
    options_.lr_scale = {{"*", 0.5}, {"hidden.weight", 0.1}};
    const auto scaled = numbers_of(run(mlp_file));
    auto ratio = [&](const std::string& name) {
        double moved = 0, moved_whole = 0;
        for (size_t i = 0; i < before.at(name).size(); ++i) {
            moved += std::abs(scaled.at(name)[i] - before.at(name)[i]);
            moved_whole += std::abs(whole.at(name)[i] - before.at(name)[i]);
        }
        return moved / moved_whole;
    };
    EXPECT_NEAR(ratio("hidden.weight"), 0.1, 1e-9);
    EXPECT_NEAR(ratio("hidden.bias"), 0.5, 1e-9);
    EXPECT_NEAR(ratio("classifier.weight"), 0.5, 1e-9);
}

// ---- patterns ---------------------------------------------------------------------------------------

TEST_F(FineTuning, PatternsNameLayersAndParameters) {
    const Graph graph = start(mlp_file).graph;
    auto named = [&](const std::string& pattern) { return named_parameters(graph, pattern, "--freeze"); };
    EXPECT_THAT(named("hidden"), ElementsAre("hidden.bias", "hidden.weight"));
    EXPECT_THAT(named("*.bias"), ElementsAre("classifier.bias", "hidden.bias", "norm.bias"));
    EXPECT_THAT(named("classifier.weight"), ElementsAre("classifier.weight"));
    EXPECT_EQ(named("*").size(), 6u);
    EXPECT_THAT(usage_error([&] { named("hiden"); }),
                HasSubstr("--freeze 'hiden' names no parameter of the model; did you mean hidden?"));
    EXPECT_NE(usage_error([&] { named("norm.mean"); }), "") << "a statistic is not trained anyway";
    EXPECT_NE(usage_error([&] { named(""); }), "");
}

TEST_F(FineTuning, SomethingIsLeftToTrain) {
    const Graph graph = start(mlp_file).graph;
    EXPECT_THAT(usage_error([&] { frozen_epochs(graph, {{"*"}}); }), HasSubstr("--freeze leaves nothing"));
    EXPECT_EQ(usage_error([&] { frozen_epochs(graph, {{"*"}, {"classifier", 1}}); }), "") << "the last rule counts";
}

// ---- weights of another model -----------------------------------------------------------------------

TEST_F(FineTuning, WeightsAreTakenByNameAndShape) {
    std::string other_file = mlp_file;
    other_file.replace(other_file.find("units: 3"), 8, "units: 4");
    other_file.replace(other_file.find("name: norm"), 10, "name: other");
    Model model = start(mlp_file);
    Model other = new_model(other_file.c_str(), *data_, 9, DType::f64);
    other.source = "other.h5";
    const auto before = numbers_of(model);
    const TakenWeights taken = take_weights(model, other);
    EXPECT_EQ(taken.taken, 2);
    EXPECT_EQ(taken.values, 5 * 8 + 8);
    EXPECT_THAT(taken.unlike,
                ElementsAre("classifier.weight (f64[3,8], there f64[4,8])", "classifier.bias (f64[3], there f64[4])"));
    EXPECT_THAT(taken.missing, ElementsAre("norm.scale", "norm.bias"));
    EXPECT_THAT(taken.unused, ElementsAre("other.scale", "other.bias"));
    const auto now = numbers_of(model), theirs = numbers_of(other);
    EXPECT_EQ(now.at("hidden.weight"), theirs.at("hidden.weight"));
    EXPECT_EQ(now.at("classifier.weight"), before.at("classifier.weight"));
    train(model);
    EXPECT_EQ(numbers_of(other), theirs) << "they are copies";
}

TEST_F(FineTuning, AModelOfWhichNothingFitsIsRefused) {
    Model model = start(mlp_file);
    Model other = start(cnn_file);
    other.source = "other.h5";
    other.graph.slots.clear();
    EXPECT_THROW(take_weights(model, other), Error);
}

// ---- zero_init --------------------------------------------------------------------------------------

TEST_F(FineTuning, ABranchMayBeginAsNothing) {
    for (const char* norm :
         {"batch_norm: {name: n", "layer_norm: {name: n", "rms_norm: {name: n", "group_norm: {groups: 2, name: n"}) {
        const std::string file =
            std::string("inputs: {x: \"f32[N,5]\"}\nlayers:\n  - linear: {name: hidden, units: 8}\n  - ") + norm +
            ", zero_init: true}\n  - linear: {name: classifier, units: 3}\n" +
            "loss: {kind: cross_entropy, target: label}\n";
        const auto values = numbers_of(start(file.c_str()));
        EXPECT_EQ(values.at("n.scale"), std::vector<double>(8, 0)) << norm;
    }
}

} // namespace
} // namespace ds
