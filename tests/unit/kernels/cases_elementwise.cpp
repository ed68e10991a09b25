// Cases of ops/elementwise.h.
#include "ops/elementwise.h"

#include <limits>

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

AttrsPtr unary(UnaryKind kind, double alpha = 1, double beta = 0) {
    return with<UnaryAttrs>([=](UnaryAttrs& a) {
        a.kind = kind;
        a.alpha = alpha;
        a.beta = beta;
    });
}
AttrsPtr binary(BinaryKind kind) {
    return with<BinaryAttrs>([=](BinaryAttrs& a) { a.kind = kind; });
}
AttrsPtr cast_to(DType dtype) {
    return with<CastAttrs>([=](CastAttrs& a) { a.dtype = dtype; });
}
AttrsPtr constant_of(DType dtype, const Dims& dims, std::vector<double> values) {
    return with<ConstantAttrs>([=](ConstantAttrs& a) {
        a.dtype = dtype;
        a.shape = shape(dims);
        a.values.assign(values.begin(), values.end());
    });
}

/// Where the function is defined, away from the point where it bends.
In domain(UnaryKind kind, Dims shape) {
    switch (kind) {
    case UnaryKind::log:
    case UnaryKind::sqrt:
    case UnaryKind::rsqrt:
    case UnaryKind::reciprocal: return real(shape, 0.2, 3);
    default: return real(shape, -4, 4);
    }
}

void add_unary(std::vector<Case>& cases) {
    for (size_t k = 0; k < unary_names.size(); ++k) {
        const auto kind = UnaryKind(k);
        if (kind == UnaryKind::logical_not) continue;
        const double alpha = kind == UnaryKind::clamp ? -0.7 : 0.3, beta = kind == UnaryKind::clamp ? 0.9 : 0.25;
        const std::string name = "unary " + std::string(unary_names[k]);
        cases.push_back({name, "unary", unary(kind, alpha, beta), {domain(kind, {3, 37})}});
        cases.push_back({name + " of an image", "unary", unary(kind, alpha, beta), {domain(kind, {2, 5, 3, 7})}});
    }
    cases.push_back({"unary logical_not", "unary", unary(UnaryKind::logical_not), {boolean({35})}});
    for (double value : {-200.0, -60.0, -20.0, 20.0, 60.0, 200.0}) // far tails: no overflow, no NaN
        for (UnaryKind kind : {UnaryKind::sigmoid, UnaryKind::tanh, UnaryKind::silu, UnaryKind::softplus,
                               UnaryKind::gelu, UnaryKind::gelu_tanh}) {
            Case c{"unary " + std::string(unary_names[size_t(kind)]) + " at " + std::to_string(int(value)),
                   "unary",
                   unary(kind),
                   {real({19})}};
            c.in[0].values = {value};
            cases.push_back(c);
        }
    const double infinite = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    for (UnaryKind kind :
         {UnaryKind::is_finite, UnaryKind::relu, UnaryKind::abs, UnaryKind::neg, UnaryKind::square, UnaryKind::exp}) {
        Case c{"unary " + std::string(unary_names[size_t(kind)]) + " of infinities and NaN",
               "unary",
               unary(kind),
               {fixed({21})}};
        c.in[0].values = {1, infinite, -1, -infinite, nan, 0, -0.5};
        cases.push_back(c);
    }
    cases.push_back({"unary exp, extremes",
                     "unary",
                     unary(UnaryKind::exp),
                     {given(DType::f32, {9}, {-200, -104, -88, -87, 0, 1e-30, 80, 88, 200})},
                     3e-6 * 2});
    cases.push_back({"unary gelu, large", "unary", unary(UnaryKind::gelu), {real({40000}, -6, 6)}});
    for (UnaryKind kind : {UnaryKind::relu, UnaryKind::gelu, UnaryKind::silu})
        cases.push_back({"unary " + std::string(unary_names[size_t(kind)]) + " of large images",
                         "unary",
                         unary(kind),
                         {real({4, 35, 13, 13}, -6, 6)}});
    cases.push_back({"unary relu of a scalar", "unary", unary(UnaryKind::relu), {real({})}});
    cases.push_back({"unary relu of nothing", "unary", unary(UnaryKind::relu), {real({0, 4})}});
    cases.push_back({"unary identity of integers", "unary", unary(UnaryKind::identity), {i64({9}, -5, 5)}});
}

