// The inner loops of batch_norm.h, once per instruction set. Sums run in float over short stretches and are
// then added up in double.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/batch_norm_loops.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>

#include "kernels/cpu/vector/batch_norm.h"
#include "kernels/cpu/vector/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

template <int B>
struct Group {
    using D = Block<B>;
    static constexpr int vectors = block_vectors<B>, width = B / vectors;
    static HWY_INLINE hn::Vec<D> param(const float* p, int v) { return hn::LoadU(D(), p + v * width); }
    static HWY_INLINE void add(hn::Vec<D> sum, double* to, int v) {
        HWY_ALIGN float lane[width];
        hn::Store(sum, D(), lane);
        for (int i = 0; i < width; ++i) to[v * width + i] += double(lane[i]);
    }
    static constexpr int64_t chunk = 256; // pixels summed in float
};
template <>
struct Group<1> {
    using D = F;
    static constexpr int vectors = 1, width = int(lanes);
    static HWY_INLINE V param(const float* p, int) { return set(p[0]); }
    static HWY_INLINE void add(V sum, double* to, int) { to[0] += double(hn::GetLane(hn::SumOfLanes(F(), sum))); }
    static constexpr int64_t chunk = 256 * width;
};

/// How many lanes of a vector count.
struct Full {
    template <class D>
    HWY_INLINE hn::Vec<D> load(D d, const float* p) const {
        return hn::LoadU(d, p);
    }
    template <class D>
    HWY_INLINE void store(hn::Vec<D> v, D d, float* p) const {
        hn::StoreU(v, d, p);
    }
    template <class D>
    HWY_INLINE hn::Vec<D> keep(D, hn::Vec<D> v) const {
        return v;
    }
};
struct First {
    size_t n;
    template <class D>
    HWY_INLINE hn::Vec<D> load(D d, const float* p) const {
        return hn::MaskedLoad(hn::FirstN(d, n), d, p);
    }
    template <class D>
    HWY_INLINE void store(hn::Vec<D> v, D d, float* p) const {
        hn::BlendedStore(v, hn::FirstN(d, n), d, p);
    }
    template <class D>
    HWY_INLINE hn::Vec<D> keep(D d, hn::Vec<D> v) const {
        return hn::IfThenElseZero(hn::FirstN(d, n), v);
    }
};

/// body(vector of the group, offset, lanes) for every vector of pixels [begin, end).
template <int B, class Body>
HWY_INLINE void each(Stretch s, int64_t begin, int64_t end, const Body& body) {
    constexpr int width = Group<B>::width;
    if constexpr (B == 1) {
        int64_t i = begin;
        for (; i + width <= end; i += width) body(0, i, Full());
        if (i < end) body(0, i, First{size_t(end - i)});
    } else if (s.valid == B) {
        for (int64_t i = begin; i < end; ++i)
            for (int v = 0; v < Group<B>::vectors; ++v) body(v, i * s.step + v * width, Full());
    } else {
        for (int64_t i = begin; i < end; ++i)
            for (int v = 0; v * width < s.valid; ++v)
                body(v, i * s.step + v * width, First{size_t(std::min(width, s.valid - v * width))});
    }
}

#define DS_BODY HWY_ATTR __attribute__((always_inline))

template <int B>
void stats(const float* x, Stretch s, const float* shift, double* sum, double* square) {
    using G = Group<B>;
    const typename G::D d;
    for (int64_t at = 0; at < s.count; at += G::chunk) {
        hn::Vec<typename G::D> s1[G::vectors], s2[G::vectors];
        for (int v = 0; v < G::vectors; ++v) s1[v] = s2[v] = hn::Zero(d);
        each<B>(s, at, std::min(s.count, at + G::chunk), [&](int v, int64_t o, auto lane) DS_BODY {
            const auto e = lane.keep(d, hn::Sub(lane.load(d, x + o), G::param(shift, v)));
            s1[v] = hn::Add(s1[v], e);
            s2[v] = hn::MulAdd(e, e, s2[v]);
        });
        for (int v = 0; v < G::vectors; ++v) {
            G::add(s1[v], sum, v);
            G::add(s2[v], square, v);
        }
    }
}

template <int B, bool add, bool relu>
HWY_INLINE void apply_as(const float* x, const float* residual, float* y, Stretch s, const GroupParams& p) {
    using G = Group<B>;
    const typename G::D d;
    hn::Vec<typename G::D> mean[G::vectors], a[G::vectors], b[G::vectors];
    for (int v = 0; v < G::vectors; ++v) {
        mean[v] = G::param(p.mean, v);
        a[v] = G::param(p.a, v);
        b[v] = G::param(p.b, v);
    }
    each<B>(s, 0, s.count, [&](int v, int64_t o, auto lane) DS_BODY {
        auto out = hn::MulAdd(hn::Sub(lane.load(d, x + o), mean[v]), a[v], b[v]);
        if constexpr (add) out = hn::Add(out, lane.load(d, residual + o));
        if constexpr (relu) out = hn::Max(hn::Zero(d), out);
        lane.store(out, d, y + o);
    });
}

