// Optimizer updates against their papers' formulas, written out here once more in plain scalars, over several steps.
#include "ops/update.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

constexpr double lr = 0.05, clip = 0.4;

struct Scalar {
    double w = 0.7, m = 0, v = 0;
};

double gradient(int step) { return std::sin(1.3 * step) + 0.2; }

In f64_value(double value) { return given(DType::f64, {}, {value}); }

/// One update node on float64 scalars.
std::vector<double> update(const std::string& op, AttrsPtr attrs, const std::vector<In>& in) {
    Problem p;
    std::vector<ValueId> ids;
    for (const In& operand : in) {
        const std::string name = "in" + std::to_string(ids.size());
        ids.push_back(p.graph.add_input(name, {operand.dtype, shape(operand.shape)}));
        p.inputs[name] = random_tensor(operand, 0);
    }
    // random_tensor rounds to f32; these are exact.
    for (size_t i = 0; i < in.size(); ++i) set_element(p.inputs["in" + std::to_string(i)], 0, in[i].values[0]);
    p.graph.add_node(ds::op(op), std::move(attrs), ids, "update");
    const std::vector<Tensor> values = evaluate(p.graph, p.inputs);
    std::vector<double> out;
    for (ValueId v : p.graph.nodes[0].out) out.push_back(element(values[size_t(v)], 0));
    return out;
}

std::vector<In> operands(const Scalar& s, int step) {
    return {f64_value(s.w), f64_value(gradient(step)), f64_value(lr), f64_value(clip), given(DType::boolean, {}, {1})};
}

void expect_sgd(double mu, double decay, bool nesterov) {
    const AttrsPtr attrs = with<SgdAttrs>([=](SgdAttrs& a) {
        a.momentum = mu;
        a.weight_decay = decay;
        a.nesterov = nesterov;
    });
    Scalar got, want;
    for (int step = 1; step <= 5; ++step) {
        std::vector<In> in = operands(got, step);
        if (mu != 0) in.push_back(f64_value(got.m));
        const std::vector<double> next = update("sgd_update", attrs, in);
        got.w = next[0];
        if (mu != 0) got.m = next[1];
        const double g = clip * gradient(step) + decay * want.w;
        want.m = mu * want.m + g;
        want.w -= lr * (nesterov ? g + mu * want.m : want.m);
        ASSERT_NEAR(got.w, want.w, 1e-14) << "step " << step;
    }
}

TEST(Update, Sgd) { expect_sgd(0, 0, false); }
TEST(Update, SgdWithDecay) { expect_sgd(0, 0.1, false); }
TEST(Update, SgdWithMomentum) { expect_sgd(0.9, 0.1, false); }
TEST(Update, SgdByNesterov) { expect_sgd(0.9, 0.1, true); }

void expect_adam(double decay, bool decoupled) {
    const double b1 = 0.8, b2 = 0.95, eps = 1e-6;
    const AttrsPtr attrs = with<AdamAttrs>([=](AdamAttrs& a) {
        a.beta1 = b1;
        a.beta2 = b2;
        a.eps = eps;
        a.weight_decay = decay;
        a.decoupled = decoupled;
    });
    Scalar got, want;
    for (int step = 1; step <= 5; ++step) {
        std::vector<In> in = operands(got, step);
        in.push_back(f64_value(got.m));
        in.push_back(f64_value(got.v));
        in.push_back(given(DType::i64, {}, {double(step)}));
        const std::vector<double> next = update("adam_update", attrs, in);
        got = {next[0], next[1], next[2]};
        double g = clip * gradient(step);
        if (decoupled) want.w -= lr * decay * want.w;
        else g += decay * want.w;
        want.m = b1 * want.m + (1 - b1) * g;
        want.v = b2 * want.v + (1 - b2) * g * g;
        want.w -= lr * want.m / (1 - std::pow(b1, step)) / (std::sqrt(want.v / (1 - std::pow(b2, step))) + eps);
        ASSERT_NEAR(got.w, want.w, 1e-14) << "step " << step;
    }
}

TEST(Update, Adam) { expect_adam(0, false); }
TEST(Update, AdamWithDecay) { expect_adam(0.1, false); }
TEST(Update, AdamW) { expect_adam(0.1, true); }

TEST(Update, NotAppliedLeavesEverything) {
    std::vector<In> in = operands({}, 1);
    in[4].values = {0};
    for (double extra : {0.25, 0.5}) in.push_back(f64_value(extra));
    in.push_back(given(DType::i64, {}, {1}));
    EXPECT_EQ(update("adam_update", attrs_of(AdamAttrs{}), in), (std::vector<double>{0.7, 0.25, 0.5}));
    in.resize(6);
    EXPECT_EQ(update("sgd_update", with<SgdAttrs>([](SgdAttrs& a) { a.momentum = 0.9; }), in),
              (std::vector<double>{0.7, 0.25}));
    EXPECT_EQ(update("ema_update", attrs_of(EmaAttrs{}), {in[0], in[1], in[4]}), (std::vector<double>{0.7}));
}

TEST(Update, MovingAverage) {
    const AttrsPtr attrs = with<EmaAttrs>([](EmaAttrs& a) { a.decay = 0.9; });
    EXPECT_NEAR(update("ema_update", attrs, {f64_value(2), f64_value(5), given(DType::boolean, {}, {1})})[0],
                0.9 * 2 + 0.1 * 5, 1e-15);
}

TEST(Update, GlobalNormIsTheRootOfAllSquares) {
    EXPECT_DOUBLE_EQ(update("global_norm", attrs_of(NoAttrs{}), {f64_value(3), f64_value(-4), f64_value(12)})[0], 13);
}

} // namespace
} // namespace ds::testing
