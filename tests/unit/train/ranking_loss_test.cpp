// Losses over the rows of a group, beside numpy; their gradients beside differences; places that fill a batch up do not
// count.
#include <gtest/gtest.h>

#include "base/error.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;

class RankingLoss : public ::testing::Test {
protected:
    /// Three groups, of which one has rows of one relevance alone, and some equal scores.
    RankingLoss() {
        options_.shuffle = false;
        options_.steps = 1;
        options_.schedule.kind = ScheduleKind::constant;
        options_.optimizer.kind = OptimizerKind::sgd;
        options_.optimizer.momentum = 0;
        options_.optimizer.weight_decay = 0;
        write({0.5, -1, 2, 2, 0.25, 3, 1, -2, 0.75, 1.5}, {2, 0, 1, 0, 4, 1, 1, 0, 3, 0},
              {"a", "b", "a", "a", "b", "c", "c", "b", "a", "b"});
    }
    void write(const std::vector<double>& score, const std::vector<double>& relevance,
               const std::vector<std::string>& groups) {
        DataFileWriter writer(folder_ / "data.h5");
        writer.append(writer.add_column({"s", DType::f64, {1}, false, "number", {}, {}}),
                      std::as_bytes(std::span(score)));
        writer.append(writer.add_column({"y", DType::f64, {}, false, "target", {}, {}}),
                      std::as_bytes(std::span(relevance)));
        const int column = writer.add_column({"query", DType::u8, {}, true, "group", {}, {}});
        for (const std::string& name : groups) {
            const auto length = int64_t(name.size());
            writer.append_ragged(column, std::as_bytes(std::span(name)), std::span(&length, 1));
        }
        writer.set_meta("{}");
        writer.commit();
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
        options_.batch = int64_t(score.size());
    }
    struct Step {
        double loss = 0, count = 0, weight = 0;
    };
    /// Scores are `weight` times s; the mean loss, and the weight after steps of this rate.
    Step step(const std::string& loss, double weight, double lr = 0) {
        const std::string file =
            "inputs: {s: \"f64[N,1]\"}\nlayers: [{linear: {name: w, units: 1, bias: false}}]\nloss: " + loss + "\n";
        Model model = new_model(file.c_str(), *data_, 1, DType::f64);
        *model.state->at("w.weight").as<double>() = weight;
        options_.schedule.lr = lr;
        Step result;
        TrainObserver observer;
        observer.on_step = [&](const StepReport& report) { result.loss += report.loss / double(options_.steps); };
        Trainer(model, {data_, nullptr}, options_, {}, {}).run(observer);
        result.weight = *model.state->at("w.weight").as<double>();
        return result;
    }
    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
};

// In Python, by loops over the pairs i, j of a group with y[i] > y[j], at weights 1 and -0.5: c = log(1 + exp(s[j] -
// s[i])); with places p by sorted(range(n), key=lambda i: (-s[i], i)), d(p) = 1 / log2(1 + p) and best = the sum of
// (2**y - 1) d of the places by y: the sum of abs(2**y[i] - 2**y[j]) abs(d(p[i]) - d(p[j])) / best c; and the sum of
// y[i] / sum(y) (log(sum(exp(s))) - s[i]).
const std::map<std::string, std::pair<double, double>> wanted{{"ranknet", {1.0588706711891704, 0.6633823419401448}},
                                                              {"lambdarank", {0.7964716476343114, 0.6031568927188694}},
                                                              {"listnet", {1.5858902928466234, 1.3031180656595491}}};

TEST_F(RankingLoss, IsThatOfLoopsOverPairs) {
    for (const auto& [loss, values] : wanted) {
        EXPECT_NEAR(step(loss, 1).loss, values.first, 1e-9) << loss;
        EXPECT_NEAR(step(loss, -0.5).loss, values.second, 1e-9) << loss;
    }
}

TEST_F(RankingLoss, ItsGradientIsThatOfDifferences) {
    for (const auto& [loss, values] : wanted)
        for (const double w : {1.0, -0.5, 0.1}) {
            constexpr double h = 1e-6;
            const double slope = (step(loss, w + h).loss - step(loss, w - h).loss) / (2 * h);
            EXPECT_NEAR(w - step(loss, w, 1).weight, slope, 1e-6) << loss << " at " << w;
            EXPECT_GT(std::abs(slope), 1e-3) << loss;
        }
}

TEST_F(RankingLoss, WithEqualScoresLearnsToo) { // as at the start, where the last layer is zero
    for (const auto& [loss, values] : wanted) EXPECT_NE(step(loss, 0, 0.1).weight, 0) << loss;
}

TEST_F(RankingLoss, PlacesThatFillUpABatchDoNotCount) {
    write({0.5, -1, 2, 0.25, 1, -2}, {2, 0, 1, 4, 1, 0}, {"a", "a", "a", "b", "b", "b"});
    for (const auto& [loss, values] : wanted) {
        options_.batch = 6;
        options_.steps = 1;
        const double whole = step(loss, 1).loss;
        options_.batch = 4; // a group each, and one place that is filled up
        options_.steps = 2;
        EXPECT_NEAR(step(loss, 1).loss, whole, 1e-12) << loss;
    }
}

TEST_F(RankingLoss, TakesOneScoreARowAndGroups) {
    const auto refusal = [&](Exit code, const char* file, const DataFacts& facts) {
        ModelRequest request;
        request.data = facts;
        return test::error_of(code, [&] { build_model(Yaml::parse(file, "m.yaml"), "m", request); });
    };
    const DataFacts facts{{"x", "number", {4}, 0, false}, {"y", "target", {}, 0, true}, {"q", "group", {}, 0, false}};
    const char* const two = "inputs: {x: \"f32[N,4]\"}\nlayers: [{linear: 2}]\nloss: ranknet\n";
    EXPECT_NE(refusal(Exit::config, two, facts).find("a score for each row"), std::string::npos);
    const char* const one = "inputs: {x: \"f32[N,4]\"}\nlayers: [{linear: 1}]\nloss: listnet\n";
    EXPECT_NE(refusal(Exit::data, one, {facts[0], facts[1]}).find("--group COLUMN"), std::string::npos);
    ModelRequest request;
    request.data = facts;
    const BuiltModel model = build_model(Yaml::parse(one, "m.yaml"), "m", request);
    EXPECT_EQ(model.task, "ranking");
    EXPECT_TRUE(model.graph.find_input("group/q"));
}

} // namespace
} // namespace ds
