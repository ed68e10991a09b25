// The instructions of elementwise.h in f32, once per instruction set. Derivatives are with respect to the
// operand that ops/elementwise.h names: y where gradient_uses_output(kind), else x.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/elementwise_micro.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <cmath>

#include "kernels/cpu/vector/elementwise.h"
#include "kernels/cpu/vector/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE const float* f32(const std::byte* p) { return reinterpret_cast<const float*>(p); }
HWY_INLINE float* f32(std::byte* p) { return reinterpret_cast<float*>(p); }

template <class Fn>
HWY_INLINE void run1(const std::byte* const* in, std::byte* out, size_t n, const Fn& f) {
    map(f32(out), n, f, f32(in[0]));
}
template <class Fn>
HWY_INLINE void run2(const std::byte* const* in, std::byte* out, size_t n, const Fn& f) {
    map(f32(out), n, f, f32(in[0]), f32(in[1]));
}

constexpr float sqrt_2_over_pi = 0.797884561f, cubic = 0.044715f, inv_sqrt_2pi = 0.398942280f;

template <UnaryKind kind>
HWY_INLINE V value(V x, float alpha, float beta) {
    using K = UnaryKind;
    const F d;
    const V zero = set(0), one = set(1);
    if constexpr (kind == K::neg) return hn::Neg(x);
    else if constexpr (kind == K::abs) return hn::Abs(x);
    else if constexpr (kind == K::sign) {
        const V s = hn::Sub(hn::IfThenElseZero(hn::Gt(x, zero), one), hn::IfThenElseZero(hn::Lt(x, zero), one));
        return hn::IfThenElse(hn::IsNaN(x), x, s);
    } else if constexpr (kind == K::exp) return exp_of(x);
    else if constexpr (kind == K::log) return log_of(x);
    else if constexpr (kind == K::sqrt) return hn::Sqrt(x);
    else if constexpr (kind == K::rsqrt) return hn::Div(one, hn::Sqrt(x));
    else if constexpr (kind == K::square) return hn::Mul(x, x);
    else if constexpr (kind == K::reciprocal) return hn::Div(one, x);
    else if constexpr (kind == K::relu) return hn::Max(zero, x);
    else if constexpr (kind == K::leaky_relu) return hn::IfThenElse(hn::Gt(x, zero), x, hn::Mul(set(alpha), x));
    else if constexpr (kind == K::gelu) {
        V bell;
        return hn::Mul(x, normal_cdf(x, bell));
    } else if constexpr (kind == K::gelu_tanh) {
        const V u = hn::Mul(set(sqrt_2_over_pi), hn::MulAdd(hn::Mul(set(cubic), hn::Mul(x, x)), x, x));
        return hn::Mul(x, sigmoid_of(hn::Add(u, u))); // (1 + tanh u)/2 = sigmoid(2u)
    } else if constexpr (kind == K::silu) return hn::Mul(x, sigmoid_of(x));
    else if constexpr (kind == K::sigmoid) return sigmoid_of(x);
    else if constexpr (kind == K::tanh) return tanh_of(x);
    else if constexpr (kind == K::softplus) return hn::Add(hn::Max(zero, x), log1p_of(exp_of(hn::Neg(hn::Abs(x)))));
    else if constexpr (kind == K::affine) return hn::MulAdd(set(alpha), x, set(beta));
    else if constexpr (kind == K::clamp) return hn::Min(set(beta), hn::Max(set(alpha), x));
    else return hn::Or(x, hn::Zero(d)); // identity
}

