// A run that is stopped after any step, saved, loaded and gone on with ends with bit for bit the State, and the run
// state, of the run that was never stopped.
#include <gtest/gtest.h>

#include "io/checkpoint/model.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;

struct Case {
    const char* name;
    const char* file;
    int64_t accumulate;
    OptimizerKind optimizer;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Resume : public ::testing::TestWithParam<Case> {
protected:
    Resume() {
        const bool text = std::string(GetParam().name) == "Transformer";
        if (text) write_text(folder_ / "data.h5", 150); // 24 windows of 6
        else write_samples(folder_ / "data.h5", 26);    // batches of 6: 5 an epoch, the last of 2
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
        options_.tokens = text ? 6 : 0;
        options_.batch = text ? 5 : 6;
        options_.epochs = 2;
        options_.seed = 5;
        options_.accumulate = GetParam().accumulate;
        options_.patience = 50;
        options_.augmentation.flip = true;
        options_.augmentation.crop = 1;
        options_.augmentation.cutout = 2;
        options_.optimizer.kind = GetParam().optimizer;
        options_.optimizer.momentum = 0.9;
        options_.optimizer.weight_decay = 0.01;
        options_.optimizer.clip = 1;
        options_.optimizer.ema_decay = 0.9;
        options_.schedule.kind = ScheduleKind::one_cycle;
        options_.schedule.lr = 0.01;
    }
    Trainer train(Model& model, const TrainOptions& options, std::optional<RunState> from) {
        return Trainer(model, {data_, data_}, options, {}, std::move(from));
    }

    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
};

TEST_P(Resume, EndsAsTheRunThatWasNeverStopped) {
    Model whole = new_model(GetParam().file, *data_, 5);
    Trainer trainer = train(whole, options_, {});
    EXPECT_EQ(trainer.run({}), "");
    const int64_t end = trainer.state().end;
    ASSERT_EQ(trainer.state().step, end);
    ASSERT_GE(end, 6);
    for (int64_t stop : {int64_t{1}, end / 2 - 1, end / 2, end / 2 + 1, end - 1}) { // beside and at the end of an epoch
        Model first = new_model(GetParam().file, *data_, 5);
        Trainer before = train(first, options_, {});
        EXPECT_EQ(before.run(stop_after(stop)), "test");
        describe_run(first, {data_, data_}, options_, before.state());
        save_model(first, folder_ / "half.h5");

        Model second = load_model(folder_ / "half.h5");
        const Json run = Json::parse(second.run_state_json, "test");
        const TrainOptions options = TrainOptions::from_json(run.at("options"));
        Trainer after = train(second, options, RunState::from_json(run.at("run")));
        EXPECT_EQ(after.run({}), "");
        expect_same_state(bytes_of(whole), bytes_of(second), "stopped at step " + std::to_string(stop));
        EXPECT_EQ(after.state().to_json().dump(), trainer.state().to_json().dump());
    }
}

TEST_P(Resume, AnotherSeedEndsElsewhere) {
    Model a = new_model(GetParam().file, *data_, 5), b = new_model(GetParam().file, *data_, 5);
    train(a, options_, {}).run({});
    options_.seed = 6;
    train(b, options_, {}).run({});
    EXPECT_GT(largest_difference(numbers_of(a), numbers_of(b)), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Models, Resume,
                         ::testing::Values(Case{"Mlp", mlp_file, 1, OptimizerKind::adamw},
                                           Case{"Cnn", cnn_file, 1, OptimizerKind::sgd},
                                           Case{"CnnAccumulated", cnn_file, 2, OptimizerKind::adam},
                                           Case{"Transformer", transformer_file, 1, OptimizerKind::adam}),
                         [](const auto& test) { return std::string(test.param.name); });

/// A run of rate 0, whose validations never get better than the first.
class EarlyStop : public ::testing::Test {
protected:
    EarlyStop() {
        write_samples(folder_ / "data.h5", 12);
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
        options_.batch = 4;
        options_.epochs = 20;
        options_.patience = 2;
        options_.schedule.lr = 0;
    }
    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
};

TEST_F(EarlyStop, EndsAfterSoManyValidationsThatAreNoBetter) {
    Model model = new_model(normed_file, *data_, 1);
    for (const char* slot : {"hidden.weight", "classifier.weight"}) // statistics change, what they lead to does not
        model.state->set(slot, Tensor(DType::f32, model.state->at(slot).shape()));
    Trainer trainer(model, {data_, data_}, options_, {}, {});
    std::vector<bool> best;
    TrainObserver observer;
    observer.on_validation = [&](const Validation& v) { best.push_back(v.is_best); };
    EXPECT_EQ(trainer.run(observer), "no better validation in 2 tries");
    EXPECT_EQ(best, (std::vector<bool>{true, false, false}));
    EXPECT_EQ(trainer.state().step, 9);
    EXPECT_EQ(trainer.state().best_step, 3);
}

TEST_F(EarlyStop, ARunThatStoppedEarlyDoesNotGoOn) {
    Model model = new_model(mlp_file, *data_, 1);
    Trainer first(model, {data_, data_}, options_, {}, {});
    EXPECT_NE(first.run({}), "");
    const auto state = bytes_of(model);
    Trainer second(model, {data_, data_}, options_, {}, first.state());
    EXPECT_EQ(second.run({}), "no better validation in 2 tries");
    EXPECT_EQ(second.state().step, first.state().step);
    expect_same_state(state, bytes_of(model), "resumed");
}

// What a checkpoint of this step holds must count the validation of this step.
TEST_F(EarlyStop, TheTimeToSaveIsAfterTheValidation) {
    Model model = new_model(mlp_file, *data_, 1);
    Trainer trainer(model, {data_, data_}, options_, {}, {});
    std::vector<int64_t> bad;
    TrainObserver observer;
    observer.after_step = [&](const StepReport& step) {
        if (step.step % 3 == 0) bad.push_back(trainer.state().bad_validations);
    };
    trainer.run(observer);
    EXPECT_EQ(bad, (std::vector<int64_t>{0, 1, 2}));
}

} // namespace
} // namespace ds