void add_binary(std::vector<Case>& cases) {
    for (size_t k = 0; k < binary_names.size(); ++k) {
        const auto kind = BinaryKind(k);
        const std::string name = "binary " + std::string(binary_names[k]);
        if (kind >= BinaryKind::logical_and) {
            cases.push_back({name, "binary", binary(kind), {boolean({5, 1, 7}), boolean({3, 7})}});
            continue;
        }
        const In a = kind == BinaryKind::pow ? real({4, 13}, 0.3, 2) : real({4, 13}, -2, 2);
        const In b = kind == BinaryKind::div ? real({4, 13}, 0.4, 2) : real({4, 13}, -2, 2);
        cases.push_back({name, "binary", binary(kind), {a, b}});
        In row = b;
        row.shape = {13};
        cases.push_back({name + ", a row", "binary", binary(kind), {a, row}});
        if (kind != BinaryKind::pow)
            cases.push_back({name + " of integers", "binary", binary(kind), {i32({4, 9}, -4, 4), i32({9}, 1, 5)}});
    }
    for (BinaryKind kind : {BinaryKind::add, BinaryKind::mul, BinaryKind::sub, BinaryKind::max}) {
        const std::string name = "binary " + std::string(binary_names[size_t(kind)]);
        cases.push_back(
            {name + ", channels of an image", "binary", binary(kind), {real({2, 5, 4, 3}), real({5, 1, 1})}});
        cases.push_back({name + ", an image by channels first",
                         "binary",
                         binary(kind),
                         {real({1, 17, 1, 1}), real({2, 17, 3, 3})}});
        cases.push_back(
            {name + ", a sample's plane", "binary", binary(kind), {real({2, 9, 4, 3}), real({2, 1, 4, 3})}});
        cases.push_back({name + ", images", "binary", binary(kind), {real({2, 19, 4, 3}), real({2, 19, 4, 3})}});
        cases.push_back({name + ", a scalar", "binary", binary(kind), {real({6, 11}), real({})}});
        cases.push_back({name + ", outer", "binary", binary(kind), {real({7, 1}), real({1, 9})}});
        cases.push_back({name + ", both broadcast", "binary", binary(kind), {real({3, 1, 5, 1}), real({4, 1, 6})}});
        cases.push_back({name + ", a column", "binary", binary(kind), {real({6, 11}), real({6, 1})}});
        cases.push_back({name + ", large", "binary", binary(kind), {real({64, 700}), real({700})}, 1e-5});
    }
    cases.push_back({"binary add of large images",
                     "binary",
                     binary(BinaryKind::add),
                     {real({4, 35, 13, 13}), real({4, 35, 13, 13})}});
    cases.push_back({"binary mul of large images by channels",
                     "binary",
                     binary(BinaryKind::mul),
                     {real({4, 35, 13, 13}), real({4, 35, 1, 1})}});
    cases.push_back({"binary add of images of one pixel",
                     "binary",
                     binary(BinaryKind::add),
                     {real({3, 20, 1, 1}), real({3, 20, 1, 1})}});
    cases.push_back({"binary eq of i64", "binary", binary(BinaryKind::eq), {i64({30}, 0, 3), i64({30}, 0, 3)}});
    cases.push_back({"binary max keeps NaN",
                     "binary",
                     binary(BinaryKind::max),
                     {given(DType::f32, {3}, {std::numeric_limits<double>::quiet_NaN(), 1, 2}),
                      given(DType::f32, {3}, {0, 3, 1})}});
}

} // namespace

std::vector<Case> elementwise_cases() {
    std::vector<Case> cases;
    add_unary(cases);
    add_binary(cases);
    cases.push_back({"constant, one value", "constant", constant_of(DType::f32, {3, 4}, {2.5}), {}});
    cases.push_back({"constant, each element", "constant", constant_of(DType::i64, {4}, {1, -2, 3, 4}), {}});
    cases.push_back({"constant, bool", "constant", constant_of(DType::boolean, {}, {1}), {}});
    cases.push_back({"select", "select", attrs_of(NoAttrs{}), {boolean({5, 7}), real({5, 7}), real({5, 7})}});
    cases.push_back(
        {"select, broadcast condition", "select", attrs_of(NoAttrs{}), {boolean({7}), real({5, 7}), real({})}});
    cases.push_back({"select, broadcast choices",
                     "select",
                     attrs_of(NoAttrs{}),
                     {boolean({2, 3, 1, 5}), real({3, 4, 1}), real({1, 5})}});
    cases.push_back({"select of images",
                     "select",
                     attrs_of(NoAttrs{}),
                     {boolean({2, 9, 3, 3}), real({2, 9, 3, 3}), real({2, 9, 3, 3})}});
    cases.push_back(
        {"select of integers", "select", attrs_of(NoAttrs{}), {boolean({6}), i64({6}, 0, 9), i64({1}, -9, 0)}});
    const std::pair<DType, In> casts[] = {
        {DType::i32, real({33}, -9, 9)}, {DType::i64, real({33}, -9, 9)}, {DType::f32, i32({33}, -9, 9)},
        {DType::f32, i64({33}, -9, 9)},  {DType::i64, i32({33}, -9, 9)},  {DType::i32, i64({33}, -9, 9)},
        {DType::f32, boolean({33})},     {DType::u8, i32({33}, 0, 255)},  {DType::boolean, i32({33}, 0, 1)},
        {DType::f32, real({33})},        {DType::boolean, real({33})}};
    for (const auto& [to, from] : casts)
        cases.push_back(
            {"cast " + std::string(name(from.dtype)) + " to " + std::string(name(to)), "cast", cast_to(to), {from}});
    In pixels{DType::u8, {3, 1, 9, 7}, 0, 255, false};
    cases.push_back({"cast u8 to f32", "cast", cast_to(DType::f32), {pixels}});
    In small{DType::i8, {31}, -128, 127, false};
    cases.push_back({"cast i8 to f32", "cast", cast_to(DType::f32), {small}});
    return cases;
}

} // namespace ds::testing