template <UnaryKind kind>
HWY_INLINE V gradient(V dy, V r, float alpha, float beta) {
    using K = UnaryKind;
    const V zero = set(0), one = set(1), half = set(0.5f);
    if constexpr (kind == K::identity) return dy;
    else if constexpr (kind == K::neg) return hn::Neg(dy);
    else if constexpr (kind == K::abs) return hn::Mul(dy, value<K::sign>(r, 0, 0));
    else if constexpr (kind == K::exp) return hn::Mul(dy, r);
    else if constexpr (kind == K::log) return hn::Div(dy, r);
    else if constexpr (kind == K::sqrt) return hn::Div(hn::Mul(half, dy), r);
    else if constexpr (kind == K::rsqrt) return hn::Mul(hn::Mul(set(-0.5f), dy), hn::Mul(r, hn::Mul(r, r)));
    else if constexpr (kind == K::square) return hn::Mul(hn::Add(dy, dy), r);
    else if constexpr (kind == K::reciprocal) return hn::Neg(hn::Mul(dy, hn::Mul(r, r)));
    else if constexpr (kind == K::relu) return hn::IfThenElseZero(hn::Gt(r, zero), dy);
    else if constexpr (kind == K::leaky_relu) return hn::IfThenElse(hn::Gt(r, zero), dy, hn::Mul(set(alpha), dy));
    else if constexpr (kind == K::gelu) {
        V bell;
        const V cdf = normal_cdf(r, bell);
        return hn::Mul(dy, hn::MulAdd(hn::Mul(r, set(inv_sqrt_2pi)), bell, cdf));
    } else if constexpr (kind == K::gelu_tanh) {
        const V x2 = hn::Mul(r, r);
        const V u = hn::Mul(set(sqrt_2_over_pi), hn::MulAdd(hn::Mul(set(cubic), x2), r, r));
        const V du = hn::Mul(set(sqrt_2_over_pi), hn::MulAdd(set(3 * cubic), x2, one));
        const V s = sigmoid_of(hn::Add(u, u));
        const V ds = hn::Mul(hn::Add(s, s), hn::Sub(one, s));
        const V tail = hn::IfThenElseZero(hn::Gt(ds, zero), hn::Mul(hn::Mul(r, du), ds)); // infinity * 0 far out
        return hn::Mul(dy, hn::Add(s, tail));
    } else if constexpr (kind == K::silu) {
        const V s = sigmoid_of(r);
        return hn::Mul(dy, hn::Mul(s, hn::MulAdd(r, hn::Sub(one, s), one)));
    } else if constexpr (kind == K::sigmoid) return hn::Mul(dy, hn::Mul(r, hn::Sub(one, r)));
    else if constexpr (kind == K::tanh) return hn::Mul(dy, hn::NegMulAdd(r, r, one));
    else if constexpr (kind == K::softplus) return hn::Mul(dy, sigmoid_of(r));
    else if constexpr (kind == K::affine) return hn::Mul(set(alpha), dy);
    else if constexpr (kind == K::clamp)
        return hn::IfThenElseZero(hn::And(hn::Ge(r, set(alpha)), hn::Le(r, set(beta))), dy);
    else return zero; // sign
}

template <UnaryKind kind>
void unary(const std::byte* const* in, std::byte* out, size_t n, float alpha, float beta) {
    run1(in, out, n, [=](V x) HWY_ATTR { return value<kind>(x, alpha, beta); });
}

template <UnaryKind kind>
void unary_dx(const std::byte* const* in, std::byte* out, size_t n, float alpha, float beta) {
    run2(in, out, n, [=](V dy, V r) HWY_ATTR { return gradient<kind>(dy, r, alpha, beta); });
}

template <BinaryKind kind>
void binary(const std::byte* const* in, std::byte* out, size_t n, float, float) {
    using K = BinaryKind;
    run2(in, out, n, [](V a, V b) HWY_ATTR {
        if constexpr (kind == K::add) return hn::Add(a, b);
        else if constexpr (kind == K::sub) return hn::Sub(a, b);
        else if constexpr (kind == K::mul) return hn::Mul(a, b);
        else if constexpr (kind == K::div) return hn::Div(a, b);
        else if constexpr (kind == K::max) return hn::IfThenElse(hn::IsNaN(a), a, hn::Max(a, b));
        else return hn::IfThenElse(hn::IsNaN(a), a, hn::Min(a, b));
    });
}

void power(const std::byte* const* in, std::byte* out, size_t n, float, float) {
    for (size_t i = 0; i < n; ++i) f32(out)[i] = std::pow(f32(in[0])[i], f32(in[1])[i]);
}

