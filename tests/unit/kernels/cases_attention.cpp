// Cases of ops/attention.h.
#include "ops/attention.h"

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

AttrsPtr attention(bool causal, double scale = 0) {
    return with<AttentionAttrs>([=](AttentionAttrs& a) {
        a.causal = causal;
        a.scale = scale;
    });
}

struct Row {
    const char* name;
    int64_t n, t, h, d, s, g;
};

const Row rows[] = {
    {"small", 2, 4, 2, 3, 4, 2},
    {"one token", 2, 1, 2, 8, 1, 2},
    {"one query of many keys", 2, 1, 3, 8, 9, 3},
    {"one head", 1, 6, 1, 5, 6, 1},
    {"grouped queries", 2, 5, 6, 4, 5, 2},
    {"one key head", 2, 5, 4, 8, 5, 1},
    {"more keys than queries", 1, 4, 2, 8, 11, 2},
    {"more queries than keys", 1, 9, 2, 8, 5, 2},
    {"width 16", 2, 7, 2, 16, 7, 2},
    {"width 64", 1, 19, 2, 64, 19, 2},
    {"width 33", 1, 9, 2, 33, 9, 2},
    {"long", 1, 150, 2, 32, 150, 2},
    {"width 1", 2, 6, 2, 1, 6, 2},
};

} // namespace

std::vector<Case> attention_cases() {
    std::vector<Case> cases;
    for (const Row& r : rows) {
        const In q = real({r.n, r.t, r.h, r.d}), k = real({r.n, r.s, r.g, r.d}), v = real({r.n, r.s, r.g, r.d});
        cases.push_back({std::string("attention ") + r.name, "attention", attention(false), {q, k, v}, 2e-5});
        cases.push_back(
            {std::string("attention ") + r.name + ", causal", "attention", attention(true), {q, k, v}, 2e-5});
        cases.push_back({std::string("attention ") + r.name + ", masked",
                         "attention",
                         attention(false),
                         {q, k, v, boolean({r.n, r.h, r.t, r.s})},
                         2e-5});
    }
    const In q = real({2, 5, 4, 8}), k = real({2, 7, 2, 8});
    cases.push_back({"attention, mask of keys", "attention", attention(false), {q, k, k, boolean({2, 1, 1, 7})}, 2e-5});
    cases.push_back(
        {"attention, mask of pairs, causal", "attention", attention(true), {q, k, k, boolean({5, 7})}, 2e-5});
    cases.push_back({"attention, mask of heads", "attention", attention(false), {q, k, k, boolean({4, 1, 7})}, 2e-5});
    cases.push_back({"attention, nothing is seen",
                     "attention",
                     attention(false),
                     {q, k, k, given(DType::boolean, {1}, {0})},
                     2e-5});
    cases.push_back({"attention, everything is seen",
                     "attention",
                     attention(false),
                     {q, k, k, given(DType::boolean, {}, {1})},
                     2e-5});
    cases.push_back({"attention of no samples",
                     "attention",
                     attention(true),
                     {real({0, 5, 4, 8}), real({0, 7, 2, 8}), real({0, 7, 2, 8})}});
    cases.push_back(
        {"attention of no keys", "attention", attention(false), {q, real({2, 0, 2, 8}), real({2, 0, 2, 8})}});
    cases.push_back({"attention, another scale", "attention", attention(false, 0.7), {q, k, k}, 2e-5});
    cases.push_back({"attention, large scores", "attention", attention(true, 40), {q, k, k}, 1e-4});
    return cases;
}

} // namespace ds::testing
