// Cases of ops/update.h and ops/random.h.
#include "ops/update.h"

#include "ops/random.h"
#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

AttrsPtr sgd(double momentum, double decay, bool nesterov) {
    return with<SgdAttrs>([=](SgdAttrs& a) {
        a.momentum = momentum;
        a.weight_decay = decay;
        a.nesterov = nesterov;
    });
}
AttrsPtr adam(double decay, bool decoupled) {
    return with<AdamAttrs>([=](AdamAttrs& a) {
        a.weight_decay = decay;
        a.decoupled = decoupled;
    });
}
AttrsPtr dropping(double p, int64_t stream = 0) {
    return with<DropoutAttrs>([=](DropoutAttrs& a) {
        a.p = p;
        a.stream = stream;
    });
}
In number(double value) { return given(DType::f32, {}, {value}); }
In step(double value) { return given(DType::i64, {}, {value}); }
In apply(bool yes) { return given(DType::boolean, {}, {double(yes)}); }

void add_updates(std::vector<Case>& cases, const std::string& name, const Dims& d, bool yes) {
    const In w = fixed(d), g = fixed(d), m = fixed(d), v = fixed(d, 0, 1);
    const In lr = number(0.1), scale = number(0.5);
    cases.push_back({"sgd_update " + name, "sgd_update", sgd(0, 0.01, false), {w, g, lr, scale, apply(yes)}});
    cases.push_back(
        {"sgd_update with momentum " + name, "sgd_update", sgd(0.9, 0.01, false), {w, g, lr, scale, apply(yes), m}});
    cases.push_back(
        {"sgd_update by Nesterov " + name, "sgd_update", sgd(0.9, 0.01, true), {w, g, lr, scale, apply(yes), m}});
    cases.push_back(
        {"adam_update " + name, "adam_update", adam(0.01, false), {w, g, lr, scale, apply(yes), m, v, step(3)}});
    cases.push_back({"adam_update, decoupled " + name,
                     "adam_update",
                     adam(0.01, true),
                     {w, g, lr, scale, apply(yes), m, v, step(1)}});
    cases.push_back({"ema_update " + name, "ema_update", attrs_of(EmaAttrs{}), {w, g, apply(yes)}});
}

} // namespace

std::vector<Case> update_cases() {
    std::vector<Case> cases;
    add_updates(cases, "of a vector", {13}, true);
    add_updates(cases, "of a weight", {5, 3, 3, 3}, true);
    add_updates(cases, "of a number", {}, true);
    add_updates(cases, "of a large weight", {130, 301}, true);
    add_updates(cases, "not applied", {4, 9}, false);
    cases.push_back({"adam_update, late",
                     "adam_update",
                     adam(0, false),
                     {fixed({20}), fixed({20}), number(1e-3), number(1), apply(true), fixed({20}), fixed({20}, 0, 1),
                      step(100000)}});
    cases.push_back({"adam_update, no gradient",
                     "adam_update",
                     adam(0, false),
                     {fixed({20}), fixed({20}, 0, 0), number(1e-3), number(1), apply(true), fixed({20}, 0, 0),
                      fixed({20}, 0, 0), step(1)}});
    cases.push_back({"global_norm of one", "global_norm", attrs_of(NoAttrs{}), {fixed({4, 5})}});
    cases.push_back({"global_norm of many",
                     "global_norm",
                     attrs_of(NoAttrs{}),
                     {fixed({4, 5}), fixed({1}), fixed({}), fixed({7, 3, 2, 2}), fixed({0})}});
    cases.push_back({"global_norm, large", "global_norm", attrs_of(NoAttrs{}), {fixed({300, 301}), fixed({5000})}});
    cases.push_back({"global_norm past f32", "global_norm", attrs_of(NoAttrs{}), {fixed({40}, 1e25, 2e25)}, 1e-5});
    const In seed = i64({}, -1e15, 1e15), at = i64({}, 0, 1e9);
    cases.push_back({"dropout", "dropout", dropping(0.5), {real({5, 4})}});
    cases.push_back({"dropout of an image", "dropout", dropping(0.5), {real({2, 9, 3, 3})}});
    for (double p : {0.0, 0.1, 0.5, 0.9}) {
        const std::string name = "dropout_train " + std::to_string(p);
        cases.push_back({name, "dropout_train", dropping(p, 3), {real({6, 11}), seed, at, i64({6}, 0, 1e6)}});
        cases.push_back({name + " of an image",
                         "dropout_train",
                         dropping(p, 1),
                         {real({3, 19, 3, 5}), seed, at, i64({3}, 0, 1e6)}});
        cases.push_back(
            {name + " of samples", "dropout_train", dropping(p), {real({21}), seed, at, i64({21}, 0, 1e6)}});
    }
    cases.push_back({"dropout_train of no samples",
                     "dropout_train",
                     dropping(0.2, 7),
                     {real({0, 41}), seed, at, i64({0}, 0, 1e9)}});
    cases.push_back(
        {"dropout_train, large", "dropout_train", dropping(0.2, 7), {real({16, 4100}), seed, at, i64({16}, 0, 1e9)}});
    return cases;
}

} // namespace ds::testing
