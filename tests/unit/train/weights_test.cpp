// Weights of samples and classes in training: a row that counts n times is n rows, and micro-batches are one batch.
#include <gtest/gtest.h>

#include "base/error.h"
#include "train_fixture.h"

namespace ds {
namespace {

using namespace ds::testing;

class Weights : public ::testing::Test {
protected:
    /// Rows of x f32 [5] and a class of three; row i comes `copies[i]` times, and weighs `weights[i]` where there are
    /// any.
    void write(const std::vector<int>& copies, const std::vector<float>& weights = {}) {
        DataFileWriter writer(folder_ / "data.h5");
        std::vector<float> x;
        std::vector<int32_t> label;
        rng::Sequence random(7, rng::Stream::init);
        for (const int times : copies) {
            std::vector<float> row(5);
            for (float& v : row) v = float(random.normal());
            const auto k = int32_t(random.below(3));
            for (int t = 0; t < times; ++t) {
                x.insert(x.end(), row.begin(), row.end());
                label.push_back(k);
            }
        }
        const auto append = [&](ColumnInfo column, const auto& values) {
            writer.append(writer.add_column(std::move(column)), std::as_bytes(std::span(values)));
        };
        append({"x", DType::f32, {5}, false, "number", {}, {}}, x);
        append({"label", DType::i32, {}, false, "target", {"a", "b", "c"}, {}}, label);
        if (!weights.empty()) append({"w", DType::f32, {}, false, "weight", {}, {}}, weights);
        writer.set_meta("{}");
        writer.commit();
        data_ = std::make_shared<DataSource>(folder_ / "data.h5");
    }
    Weights() {
        options_.batch = 1000;
        options_.steps = 3;
        options_.seed = 3;
        options_.schedule.kind = ScheduleKind::constant;
        options_.schedule.lr = 0.05;
    }
    /// All slots after training; the loss of the last step goes to loss_.
    std::map<std::string, std::vector<double>> train() {
        Model model = new_model(plain_file, *data_, 3, DType::f64);
        TrainOptions options = options_;
        options.batch = std::min(options.batch, data_->rows());
        TrainObserver observer;
        observer.on_step = [&](const StepReport& step) { loss_ = step.loss, top1_ = step.top1; };
        Trainer(model, {data_, nullptr}, options, {}, {}).run(observer);
        return numbers_of(model);
    }

    static constexpr const char* plain_file = R"(inputs: {x: "f32[N,5]"}
layers:
  - linear: {name: hidden, units: 8}
  - relu
  - linear: {name: classifier, units: 3}
loss: {kind: cross_entropy, target: label}
)";
    static constexpr const char* linear_file = R"(inputs: {x: "f32[N,5]"}
layers:
  - linear: {name: classifier, units: 3}
loss: {kind: cross_entropy, target: label}
)";
    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
    TrainOptions options_;
    double loss_ = 0, top1_ = 0;
};

TEST_F(Weights, ARowThatCountsTwiceIsTwoRows) {
    const std::vector<int> copies{1, 2, 1, 3, 1, 2, 0, 1};
    write(copies);
    const auto repeated = train();
    const double loss = loss_;
    write(std::vector<int>(copies.size(), 1), {1, 2, 1, 3, 1, 2, 0, 1});
    EXPECT_LT(largest_difference(repeated, train()), 1e-12);
    EXPECT_NEAR(loss_, loss, 1e-12);
    write(std::vector<int>(copies.size(), 1));
    EXPECT_GT(largest_difference(repeated, train()), 1e-4);
}

// Only how weights compare counts, also far below one.
TEST_F(Weights, TheirUnitDoesNotMatter) {
    const std::vector<int> once(8, 1);
    write(once, {1, 2, 1, 3, 1, 2, 0, 1});
    const auto large = train();
    write(once, {1e-6F, 2e-6F, 1e-6F, 3e-6F, 1e-6F, 2e-6F, 0, 1e-6F});
    EXPECT_LT(largest_difference(large, train()), 1e-7);
}

TEST_F(Weights, MicroBatchesAreOneBatch) {
    write(std::vector<int>(8, 1), {1, 2, 0, 0, 1, 2, 0.5F, 1});
    options_.shuffle = false;
    options_.class_weight = "a=3,c=0.5";
    const auto whole = train();
    const double top1 = top1_;
    options_.accumulate = 4; // the second has weights of 0 only
    options_.batch = 2;
    EXPECT_LT(largest_difference(whole, train()), 1e-12);
    EXPECT_EQ(top1_, top1) << "a share of rows, whatever they weigh";
}

