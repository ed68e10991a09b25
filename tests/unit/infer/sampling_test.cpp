// Draws follow the softmax of the logits over the tokens that top-k and top-p leave, in the shares that are computed
// here.
#include "infer/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ds {
namespace {

constexpr int64_t draws = 200'000;

/// The share of each token among many draws.
std::vector<double> shares(const std::vector<double>& logits, const Sampling& sampling) {
    rng::Sequence random(7, rng::Stream::generate);
    std::vector<double> count(logits.size());
    for (int64_t i = 0; i < draws; ++i) ++count[size_t(draw_token(logits, sampling, random))];
    for (double& n : count) n /= draws;
    return count;
}

void expect_shares(const std::vector<double>& logits, const Sampling& sampling, const std::vector<double>& wanted) {
    const std::vector<double> found = shares(logits, sampling);
    for (size_t i = 0; i < wanted.size(); ++i) // five deviations of a share; 0 is exact
        EXPECT_NEAR(found[i], wanted[i], 5 * std::sqrt(wanted[i] * (1 - wanted[i]) / draws)) << i;
}

std::vector<double> logs(std::vector<double> p) {
    for (double& x : p) x = std::log(x);
    return p;
}

TEST(Sampling, DrawsInTheSharesOfTheSoftmax) { expect_shares(logs({1, 5, 2, 2}), {}, {0.1, 0.5, 0.2, 0.2}); }

TEST(Sampling, TemperatureIsAPower) {
    expect_shares(logs({1, 3}), {0.5, 0, 1}, {0.1, 0.9});
    expect_shares(logs({1, 9}), {2, 0, 1}, {0.25, 0.75});
    expect_shares(logs({2, 3, 3}), {0, 0, 1}, {0, 1, 0}); // of equal ones the first
    expect_shares(logs({2, 3, 3}), {0, 3, 0.1}, {0, 1, 0});
}

TEST(Sampling, TopKKeepsTheLikeliest) {
    expect_shares(logs({1, 5, 2, 3}), {1, 2, 1}, {0, 0.625, 0, 0.375});
    expect_shares(logs({1, 5, 2, 2}), {1, 2, 1}, {0, 5.0 / 7, 2.0 / 7, 0});
    expect_shares(logs({1, 3}), {1, 100, 1}, {0.25, 0.75});
}

TEST(Sampling, TopPKeepsTheFewestThatReachIt) {
    const std::vector<double> logits = logs({1, 5, 1, 3}); // 0.5, 0.3, 0.1, 0.1
    expect_shares(logits, {1, 0, 0.01}, {0, 1, 0, 0});
    expect_shares(logits, {1, 0, 0.49}, {0, 1, 0, 0});
    expect_shares(logits, {1, 0, 0.51}, {0, 0.625, 0, 0.375});
    expect_shares(logits, {1, 0, 0.79}, {0, 0.625, 0, 0.375});
    expect_shares(logits, {1, 0, 0.85}, {1.0 / 9, 5.0 / 9, 0, 3.0 / 9});
    expect_shares(logits, {1, 0, 1}, {0.1, 0.5, 0.1, 0.3});
    expect_shares(logits, {1, 2, 0.6}, {0, 1, 0, 0}); // of the two that are left, 0.625 reaches it
}

TEST(Sampling, WhatIsImpossibleIsNeverDrawn) {
    const double never = -std::numeric_limits<double>::infinity();
    expect_shares({never, 0, never}, {}, {0, 1, 0});
    expect_shares({never, 0, -800}, {}, {0, 1, 0}); // a weight of 0 after rounding
    expect_shares({never, 0, never}, {0, 0, 1}, {0, 1, 0});
}

} // namespace
} // namespace ds