Micro unary_f32(UnaryKind kind) {
    using K = UnaryKind;
    switch (kind) {
    case K::identity: return unary<K::identity>;
    case K::neg: return unary<K::neg>;
    case K::abs: return unary<K::abs>;
    case K::sign: return unary<K::sign>;
    case K::exp: return unary<K::exp>;
    case K::log: return unary<K::log>;
    case K::sqrt: return unary<K::sqrt>;
    case K::rsqrt: return unary<K::rsqrt>;
    case K::square: return unary<K::square>;
    case K::reciprocal: return unary<K::reciprocal>;
    case K::relu: return unary<K::relu>;
    case K::leaky_relu: return unary<K::leaky_relu>;
    case K::gelu: return unary<K::gelu>;
    case K::gelu_tanh: return unary<K::gelu_tanh>;
    case K::silu: return unary<K::silu>;
    case K::sigmoid: return unary<K::sigmoid>;
    case K::tanh: return unary<K::tanh>;
    case K::softplus: return unary<K::softplus>;
    case K::affine: return unary<K::affine>;
    case K::clamp: return unary<K::clamp>;
    default: return nullptr; // is_finite, logical_not give bool: elementwise_plain.cpp
    }
}

Micro unary_dx_f32(UnaryKind kind) {
    using K = UnaryKind;
    switch (kind) {
    case K::identity: return unary_dx<K::identity>;
    case K::neg: return unary_dx<K::neg>;
    case K::abs: return unary_dx<K::abs>;
    case K::sign: return unary_dx<K::sign>;
    case K::exp: return unary_dx<K::exp>;
    case K::log: return unary_dx<K::log>;
    case K::sqrt: return unary_dx<K::sqrt>;
    case K::rsqrt: return unary_dx<K::rsqrt>;
    case K::square: return unary_dx<K::square>;
    case K::reciprocal: return unary_dx<K::reciprocal>;
    case K::relu: return unary_dx<K::relu>;
    case K::leaky_relu: return unary_dx<K::leaky_relu>;
    case K::gelu: return unary_dx<K::gelu>;
    case K::gelu_tanh: return unary_dx<K::gelu_tanh>;
    case K::silu: return unary_dx<K::silu>;
    case K::sigmoid: return unary_dx<K::sigmoid>;
    case K::tanh: return unary_dx<K::tanh>;
    case K::softplus: return unary_dx<K::softplus>;
    case K::affine: return unary_dx<K::affine>;
    case K::clamp: return unary_dx<K::clamp>;
    default: return nullptr;
    }
}

Micro binary_f32(BinaryKind kind) {
    using K = BinaryKind;
    switch (kind) {
    case K::add: return binary<K::add>;
    case K::sub: return binary<K::sub>;
    case K::mul: return binary<K::mul>;
    case K::div: return binary<K::div>;
    case K::max: return binary<K::max>;
    case K::min: return binary<K::min>;
    case K::pow: return power;
    default: return nullptr; // comparisons and logic: elementwise_plain.cpp
    }
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/cpu/vector/elementwise_plain.h"

namespace ds::kernels::cpu {
HWY_EXPORT(unary_f32);
HWY_EXPORT(unary_dx_f32);
HWY_EXPORT(binary_f32);

Micro unary_micro(UnaryKind kind, DType x) {
    const Micro vector = x == DType::f32 ? HWY_DYNAMIC_DISPATCH(unary_f32)(kind) : nullptr;
    return vector ? vector : plain_unary(kind, x);
}
Micro unary_dx_micro(UnaryKind kind) { return HWY_DYNAMIC_DISPATCH(unary_dx_f32)(kind); }
Micro binary_micro(BinaryKind kind, DType operands) {
    const Micro vector = operands == DType::f32 ? HWY_DYNAMIC_DISPATCH(binary_f32)(kind) : nullptr;
    return vector ? vector : plain_binary(kind, operands);
}

} // namespace ds::kernels::cpu
#endif
