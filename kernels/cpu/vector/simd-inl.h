// Vector helpers of our own kernels, compiled once per instruction set (include after highway.h in a file
// that uses foreach_target.h). Polynomials are our own least-maximum fits; stated errors are relative.
// NaN in, NaN out everywhere, so that --check-numerics can find it.
#if defined(DS_KERNELS_CPU_SIMD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DS_KERNELS_CPU_SIMD_INL_H
#undef DS_KERNELS_CPU_SIMD_INL_H
#else
#define DS_KERNELS_CPU_SIMD_INL_H
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;
constexpr size_t lanes = HWY_LANES(float);
/// Vectors of at most 16 lanes for blocked layouts of B channels.
template <int B>
using Block = hn::CappedTag<float, B>;
template <int B>
constexpr int block_vectors = B / int(HWY_MIN(size_t(B), HWY_LANES(float)));

HWY_INLINE V set(float x) { return hn::Set(F(), x); }
HWY_INLINE V load(const float* p) { return hn::LoadU(F(), p); }
HWY_INLINE void store(V v, float* p) { hn::StoreU(v, F(), p); }
/// The first n < lanes elements; the others are zero.
HWY_INLINE V load_n(const float* p, size_t n) { return hn::MaskedLoad(hn::FirstN(F(), n), F(), p); }
HWY_INLINE void store_n(V v, float* p, size_t n) { hn::BlendedStore(v, hn::FirstN(F(), n), F(), p); }

/// y[i] = f(x[i]...), n elements. y may be one of the x.
template <class Fn, class... X>
HWY_INLINE void map(float* y, size_t n, const Fn& f, const X*... x) {
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) store(f(load(x + i)...), y + i);
    if (i < n) store_n(f(load_n(x + i, n - i)...), y + i, n - i);
}

/// Sum over i of f(x[i]...); f must give zero for the lanes beyond n, which are offered as zero.
template <class Fn, class... X>
HWY_INLINE float sum_of(size_t n, const Fn& f, const X*... x) {
    V s0 = set(0), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        s0 = hn::Add(s0, f(load(x + i)...));
        s1 = hn::Add(s1, f(load(x + i + lanes)...));
        s2 = hn::Add(s2, f(load(x + i + 2 * lanes)...));
        s3 = hn::Add(s3, f(load(x + i + 3 * lanes)...));
    }
    for (; i + lanes <= n; i += lanes) s0 = hn::Add(s0, f(load(x + i)...));
    if (i < n) s1 = hn::Add(s1, f(load_n(x + i, n - i)...));
    return hn::GetLane(hn::SumOfLanes(F(), hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
}

/// y[i] = f(x[i]), and the sum of all y; the lanes beyond n do not count.
template <class Fn>
HWY_INLINE float map_and_sum(float* y, size_t n, const Fn& f, const float* x) {
    V s0 = set(0), s1 = s0;
    size_t i = 0;
    for (; i + 2 * lanes <= n; i += 2 * lanes) {
        const V a = f(load(x + i)), b = f(load(x + i + lanes));
        store(a, y + i);
        store(b, y + i + lanes);
        s0 = hn::Add(s0, a);
        s1 = hn::Add(s1, b);
    }
    for (; i + lanes <= n; i += lanes) {
        const V a = f(load(x + i));
        store(a, y + i);
        s0 = hn::Add(s0, a);
    }
    if (i < n) {
        const V a = f(load_n(x + i, n - i));
        store_n(a, y + i, n - i);
        s1 = hn::Add(s1, hn::IfThenElseZero(hn::FirstN(F(), n - i), a));
    }
    return hn::GetLane(hn::SumOfLanes(F(), hn::Add(s0, s1)));
}

/// The largest of n >= 1 elements; NaN are passed over where there are numbers.
HWY_INLINE float max_of(const float* x, size_t n) {
    V m0 = set(x[0]), m1 = m0;
    size_t i = 0;
    for (; i + 2 * lanes <= n; i += 2 * lanes) {
        m0 = hn::Max(m0, load(x + i));
        m1 = hn::Max(m1, load(x + i + lanes));
    }
    for (; i + lanes <= n; i += lanes) m0 = hn::Max(m0, load(x + i));
    float top = hn::GetLane(hn::MaxOfLanes(F(), hn::Max(m0, m1)));
    for (; i < n; ++i)
        if (x[i] > top) top = x[i];
    return top;
}

/// e^x for -104 <= x <= 89, 1e-7.
HWY_INLINE V exp_in_range(V x) {
    const V k = hn::Round(hn::Mul(x, set(1.44269504f)));
    V r = hn::NegMulAdd(k, set(0.693359375f), x);
    r = hn::NegMulAdd(k, set(-2.12194440e-4f), r); // ln 2 in two parts
    V p = hn::MulAdd(set(1.390130945e-3f), r, set(8.363200058e-3f));
    p = hn::MulAdd(p, r, set(4.166685410e-2f));
    p = hn::MulAdd(p, r, set(1.666657696e-1f));
    p = hn::MulAdd(p, r, set(4.999999955e-1f));
    const V e = hn::Add(hn::MulAdd(hn::Mul(r, r), p, r), set(1.0f));
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
    return V{_mm512_scalef_ps(e.raw, k.raw)};
#else
    const F d;
    const hn::RebindToSigned<F> di;
    const auto i = hn::ConvertTo(di, k); // two factors, because 2^k itself may be outside of the normal numbers
    const auto half = hn::ShiftRight<1>(i);
    const auto bias = hn::Set(di, 127);
    const V s0 = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias)));
    const V s1 = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(i, half), bias)));
    return hn::Mul(hn::Mul(e, s0), s1);
