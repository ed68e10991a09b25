// Cases of ops/loss.h.
#include "ops/loss.h"

#include <limits>

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

AttrsPtr entropy(double smoothing = 0, int64_t ignore = -100) {
    return with<CrossEntropyAttrs>([=](CrossEntropyAttrs& a) {
        a.smoothing = smoothing;
        a.ignore_index = ignore;
    });
}

} // namespace

std::vector<Case> loss_cases() {
    std::vector<Case> cases;
    for (double s : {0.0, 0.1}) {
        const std::string name = s == 0 ? "cross_entropy" : "cross_entropy, smoothed";
        cases.push_back({name, "cross_entropy", entropy(s), {real({7, 10}, -3, 3), i32({7}, 0, 9)}});
        cases.push_back({name + ", i64 target", "cross_entropy", entropy(s), {real({7, 5}, -3, 3), i64({7}, 0, 4)}});
        cases.push_back(
            {name + ", tokens", "cross_entropy", entropy(s), {real({2, 6, 65}, -3, 3), i32({2, 6}, 0, 64)}});
        cases.push_back(
            {name + ", probabilities", "cross_entropy", entropy(s), {real({6, 9}, -3, 3), fixed({6, 9}, 0, 0.3)}});
        cases.push_back(
            {name + ", ignored rows", "cross_entropy", entropy(s, 3), {real({20, 5}, -3, 3), i32({20}, 0, 4)}});
        cases.push_back({name + ", ignored rows outside of the classes",
                         "cross_entropy",
                         entropy(s, -100),
                         {real({6, 5}, -3, 3), given(DType::i32, {6}, {-100, 0, 4, -100, 2, 1})}});
        cases.push_back(
            {name + ", all rows ignored", "cross_entropy", entropy(s, 2), {real({4, 5}), given(DType::i32, {4}, {2})}});
        cases.push_back({name + ", one class", "cross_entropy", entropy(s), {real({4, 1}), i32({4}, 0, 0)}});
        cases.push_back({name + ", one row", "cross_entropy", entropy(s), {real({8}), i32({}, 0, 7)}});
        cases.push_back({name + ", two classes", "cross_entropy", entropy(s), {real({40, 2}, -9, 9), i32({40}, 0, 1)}});
        cases.push_back(
            {name + ", far logits", "cross_entropy", entropy(s), {real({5, 12}, -90, 90), i32({5}, 0, 11)}});
        cases.push_back({name + ", large", "cross_entropy", entropy(s), {real({300, 100}, -3, 3), i32({300}, 0, 99)}});
    }
    cases.push_back({"cross_entropy of no rows", "cross_entropy", entropy(), {real({0, 5}), i32({0}, 0, 4)}});
    Case hidden{"cross_entropy with a hidden class",
                "cross_entropy",
                entropy(),
                {fixed({3, 4}), given(DType::i32, {3}, {0, 2, 3})}};
    hidden.in[0].values = {1, -std::numeric_limits<double>::infinity(), 2, 0.5};
    cases.push_back(hidden);
    return cases;
}

} // namespace ds::testing