template <int B>
void apply(const float* x, const float* residual, float* y, Stretch s, const GroupParams& p, bool relu) {
    if (residual) {
        if (relu) apply_as<B, true, true>(x, residual, y, s, p);
        else apply_as<B, true, false>(x, residual, y, s, p);
    } else {
        if (relu) apply_as<B, false, true>(x, residual, y, s, p);
        else apply_as<B, false, false>(x, residual, y, s, p);
    }
}

template <int B, bool mask, bool write>
HWY_INLINE void dx_stats_as(const float* dy, const float* y, const float* x, float* masked, Stretch s,
                            const float* mean, double* sum, double* product) {
    using G = Group<B>;
    const typename G::D d;
    for (int64_t at = 0; at < s.count; at += G::chunk) {
        hn::Vec<typename G::D> s1[G::vectors], s2[G::vectors], m[G::vectors];
        for (int v = 0; v < G::vectors; ++v) {
            s1[v] = s2[v] = hn::Zero(d);
            m[v] = G::param(mean, v);
        }
        each<B>(s, at, std::min(s.count, at + G::chunk), [&](int v, int64_t o, auto lane) DS_BODY {
            auto g = lane.load(d, dy + o);
            if constexpr (mask) g = hn::IfThenElseZero(hn::Gt(lane.load(d, y + o), hn::Zero(d)), g);
            if constexpr (write) lane.store(g, d, masked + o);
            s1[v] = hn::Add(s1[v], g);
            s2[v] = hn::MulAdd(g, hn::Sub(lane.load(d, x + o), m[v]), s2[v]);
        });
        for (int v = 0; v < G::vectors; ++v) {
            G::add(s1[v], sum, v);
            G::add(s2[v], product, v);
        }
    }
}

template <int B>
void dx_stats(const float* dy, const float* y, const float* x, float* masked, Stretch s, const float* mean, double* sum,
              double* product) {
    if (!y) dx_stats_as<B, false, false>(dy, y, x, masked, s, mean, sum, product);
    else if (!masked) dx_stats_as<B, true, false>(dy, y, x, masked, s, mean, sum, product);
    else dx_stats_as<B, true, true>(dy, y, x, masked, s, mean, sum, product);
}

template <int B, bool mask>
HWY_INLINE void dx_apply_as(const float* dy, const float* y, const float* x, float* dx, Stretch s,
                            const GroupParams& p) {
    using G = Group<B>;
    const typename G::D d;
    hn::Vec<typename G::D> mean[G::vectors], a[G::vectors], b[G::vectors], c[G::vectors];
    for (int v = 0; v < G::vectors; ++v) {
        mean[v] = G::param(p.mean, v);
        a[v] = G::param(p.a, v);
        b[v] = G::param(p.b, v);
        c[v] = G::param(p.c, v);
    }
    each<B>(s, 0, s.count, [&](int v, int64_t o, auto lane) DS_BODY {
        auto g = lane.load(d, dy + o);
        if constexpr (mask) g = hn::IfThenElseZero(hn::Gt(lane.load(d, y + o), hn::Zero(d)), g);
        lane.store(hn::MulAdd(a[v], g, hn::MulAdd(b[v], hn::Sub(lane.load(d, x + o), mean[v]), c[v])), d, dx + o);
    });
}

template <int B>
void dx_apply(const float* dy, const float* y, const float* x, float* dx, Stretch s, const GroupParams& p) {
    if (y) dx_apply_as<B, true>(dy, y, x, dx, s, p);
    else dx_apply_as<B, false>(dy, y, x, dx, s, p);
}

const BatchNormLoops* loops_for(int lane_count) {
    static constexpr BatchNormLoops one{stats<1>, apply<1>, dx_stats<1>, dx_apply<1>};
    static constexpr BatchNormLoops eight{stats<8>, apply<8>, dx_stats<8>, dx_apply<8>};
    static constexpr BatchNormLoops sixteen{stats<16>, apply<16>, dx_stats<16>, dx_apply<16>};
    return lane_count == 1 ? &one : lane_count == 8 ? &eight : &sixteen;
}

#undef DS_BODY

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
HWY_EXPORT(loops_for);
const BatchNormLoops& batch_norm_loops(int lane_count) { return *HWY_DYNAMIC_DISPATCH(loops_for)(lane_count); }
} // namespace ds::kernels::cpu
#endif
