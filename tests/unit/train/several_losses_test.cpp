// Several losses: heads that share nothing learn as each would alone, at its weight; whatever their targets count.
#include <gtest/gtest.h>

#include "base/error.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;

class SeveralLosses : public ::testing::Test {
protected:
    /// x f32 [3]; a class of three, every third one ignored; a number.
    SeveralLosses() {
        constexpr int64_t rows = 30;
        std::vector<float> x(rows * 3), number(rows);
        std::vector<int32_t> label(rows);
        rng::Sequence random(5, rng::Stream::init);
        for (float& v : x) v = float(random.normal());
        for (float& v : number) v = float(100 + 7 * random.normal());
        for (int64_t i = 0; i < rows; ++i) label[size_t(i)] = i % 3 == 1 ? -100 : int32_t(random.below(3));
        DataFileWriter writer(folder_ / "data.h5");
        const auto append = [&](ColumnInfo column, const auto& values) {
            writer.append(writer.add_column(std::move(column)), std::as_bytes(std::span(values)));
        };
        append({"x", DType::f32, {3}, false, "number", {}, {}}, x);
        append({"label", DType::i32, {}, false, "target", {"a", "b", "c"}, {}}, label);
        append({"price", DType::f32, {}, false, "target", {}, {}}, number);
        writer.set_meta("{}");
        writer.commit();
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
        options_.batch = 8; // the last of an epoch has six
        options_.epochs = 3;
        options_.seed = 3;
        options_.optimizer.momentum = 0.9;
        options_.schedule.kind = ScheduleKind::constant;
    }
    std::map<std::string, std::vector<double>> train(const std::string& loss, double lr) {
        const std::string file = R"(inputs: {x: "f32[N,3]"}
layers:
  - linear: {name: one, units: 3, as: one}
  - linear: {name: two, units: 1, from: x}
loss: )" + loss;
        Model model = new_model(file.c_str(), *data_, 3, DType::f64);
        options_.schedule.lr = lr;
        Trainer(model, {data_, nullptr}, options_, {}, {}).run({});
        task_ = model.task;
        return numbers_of(model);
    }
    static double difference(const std::vector<double>& a, const std::vector<double>& b) {
        double worst = a.size() == b.size() ? 0 : HUGE_VAL;
        for (size_t i = 0; i < a.size() && i < b.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
        return worst;
    }
    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
    std::string task_;
};

TEST_F(SeveralLosses, HeadsThatShareNothingLearnAsEachAlone) {
    const auto joint = train("[{target: label, from: one}, {kind: mse, target: price, weight: 0.25}]", 0.1);
    EXPECT_EQ(task_, "label:classification:1,price:regression:0.25");
    const auto classes = train("{target: label, from: one}", 0.1), number = train("{kind: mse, target: price}", 0.025);
    EXPECT_EQ(task_, "regression");
    EXPECT_LT(difference(joint.at("one.weight"), classes.at("one.weight")), 1e-12);
    EXPECT_LT(difference(joint.at("two.weight"), number.at("two.weight")), 1e-12);
    EXPECT_GT(difference(joint.at("two.weight"), classes.at("two.weight")), 1e-3);
}

TEST_F(SeveralLosses, TheirOrderDecidesAndNothingElse) {
    const auto one = train("[{target: label, from: one, weight: 2}, {kind: mse, target: price, name: number}]", 0.1);
    const auto other = train("[{kind: mse, target: price, name: number}, {target: label, from: one, weight: 2}]", 0.1);
    EXPECT_EQ(task_, "number:regression:1,label:classification:2");
    EXPECT_LT(largest_difference(one, other), 1e-12);
}

TEST_F(SeveralLosses, MicroBatchesOfEqualCountsAreOneBatch) {
    options_.shuffle = false; // 6 and 3 in turn have one ignored target in three
    options_.batch = 6;
    const char* const loss = "[{target: label, from: one}, {kind: mse, target: price}]";
    const auto whole = train(loss, 0.1);
    options_.batch = 3;
    options_.accumulate = 2;
    EXPECT_LT(largest_difference(whole, train(loss, 0.1)), 1e-12);
}

TEST_F(SeveralLosses, WhatCannotStandTogetherIsRefused) {
    const auto refusal = [&](const std::string& loss) -> std::string {
        try {
            train(loss, 0.1);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_NE(refusal("[]").find("the list of losses is empty"), std::string::npos);
    EXPECT_NE(refusal("{target: label, from: one, weight: 2}").find("weight of loss is for a list"), std::string::npos);
    EXPECT_NE(refusal("[{target: label, from: one}, {target: label, from: one}]").find("two losses are named 'label'"),
              std::string::npos);
    EXPECT_NE(refusal("[{target: label, from: one}, {kind: mse, target: label, name: again}]").find("two losses take"),
              std::string::npos);
    EXPECT_NE(refusal("[{target: label, from: one}, {kind: each}]").find("it stands alone"), std::string::npos);
    EXPECT_NE(refusal("[{target: label, from: three}, {kind: mse, target: price}]").find("'three' is neither"),
              std::string::npos);
    EXPECT_NE(refusal("[{target: label, from: one, name: a.b c}, {kind: mse, target: price}]").find("has a ' '"),
              std::string::npos);
    EXPECT_NE(refusal("[{target: label, from: one}, {kind: mse, target: price, weight: 0}]").find("weight of loss"),
              std::string::npos);
    EXPECT_NE(refusal("each").find("take an output [N, 4], not f64[N,1]"), std::string::npos);
    EXPECT_NE(refusal("mse").find("loss: each"), std::string::npos) << "two targets: which?";
}

} // namespace
} // namespace ds
