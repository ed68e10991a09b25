// Cases of ops/norm.h.
#include "ops/norm.h"

#include <limits>

#include "ops/shape_ops.h"
#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

AttrsPtr row_norm(double eps = 1e-5) {
    return with<RowNormAttrs>([=](RowNormAttrs& a) { a.eps = eps; });
}
AttrsPtr batch_norm(double eps = 1e-5, double momentum = 0.1) {
    return with<BatchNormAttrs>([=](BatchNormAttrs& a) {
        a.eps = eps;
        a.momentum = momentum;
    });
}
AttrsPtr groups(int64_t n) {
    return with<GroupNormAttrs>([=](GroupNormAttrs& a) { a.groups = n; });
}
AttrsPtr axis(int64_t d) {
    return with<AxisAttrs>([=](AxisAttrs& a) { a.axis = d; });
}

void add_batch_norm(std::vector<Case>& cases, const std::string& name, const Dims& x, const In& values) {
    In image = values;
    image.shape = x;
    const Dims c{x[1]};
    const In scale = real(c, 0.5, 2), bias = real(c), mean = fixed(c), var = fixed(c, 0.3, 2);
    cases.push_back({"batch_norm " + name, "batch_norm", batch_norm(), {image, scale, bias, mean, var}});
    cases.push_back(
        {"batch_norm_train " + name, "batch_norm_train", batch_norm(1e-3, 0.3), {image, scale, bias, mean, var}, 3e-5});
}

void add_row_norms(std::vector<Case>& cases, const std::string& name, const Dims& x) {
    const Dims c{x.back()};
    cases.push_back({"layer_norm " + name, "layer_norm", row_norm(1e-3), {real(x), real(c, 0.5, 2), real(c)}, 3e-5});
    cases.push_back({"rms_norm " + name, "rms_norm", row_norm(1e-3), {real(x), real(c, 0.5, 2)}, 3e-5});
}

} // namespace

std::vector<Case> norm_cases() {
    std::vector<Case> cases;
    add_batch_norm(cases, "of images", {3, 5, 4, 3}, real({}));
    add_batch_norm(cases, "of 17 channels", {2, 17, 3, 3}, real({}));
    add_batch_norm(cases, "of 32 channels", {2, 32, 4, 4}, real({}));
    add_batch_norm(cases, "of one channel", {4, 1, 5, 5}, real({}));
    add_batch_norm(cases, "of one sample", {1, 6, 4, 4}, real({}));
    add_batch_norm(cases, "of features", {9, 7}, real({}));
    add_batch_norm(cases, "of sequences", {3, 4, 10}, real({}));
    add_batch_norm(cases, "of volumes", {2, 3, 2, 3, 4}, real({}));
    add_batch_norm(cases, "of pixels", {12, 5, 1, 1}, real({}));
    add_batch_norm(cases, "large", {8, 20, 15, 15}, real({}));
    add_batch_norm(cases, "far from zero", {4, 9, 6, 6}, real({}, 99, 101));
    cases.push_back({"batch_norm_train of one element a channel",
                     "batch_norm_train",
                     batch_norm(1e-3, 0.3),
                     {real({1, 3, 1, 1}), real({3}, 0.5, 2), real({3}), fixed({3}), fixed({3}, 0.3, 2)},
                     3e-5});
    add_row_norms(cases, "of rows", {5, 12});
    add_row_norms(cases, "of tokens", {2, 3, 33});
    add_row_norms(cases, "of one row", {1, 8});
    add_row_norms(cases, "of one vector", {9});
    add_row_norms(cases, "of 384", {40, 384});
    add_row_norms(cases, "of images", {2, 3, 4, 10});
    cases.push_back(
        {"layer_norm, one element a row", "layer_norm", row_norm(1e-2), {real({4, 1}), real({1}), real({1})}, 3e-5});
    cases.push_back({"layer_norm far from zero",
                     "layer_norm",
                     row_norm(1e-3),
                     {real({6, 50}, 99, 101), real({50}, 0.5, 2), real({50})},
                     1e-4});
    for (int64_t g : {1, 2, 3, 6})
        cases.push_back({"group_norm of " + std::to_string(g) + " groups",
                         "group_norm",
                         groups(g),
                         {real({2, 6, 4, 3}), real({6}, 0.5, 2), real({6})},
                         3e-5});
    cases.push_back({"group_norm of 20 channels",
                     "group_norm",
                     groups(5),
                     {real({3, 20, 5, 5}), real({20}, 0.5, 2), real({20})},
                     3e-5});
    cases.push_back(
        {"group_norm of features", "group_norm", groups(2), {real({5, 8}), real({8}, 0.5, 2), real({8})}, 3e-5});
    cases.push_back(
        {"group_norm of sequences", "group_norm", groups(2), {real({2, 4, 9}), real({4}, 0.5, 2), real({4})}, 3e-5});
    cases.push_back(
        {"group_norm, large", "group_norm", groups(4), {real({4, 32, 12, 12}), real({32}, 0.5, 2), real({32})}, 3e-5});
    const std::pair<Dims, int64_t> softmaxes[] = {{{5, 10}, 1}, {{5, 10}, 0}, {{2, 3, 4, 33}, 3}, {{2, 5, 7}, 1},
                                                  {{4, 1}, 1},  {{70}, 0},    {{2, 9, 3, 4}, 1},  {{100, 120}, 1}};
    for (const auto& [dims, d] : softmaxes)
        cases.push_back(
            {"softmax of " + text(dims) + " over " + std::to_string(d), "softmax", axis(d), {real(dims, -3, 3)}});
    const In scale = real({6}, 0.5, 2), bias = real({6});
    cases.push_back({"layer_norm of no rows", "layer_norm", row_norm(), {real({0, 6}), scale, bias}});
    cases.push_back({"rms_norm of no rows", "rms_norm", row_norm(), {real({0, 6}), scale}});
    cases.push_back({"group_norm of no samples", "group_norm", groups(2), {real({0, 6, 4}), scale, bias}});
    cases.push_back({"batch_norm of no samples",
                     "batch_norm",
                     batch_norm(),
                     {real({0, 6, 4}), scale, bias, fixed({6}), fixed({6}, 0.3, 2)}});
    cases.push_back({"softmax of no rows", "softmax", axis(1), {real({0, 6})}});
    cases.push_back({"softmax of far numbers", "softmax", axis(1), {real({3, 9}, -300, 300)}});
    Case hidden{"softmax with hidden elements", "softmax", axis(1), {fixed({2, 4})}};
    hidden.in[0].values = {1, -std::numeric_limits<double>::infinity(), 2, 0.5};
    cases.push_back(hidden);
    return cases;
}

} // namespace ds::testing
