// The supervised contrastive loss beside loops over pairs; its gradient beside differences.
#include <gtest/gtest.h>

#include "base/error.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;

class ContrastiveLoss : public ::testing::Test {
protected:
    ContrastiveLoss() {
        options_.shuffle = false;
        options_.steps = 1;
        options_.batch = 6;
        options_.schedule.kind = ScheduleKind::constant;
        options_.optimizer.kind = OptimizerKind::sgd;
        options_.optimizer.momentum = 0;
        options_.optimizer.weight_decay = 0;
        write({0, 0, 1, 0, 1, 2});
    }
    void write(const std::vector<int32_t>& label) {
        const std::vector<double> x{1, .5, 2, -1, -.5, 1, .3, .2, -1, -1, 1, 1.5};
        DataFileWriter writer(folder_ / "data.h5");
        writer.append(writer.add_column({"x", DType::f64, {2}, false, "number", {}, {}}), std::as_bytes(std::span(x)));
        writer.append(writer.add_column({"label", DType::i32, {}, false, "target", {"a", "b", "c"}, {}}),
                      std::as_bytes(std::span(label)));
        writer.set_meta("{}");
        writer.commit();
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
    }
    /// The loss of vectors (x, w y), and w after a step of this rate.
    std::pair<double, double> step(double w, const std::string& temperature, double lr = 0) {
        const std::string file = "inputs: {x: \"f64[N,2]\"}\nlayers: [{linear: {name: w, units: 2, bias: false}}]\n"
                                 "loss: {kind: contrastive, temperature: " +
                                 temperature + "}\n";
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

// numpy: z = x * [1, w] at length 1, s = z @ z.T / t; for each i with partners p the mean over p of
// log(sum(exp(s[i, a]) for a != i)) - s[i, p]; the mean of these.
TEST_F(ContrastiveLoss, IsThatOfLoopsOverPairs) {
    EXPECT_NEAR(step(1, "0.5").first, 1.4097285744661676, 1e-9);
    EXPECT_NEAR(step(-.7, "0.5").first, 1.0474655700326425, 1e-9);
    EXPECT_NEAR(step(1, "0.1").first, 2.960160181749864, 1e-9);
}

TEST_F(ContrastiveLoss, ItsGradientIsThatOfDifferences) {
    for (const double w : {1.0, -0.7}) {
        constexpr double h = 1e-6;
        const double slope = (step(w + h, "0.5").first - step(w - h, "0.5").first) / (2 * h);
        EXPECT_NEAR(w - step(w, "0.5", 1).second, slope, 1e-6);
        EXPECT_GT(std::abs(slope), 1e-3);
    }
}

TEST_F(ContrastiveLoss, BatchesWithoutPartnersTeachNothingAndIgnoredOnesAreNoPartners) {
    write({0, -100, 1, -100, -100, 2});
    const auto [loss, w] = step(1, "0.5", 1);
    EXPECT_EQ(loss, 0);
    EXPECT_EQ(w, 1);
}

TEST_F(ContrastiveLoss, ClassesThatAreMeasuredNeedNotBeThoseOfTraining) {
    ModelRequest request;
    request.data = data_->facts();
    const BuiltModel model = build_model(
        Yaml::parse("inputs: {x: \"f32[N,2]\"}\nlayers: [{linear: 3}]\nloss: contrastive\n", "m.yaml"), "m", request);
    EXPECT_EQ(model.task, "embedding");
    EXPECT_EQ(text(model.graph.type(model.graph.find_output("logits")->value)), "f32[N,3]");
}

} // namespace
} // namespace ds
