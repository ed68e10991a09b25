// Cases of ops/linear.h.
#include "ops/linear.h"

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

AttrsPtr products(bool ta = false, bool tb = false) {
    return with<MatmulAttrs>([=](MatmulAttrs& a) {
        a.ta = ta;
        a.tb = tb;
    });
}

void add_linear(std::vector<Case>& cases, const std::string& name, Dims x, int64_t outputs) {
    const int64_t inputs = x.back();
    const AttrsPtr attrs = attrs_of(NoAttrs{});
    cases.push_back({"linear " + name, "linear", attrs, {real(x), real({outputs, inputs}), real({outputs})}, 2e-5});
    cases.push_back({"linear " + name + ", no bias", "linear", attrs, {real(x), real({outputs, inputs})}, 2e-5});
}

} // namespace

std::vector<Case> linear_cases() {
    std::vector<Case> cases;
    add_linear(cases, "of rows", {5, 7}, 3);
    add_linear(cases, "to one", {5, 7}, 1);
    add_linear(cases, "from one", {5, 1}, 4);
    add_linear(cases, "of one row", {1, 33}, 17);
    add_linear(cases, "of tokens", {2, 5, 16}, 24);
    add_linear(cases, "of one vector", {9}, 4);
    add_linear(cases, "of four axes", {2, 3, 2, 8}, 5);
    add_linear(cases, "large", {64, 200}, 96);
    add_linear(cases, "tall", {300, 40}, 10);
    add_linear(cases, "wide", {3, 20}, 600);
    cases.push_back({"linear, frozen weight", "linear", attrs_of(NoAttrs{}), {real({4, 6}), fixed({3, 6}), real({3})}});
    cases.push_back(
        {"linear, only the weight", "linear", attrs_of(NoAttrs{}), {fixed({4, 6}), real({3, 6}), fixed({3})}});
    cases.push_back({"linear of no rows", "linear", attrs_of(NoAttrs{}), {real({0, 6}), real({3, 6}), real({3})}});
    cases.push_back({"matmul of no inner size", "matmul", products(), {real({4, 0}), real({0, 3})}});
    cases.push_back({"matmul of no rows", "matmul", products(), {real({0, 4}), real({4, 3})}});
    for (bool ta : {false, true})
        for (bool tb : {false, true}) {
            const std::string which = std::string(ta ? "T" : "N") + (tb ? "T" : "N");
            auto a = [&](Dims lead, int64_t m, int64_t k) {
                lead.insert(lead.end(), {ta ? k : m, ta ? m : k});
                return real(lead);
            };
            auto b = [&](Dims lead, int64_t k, int64_t n) {
                lead.insert(lead.end(), {tb ? n : k, tb ? k : n});
                return real(lead);
            };
            const AttrsPtr attrs = products(ta, tb);
            cases.push_back({"matmul " + which, "matmul", attrs, {a({}, 5, 7), b({}, 7, 3)}});
            cases.push_back({"matmul " + which + ", a batch", "matmul", attrs, {a({4}, 5, 7), b({4}, 7, 6)}});
            cases.push_back({"matmul " + which + ", one right operand", "matmul", attrs, {a({4}, 5, 7), b({}, 7, 6)}});
            cases.push_back({"matmul " + which + ", one left operand", "matmul", attrs, {a({}, 5, 7), b({4}, 7, 6)}});
            cases.push_back({"matmul " + which + ", outer batches", "matmul", attrs, {a({3, 1}, 2, 7), b({4}, 7, 3)}});
            cases.push_back({"matmul " + which + ", four axes", "matmul", attrs, {a({2, 3}, 9, 8), b({2, 3}, 8, 9)}});
            cases.push_back({"matmul " + which + ", large", "matmul", attrs, {a({2}, 65, 90), b({2}, 90, 70)}, 2e-5});
            cases.push_back({"matmul " + which + ", vectors", "matmul", attrs, {a({}, 1, 70), b({}, 70, 1)}});
            cases.push_back({"matmul " + which + ", outer product", "matmul", attrs, {a({}, 9, 1), b({}, 1, 11)}});
        }
    return cases;
}

} // namespace ds::testing
