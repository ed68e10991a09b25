// The loss of pairs beside NumPy; its gradient beside differences; who is alike is no wrong answer.
#include <gtest/gtest.h>

#include "base/error.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;

class InfoNceLoss : public ::testing::Test {
protected:
    InfoNceLoss() {
        options_.shuffle = false;
        options_.steps = 1;
        options_.batch = 6;
        options_.schedule.kind = ScheduleKind::constant;
        options_.optimizer.kind = OptimizerKind::sgd;
        options_.optimizer.momentum = 0;
        options_.optimizer.weight_decay = 0;
        const std::vector<double> x{1, .5, 2, -1, -.5, 1, .3, .2, -1, -1, 1, 1.5},
            z{.5, 1, 1, -1, -1, .2, .1, .9, -.3, -1, .7, .7};
        DataFileWriter writer(folder_ / "data.h5");
        const auto append = [&](const ColumnInfo& column, const auto& values) {
            writer.append(writer.add_column(column), std::as_bytes(std::span(values)));
        };
        append({"x", DType::f64, {2}, false, "number", {}, {}}, x);
        append({"z", DType::f64, {2}, false, "number", {}, {}}, z);
        append({"item", DType::i32, {}, false, "category", {"a", "b", "c", "d"}, {}},
               std::vector<int32_t>{0, 1, 2, 0, 3, 1});
        writer.set_meta("{}");
        writer.commit();
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
    }
    /// The loss of vectors (x, w y), and w after a step of this rate.
    std::pair<double, double> step(double w, const std::string& options, double lr = 0) {
        const std::string file = "inputs: {x: \"f64[N,2]\", z: \"f64[N,2]\"}\n"
                                 "layers: [{linear: {name: w, from: x, units: 2, bias: false, as: u}}]\n"
                                 "loss: {kind: info_nce, from: u, target: z, " +
                                 options + "}\n";
        Model model = new_model(file.c_str(), *data_, 1, DType::f64);
        auto* weight = model.state->at("w.weight").as<double>();
        weight[0] = 1, weight[1] = weight[2] = 0, weight[3] = w;
        options_.schedule.lr = lr;
        double loss = 0;
        TrainObserver observer;
        observer.on_step = [&](const StepReport& report) { loss = report.loss; };
        Trainer(model, {data_, nullptr}, options_, {}, {}).run(observer);
        return {loss, model.state->at("w.weight").as<double>()[3]};
    }
    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
};

// numpy: u = x * [1, w] and z at length 1, s = u @ z.T / t; of each row log(sum(exp(s[i, j]))) - s[i, i] over j that
// are i or of another item, and the same down the columns; the mean of both.
TEST_F(InfoNceLoss, IsThatOfNumpy) {
    EXPECT_NEAR(step(1, "temperature: 0.5").first, 1.0510093557540776, 1e-9);
    EXPECT_NEAR(step(1, "temperature: 0.5, id: item").first, 0.9363531439859516, 1e-9);
    EXPECT_NEAR(step(-.7, "temperature: 0.1, id: item").first, 7.3971145078285305, 1e-9);
    EXPECT_NEAR(step(1, "temperature: 0.5, id: item, both_ways: false").first, 0.9595270647358323, 1e-9);
}

TEST_F(InfoNceLoss, ItsGradientIsThatOfDifferences) {
    for (const char* options : {"temperature: 0.5", "temperature: 0.5, id: item", "temperature: 0.5, both_ways: false"})
        for (const double w : {1.0, -0.7}) {
            constexpr double h = 1e-6;
            const double slope = (step(w + h, options).first - step(w - h, options).first) / (2 * h);
            EXPECT_NEAR(w - step(w, options, 1).second, slope, 1e-6) << options;
            EXPECT_GT(std::abs(slope), 1e-3);
        }
}

TEST_F(InfoNceLoss, OfBatchesOfOneNothingIsLearned) {
    options_.batch = 1;
    const auto [loss, w] = step(1, "temperature: 0.5", 1);
    EXPECT_EQ(loss, 0);
    EXPECT_EQ(w, 1);
}

// Each side is one category: rows of the same user, or of the same item, are no wrong answers of each other.
TEST_F(InfoNceLoss, SidesOfColumnsAreAlikeWhereTheColumnsAre) {
    ModelRequest request;
    request.data = data_->facts();
    const BuiltModel model =
        build_model(Yaml::parse("inputs: {item: \"i32[N]\", x: \"f32[N,2]\"}\n"
                                "layers: [{embedding: {name: e, from: item, rows: 4, width: 2, as: i}}]\n"
                                "loss: {kind: info_nce, from: x, target: i}\n",
                                "m.yaml"),
                    "m", request);
    EXPECT_EQ(model.task, "retrieval");
    EXPECT_NE(model.graph.find_input("alike///item"), nullptr);
}

TEST_F(InfoNceLoss, WhatIsNoPairIsRefusedByName) {
    ModelRequest request;
    request.data = data_->facts();
    const auto says = [&](const std::string& loss, const std::string& words, Exit code = Exit::config) {
        const std::string file = "inputs: {x: \"f32[N,2]\", z: \"f32[N,2]\"}\n"
                                 "layers: [{linear: {from: x, units: 3, as: u}}]\nloss: {kind: " +
                                 loss + "}\n";
        const std::string message =
            test::error_of(code, [&] { build_model(Yaml::parse(file, "m.yaml"), "m", request); });
        EXPECT_NE(message.find(words), std::string::npos) << message;
    };
    says("info_nce, from: u, target: z", "two vectors of one length");
    says("info_nce, from: u, target: u", "both 'from' and 'target'");
    says("info_nce, from: x, target: v", "no input and no value");
    says("info_nce, from: x, target: z, id: items", "id: there is no column 'items'", Exit::data);
    says("reconstruction, from: x, target: z, temperature: 1", "temperature is for the loss contrastive or info_nce");
    says("reconstruction, from: x, target: z, id: item", "id is for the loss info_nce");
}

} // namespace
} // namespace ds
