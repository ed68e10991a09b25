// A task made of others: its text, its metrics, and how its predictions print.
#include "task/joint.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

constexpr const char* both = "price:regression:1,sold:binary:0.5";

Tensor numbers(Dims shape, const std::vector<float>& values) {
    Tensor tensor(DType::f32, std::move(shape));
    std::copy(values.begin(), values.end(), tensor.as<float>());
    return tensor;
}

TEST(JointTask, IsARowOfItsPartsMetrics) {
    const Task& task = find_task(both, "m.h5");
    EXPECT_EQ(&find_task(both, "m.h5"), &task) << "made once";
    EXPECT_EQ(task.deciding, "price.rmse");
    EXPECT_EQ(task.metric("sold.auc").better, Better::greater);
    EXPECT_TRUE(task.has_threshold());
    EXPECT_EQ(task.outputs,
              (std::vector<std::string>{"price.logits", "price.loss", "price.loss.count", "sold.logits"}));
    EXPECT_NE(test::error_of(Exit::usage, [&] { task.metric("rmse"); }).find("price.rmse"), std::string::npos);
}

TEST(JointTask, IsToldInPlainWords) {
    EXPECT_EQ(find_task(both, "").title(), "several targets (price: regression, sold: binary)");
    EXPECT_EQ(regression_task.title(), "regression");
    try {
        find_task(both, "").metric("rmse");
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("'rmse' for several targets (price: regression, sold: binary)"),
                  std::string::npos);
    }
}

TEST(JointTask, MeasuresEachPartByItsOwnOutputs) {
    const std::unique_ptr<Metrics> metrics = make_metrics(find_task(both, ""));
    EXPECT_TRUE(std::isnan(metrics->value("price.rmse")));
    const Tensor price = numbers({2, 1}, {3, 5}), wanted = numbers({2}, {3, 1}), logit = numbers({2}, {0, 2}),
                 sold = numbers({2}, {0, 1});
    metrics->part(0).add(price.view(), wanted, 2, 8, 2);
    metrics->part(1).add(logit.view(), sold, 2, 0, 0);
    EXPECT_EQ(metrics->samples(), 2);
    EXPECT_NEAR(metrics->value("price.rmse"), std::sqrt(8), 1e-12);
    const double nats = (std::log(2) + std::log1p(std::exp(-2))) / 2;
    EXPECT_NEAR(metrics->value("sold.loss"), nats, 1e-12);
    EXPECT_NEAR(metrics->value("loss"), 4 + 0.5 * nats, 1e-12);
    metrics->set_threshold(0.9);
    EXPECT_EQ(metrics->value("sold.recall"), 0);
    metrics->part(0).add(numbers({1, 1}, {std::nanf("")}).view(), wanted, 1, 0, 1);
    metrics->part(1).add(logit.view(), sold, 1, 0, 0);
    EXPECT_EQ(metrics->spoilt(), 1);
    EXPECT_EQ(metrics->first_spoilt(), 2);
    EXPECT_TRUE(std::isnan(metrics->value("sold.auc"))) << "spoilt is spoilt";
}

TEST(JointTask, OtherTextsAreRefused) {
    for (const char* text : {":", "a:regression", "a:regression:1:2", ":regression:1", "a:none:1", "a:regression:0",
                             "a:regression:-1", "a:regression:nan", "a:regression:x", "a:regression:1,",
                             "a:regression:1,a:binary:1", "a:regression:1,b:text:1"})
        EXPECT_NE(test::error_of(Exit::data, [&] { find_task(text, "m.h5"); }).find("m.h5"), std::string::npos) << text;
}

TEST(JointTask, PrintsEachPartUnderItsName) {
    OutputNames price, sold, names;
    price.target = "price";
    sold.labels = {"no", "yes"};
    sold.probabilities = true;
    names.parts = {{"price", &number_printing, price, 2}, {"sold", &yes_no_printing, sold, 1}};
    const std::vector<double> x{3, 4, 0.5};
    EXPECT_EQ(joint_printing.words(x, names), "price 3 4; sold yes 62.25 %");
    EXPECT_EQ(joint_printing.columns(3, names),
              (std::vector<std::string>{"price.predicted_0", "price.predicted_1", "sold.predicted", "sold.probability",
                                        "sold.probability_no", "sold.probability_yes"}));
    EXPECT_EQ(joint_printing.fields(x, names)[1], "4");
    EXPECT_EQ(joint_printing.fields(x, names)[2], "yes");
    Json one = Json::object();
    joint_printing.json(one, x, names);
    EXPECT_EQ(one.at("targets").at("sold").get<std::string>("predicted"), "yes");
    EXPECT_TRUE(joint_printing.usable(x, names));
    EXPECT_FALSE(joint_printing.usable(std::vector<double>{3, 4, NAN}, names));
}

} // namespace
} // namespace ds
