// Elementwise ops: one op per arity with a kind. Operands broadcast by NumPy's rule.
//   unary(x) -> y                      unary_dx(dy, r) -> dx   r = y where gradient_uses_output(kind), else x
//   binary(a, b) -> y                  comparisons and logic give bool
//   select(cond bool, a, b) -> y       cast(x) -> y of another dtype
//   constant() -> a value held in the attributes
#pragma once

#include <array>

#include "ops/attrs.h"

namespace ds {

/// gelu is the exact one, x * Phi(x); gelu_tanh its approximation. affine: alpha*x + beta. clamp: to [alpha, beta].
/// leaky_relu: alpha*x below zero. softplus: log(1 + e^x), without overflow. is_finite and logical_not give bool.
enum class UnaryKind {
    identity,
    neg,
    abs,
    sign,
    exp,
    log,
    sqrt,
    rsqrt,
    square,
    reciprocal,
    relu,
    leaky_relu,
    gelu,
    gelu_tanh,
    silu,
    sigmoid,
    tanh,
    softplus,
    affine,
    clamp,
    is_finite,
    logical_not
};
constexpr std::array<std::string_view, 22> unary_names{
    "identity", "neg",        "abs",    "sign",       "exp",       "log",        "sqrt", "rsqrt",
    "square",   "reciprocal", "relu",   "leaky_relu", "gelu",      "gelu_tanh",  "silu", "sigmoid",
    "tanh",     "softplus",   "affine", "clamp",      "is_finite", "logical_not"};

/// True for relu, leaky_relu, sigmoid, tanh, exp, sqrt, rsqrt, reciprocal: their derivative is cheapest from y.
bool gradient_uses_output(UnaryKind kind);

struct UnaryAttrs : AttrsOf<UnaryAttrs> { // unary, unary_dx
    UnaryKind kind = UnaryKind::identity;
    double alpha = 1, beta = 0;
    void visit(FieldVisitor& v) override {
        v.choice_of("kind", kind, unary_names);
        v.field("alpha", alpha);
        v.field("beta", beta);
    }
};

enum class BinaryKind { add, sub, mul, div, max, min, pow, eq, ne, lt, le, gt, ge, logical_and, logical_or };
constexpr std::array<std::string_view, 15> binary_names{
    "add", "sub", "mul", "div", "max", "min", "pow", "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or"};

struct BinaryAttrs : AttrsOf<BinaryAttrs> {
    BinaryKind kind = BinaryKind::add;
    void visit(FieldVisitor& v) override { v.choice_of("kind", kind, binary_names); }
};

struct CastAttrs : AttrsOf<CastAttrs> {
    DType dtype = DType::f32;
    void visit(FieldVisitor& v) override { v.field("dtype", dtype); }
};

/// One value for every element, or all elements row-major.
struct ConstantAttrs : AttrsOf<ConstantAttrs> {
    DType dtype = DType::f32;
    Shape shape;
    std::vector<Number> values{0.0};
    void visit(FieldVisitor& v) override {
        v.field("dtype", dtype);
        v.field("shape", shape);
        v.field("values", values);
    }
};

} // namespace ds