#endif
}

/// e^x, 1e-7. Goes to 0 and infinity where float does.
HWY_INLINE V exp_of(V x) {
    return exp_in_range(hn::Min(set(89.0f), hn::Max(set(-104.0f), x))); // a NaN is the second operand: kept
}

/// 1/x for normal x, 2e-7.
HWY_INLINE V reciprocal_of(V x) {
    const V guess = hn::ApproximateReciprocal(x);
    return hn::MulAdd(guess, hn::NegMulAdd(x, guess, set(1.0f)), guess);
}

/// Natural logarithm: -infinity at 0, NaN below.
HWY_INLINE V log_of(V x) {
    const F d;
    const V inf = hn::Inf(d);
    V y = hn::Log(d, x);
    y = hn::IfThenElse(hn::Eq(x, set(0.0f)), hn::Neg(inf), y);
    y = hn::IfThenElse(hn::Lt(x, set(0.0f)), hn::NaN(d), y);
    return hn::IfThenElse(hn::Lt(x, inf), y, x); // infinity and NaN stay
}

/// log(1 + x) for 0 <= x <= 1.
HWY_INLINE V log1p_of(V x) { return hn::IfThenElse(hn::IsNaN(x), x, hn::Log1p(F(), x)); }

HWY_INLINE V sigmoid_of(V x) { return hn::Div(set(1.0f), hn::Add(set(1.0f), exp_of(hn::Neg(x)))); }

HWY_INLINE V tanh_of(V x) {
    const V a = hn::Abs(x), u = hn::Mul(x, x);
    V p = hn::MulAdd(set(-5.924045043e-3f), u, set(2.087373798e-2f));
    p = hn::MulAdd(p, u, set(-5.382383580e-2f));
    p = hn::MulAdd(p, u, set(1.333258442e-1f));
    p = hn::MulAdd(p, u, set(-3.333332703e-1f));
    const V small = hn::MulAdd(hn::Mul(p, u), x, x);
    const V e = exp_of(hn::Add(a, a));
    const V big = hn::Sub(set(1.0f), hn::Div(set(2.0f), hn::Add(e, set(1.0f))));
    return hn::IfThenElse(hn::Lt(a, set(0.625f)), small, hn::CopySign(big, x));
}

/// Phi(x), the normal distribution function, and e^(-x*x/2), from which its density follows. 2e-7 in both
/// tails: Phi(-|x|) = e^(-x*x/2) * t * Q(t), t = 1/(1 + 0.3|x|).
HWY_INLINE V normal_cdf(V x, V& bell) {
    const V a = hn::Min(set(20.0f), hn::Abs(x));          // beyond, both tails are 0 in float; a NaN is kept
    const V h = hn::Mul(a, a), low = hn::MulSub(a, a, h); // a*a = h + low exactly
    bell = exp_of(hn::Mul(set(-0.5f), h));
    bell = hn::MulAdd(hn::Mul(set(-0.5f), low), bell, bell);
    const V t = reciprocal_of(hn::MulAdd(set(0.3f), a, set(1.0f)));
    V q = hn::MulAdd(set(-2.0612835251e-02f), t, set(1.1237580915e-01f));
    q = hn::MulAdd(q, t, set(-2.2806758331e-01f));
    q = hn::MulAdd(q, t, set(1.9158178319e-01f));
    q = hn::MulAdd(q, t, set(-7.9247409839e-02f));
    q = hn::MulAdd(q, t, set(9.6057864969e-02f));
    q = hn::MulAdd(q, t, set(7.8425568044e-02f));
    q = hn::MulAdd(q, t, set(1.1022732626e-01f));
    q = hn::MulAdd(q, t, set(1.1957284095e-01f));
    q = hn::MulAdd(q, t, set(1.1968663410e-01f));
    const V tail = hn::Mul(hn::Mul(bell, t), q);
    return hn::IfThenElse(hn::Gt(x, set(0.0f)), hn::Sub(set(1.0f), tail), tail);
}

} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#endif