TEST_F(Weights, BalancedClassesWeighTheSameTogether) {
    write(std::vector<int>(30, 1));
    std::vector<double> counts(3);
    std::vector<int32_t> label(30);
    data_->file().read(data_->file().find("label"), 0, 30, label.data());
    for (const int32_t k : label) ++counts[size_t(k)];
    std::vector<float> by_hand;
    for (const int32_t k : label) by_hand.push_back(float(30 / (3 * counts[size_t(k)])));
    options_.class_weight = "balanced";
    const auto balanced = train();
    options_.class_weight.clear();
    write(std::vector<int>(30, 1), by_hand);
    EXPECT_LT(largest_difference(balanced, train()), 1e-6);
}

// The loss and the gradient of one step of a linear model, computed here from what the step began with.
TEST_F(Weights, AStepIsTheWeightedMeanByHand) {
    const std::vector<float> row_weights{1, 0.5F, 2, 0, 1.5F, 3, 0.25F, 1, 1, 0.75F};
    const size_t rows = row_weights.size();
    write(std::vector<int>(rows, 1), row_weights);
    std::vector<float> x(rows * 5);
    std::vector<int32_t> label(rows);
    data_->file().read(data_->file().find("x"), 0, int64_t(rows), x.data());
    data_->file().read(data_->file().find("label"), 0, int64_t(rows), label.data());

    std::vector<double> class_sum(3), weight(rows);
    double total = 0, occur = 0, sum = 0;
    for (size_t i = 0; i < rows; ++i) class_sum[size_t(label[i])] += double(row_weights[i]);
    for (const double one : class_sum) total += one, occur += one > 0;
    for (size_t i = 0; i < rows; ++i) {
        const double of_class = class_sum[size_t(label[i])];
        weight[i] = of_class > 0 ? double(row_weights[i]) * total / (occur * of_class) : 0;
        sum += weight[i];
    }

    Model model = new_model(linear_file, *data_, 3, DType::f64);
    const auto before = numbers_of(model);
    const std::vector<double>&w = before.at("classifier.weight"), &b = before.at("classifier.bias"); // [3,5], [3]
    double loss = 0;
    std::vector<double> bias_gradient(3);
    for (size_t i = 0; i < rows; ++i) {
        double logit[3], norm = 0;
        for (size_t k = 0; k < 3; ++k) {
            logit[k] = b[k];
            for (size_t j = 0; j < 5; ++j) logit[k] += w[k * 5 + j] * double(x[i * 5 + j]);
            norm += std::exp(logit[k]);
        }
        loss += weight[i] * (std::log(norm) - logit[size_t(label[i])]) / sum;
        for (size_t k = 0; k < 3; ++k)
            bias_gradient[k] += weight[i] * (std::exp(logit[k]) / norm - (size_t(label[i]) == k ? 1 : 0)) / sum;
    }

    options_.class_weight = "balanced";
    options_.optimizer.kind = OptimizerKind::sgd;
    options_.optimizer.momentum = options_.optimizer.weight_decay = 0;
    options_.steps = 1;
    options_.batch = int64_t(rows);
    TrainObserver observer;
    observer.on_step = [&](const StepReport& step) { loss_ = step.loss; };
    Trainer(model, {data_, nullptr}, options_, {}, {}).run(observer);
    EXPECT_NEAR(loss_, loss, 1e-12);
    for (size_t k = 0; k < 3; ++k)
        EXPECT_NEAR(numbers_of(model).at("classifier.bias")[k], b[k] - options_.schedule.lr * bias_gradient[k], 1e-12);
}

TEST_F(Weights, WhatCannotBeWeighedIsRefused) {
    const auto error_of = [&](Exit code) -> std::string {
        try {
            train();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        ADD_FAILURE() << "nothing was refused";
        return "";
    };
    const std::vector<int> twice(2, 1);
    write(twice, {1, -1});
    EXPECT_NE(error_of(Exit::data).find("the weight 'w' is -1 in row 2"), std::string::npos);
    write(twice, {1, std::nanf("")});
    EXPECT_NE(error_of(Exit::data).find("is nan in row 2"), std::string::npos);
    write(twice, {0, 0});
    EXPECT_NE(error_of(Exit::data).find("all 2 samples have weight 0"), std::string::npos);
    write(std::vector<int>(8, 1));
    for (const auto& [spec, words] :
         std::vector<std::pair<std::string, std::string>>{{"d=2", "there is no such class"},
                                                          {"a=2,a=3", "two weights"},
                                                          {"a", "takes balanced"},
                                                          {"a=x", "takes balanced"},
                                                          {"a=-1", "takes balanced"},
                                                          {"=1", "takes balanced"},
                                                          {"a=0,b=0,c=0", "all classes have weight 0"}}) {
        options_.class_weight = spec;
        EXPECT_NE(error_of(Exit::usage).find(words), std::string::npos) << spec;
    }
}

} // namespace
} // namespace ds
