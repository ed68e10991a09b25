// attention_dx in tiles (Dao et al. 2022): the weights are computed again from the scores and lse; with
// delta = sum(dy * y) and ds = p * (dy v^T - delta) * scale: dq = ds k, dk = ds^T q, dv = p^T dy.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/attention/attention_dx.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <cstring>

#include "base/parallel.h"
#include "kernels/cpu/attention/attention-inl.h"

#ifndef DS_KERNELS_CPU_ATTENTION_DX_ONCE
#define DS_KERNELS_CPU_ATTENTION_DX_ONCE
namespace ds::kernels::cpu {

struct AttentionGradMemory {
    const float *dy, *q, *k, *v, *y, *lse;
    const uint8_t* mask;
    float *dq, *dk, *dv; // null: not asked for
    HeadRows dy_rows, q_rows, k_rows, v_rows, y_rows, dq_rows, dk_rows;
};

/// Scratch of one worker. Of its key head: panels of k^T, v^T and (by tiles of keys) k, sums of dk and dv; of a tile of
/// queries: scaled q, panels of q and of dy, weights, their gradients, dq, and delta by row.
struct BackwardScratch {
    float *kt, *vt, *k, *dk, *dv, *q, *q_panels, *dy_panels, *p, *ds, *dq, *delta;
    static int64_t size(const AttentionSizes& s) {
        return 2 * s.padded_s() * s.d + 3 * s.s * s.padded_d() + query_tile * (4 * s.padded_d() + 2 * score_row + 1);
    }
    BackwardScratch(const AttentionSizes& s, float* at) {
        kt = at;
        vt = kt + s.padded_s() * s.d;
        k = vt + s.padded_s() * s.d;
        dk = k + s.s * s.padded_d();
        dv = dk + s.s * s.padded_d();
        q = dv + s.s * s.padded_d();
        q_panels = q + query_tile * s.padded_d();
        dy_panels = q_panels + query_tile * s.padded_d();
        p = dy_panels + query_tile * s.padded_d();
        ds = p + query_tile * score_row;
        dq = ds + query_tile * score_row;
        delta = dq + query_tile * s.padded_d();
    }
};

} // namespace ds::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {

/// Turns a row of scores into weights p and a row of dy v^T into ds.
HWY_INLINE void weigh(float* p, float* ds, int64_t keys, float lse, float delta, float scale) {
    if (lse == -std::numeric_limits<float>::infinity()) { // a row that sees no key
        map_then_zero(p, keys, [](V, size_t) { return set(0.0f); });
        map_then_zero(ds, keys, [](V, size_t) { return set(0.0f); });
        return;
    }
    const V shift = set(lse), mean = set(delta), factor = set(scale);
    map_then_zero(p, keys, [&](V x, size_t) { return exp_of(hn::Sub(x, shift)); });
    map_then_zero(ds, keys, [&](V x, size_t j) { return hn::Mul(hn::Mul(load(p + j), factor), hn::Sub(x, mean)); });
}

/// One tile of queries and one tile of keys: adds to dq, dk and dv.
HWY_INLINE void grade(const AttentionSizes& s, const AttentionGradMemory& m, const BackwardScratch& w, int64_t n,
                      int64_t h, int64_t query, int64_t queries, int64_t key) {
    const int64_t keys = std::min(key_tile, s.s - key), width = s.padded_d();
    const auto seen = [&](int64_t i) { return std::clamp<int64_t>(s.visible(query + i) - key, 0, keys); };
    const float* dy = m.dy + m.dy_rows.at(n, query, h);
    scores_of(s, {w.q, s.d, 1}, w.kt + key * s.d, query, queries, key, keys, w.p);
    scores_of(s, {dy, m.dy_rows.token, 1}, w.vt + key * s.d, query, queries, key, keys, w.ds);
    for (int64_t i = 0; i < queries; ++i) {
        float* row = w.p + i * score_row;
        if (s.masked) hide(s, m.mask, n, h, query + i, key, seen(i), row);
        weigh(row, w.ds + i * score_row, seen(i), m.lse[(n * s.h + h) * s.t + query + i], w.delta[i], s.scale);
    }
    gemm::multiply(queries, s.d, keys, {w.ds, score_row, 1}, w.k + key * gemm::padded(s.d), w.dq, width, key > 0,
                   [&](int64_t i, int64_t rows, int64_t) {
                       return gemm::Terms{0, seen(i + rows - 1)};
                   });
    const int64_t used = seen(queries - 1);                    // keys that the last query sees
    const auto from_first = [&](int64_t i, int64_t, int64_t) { // queries from the first that sees key i
        const int64_t first = s.causal ? key + i - query + s.t - s.s : 0;
        return gemm::Terms{std::max<int64_t>(0, first), queries};
    };
    gemm::multiply(used, s.d, queries, {w.p, 1, score_row}, w.dy_panels, w.dv + key * width, width, true, from_first);
    gemm::multiply(used, s.d, queries, {w.ds, 1, score_row}, w.q_panels, w.dk + key * width, width, true, from_first);
}

/// One tile of queries of one head against every key that it may see.
HWY_INLINE void grade_queries(const AttentionSizes& s, const AttentionGradMemory& m, const BackwardScratch& w,
                              int64_t n, int64_t h, int64_t query, int64_t queries) {
    const int64_t width = s.padded_d(), last = s.visible(query + queries - 1);
    const float *q = m.q + m.q_rows.at(n, query, h), *dy = m.dy + m.dy_rows.at(n, query, h);
    gemm::pack_panels({q, m.q_rows.token, 1}, queries, s.d, w.q_panels);
    gemm::pack_panels({dy, m.dy_rows.token, 1}, queries, s.d, w.dy_panels);
    for (int64_t i = 0; i < queries; ++i) {
        map(
            w.q + i * s.d, size_t(s.d), [&](V x) { return hn::Mul(x, set(s.scale)); }, q + i * m.q_rows.token);
        w.delta[i] = sum_of(
            size_t(s.d), [](V a, V b) { return hn::Mul(a, b); }, dy + i * m.dy_rows.token,
            m.y + m.y_rows.at(n, query + i, h));
    }
    std::memset(w.dq, 0, size_t(queries * width) * sizeof(float)); // for rows that see no key
    for (int64_t key = 0; key < last; key += key_tile) grade(s, m, w, n, h, query, queries, key);
    for (int64_t i = 0; m.dq && i < queries; ++i)
        std::memcpy(m.dq + m.dq_rows.at(n, query + i, h), w.dq + i * width, size_t(s.d) * sizeof(float));
}

/// One key head of one sample, with its query heads.
HWY_INLINE void grade_head(const AttentionSizes& s, const AttentionGradMemory& m, const BackwardScratch& w, int64_t n,
                           int64_t g) {
    gemm::pack_transposed(m.k + m.k_rows.at(n, 0, g), m.k_rows.token, s.d, s.s, w.kt);
    gemm::pack_transposed(m.v + m.v_rows.at(n, 0, g), m.v_rows.token, s.d, s.s, w.vt);
    for (int64_t key = 0; key < s.s; key += key_tile)
        gemm::pack_panels({m.k + m.k_rows.at(n, key, g), m.k_rows.token, 1}, std::min(key_tile, s.s - key), s.d,
                          w.k + key * gemm::padded(s.d));
    std::memset(w.dk, 0, size_t(2 * s.s * s.padded_d()) * sizeof(float)); // dk and dv, which follow each other
    for (int64_t h = g * s.group(); h < (g + 1) * s.group(); ++h)
        for (int64_t query = 0; query < s.t; query += query_tile)
            grade_queries(s, m, w, n, h, query, std::min(query_tile, s.t - query));
    for (int64_t key = 0; key < s.s; ++key) {
        if (m.dk) std::memcpy(m.dk + m.dk_rows.at(n, key, g), w.dk + key * s.padded_d(), size_t(s.d) * sizeof(float));
        if (m.dv) std::memcpy(m.dv + m.dk_rows.at(n, key, g), w.dv + key * s.padded_d(), size_t(s.d) * sizeof(float));
    }
}

HWY_NOINLINE void attention_backward(const AttentionSizes& s, const AttentionGradMemory& m, float* scratch) {
    const int64_t tasks = s.n * s.g;
    parallel_for(s.workers, 1, [&](int64_t first, int64_t end) {
        for (int64_t worker = first; worker < end; ++worker) {
            const BackwardScratch w(s, scratch + worker * BackwardScratch::size(s));
            for (int64_t task = tasks * worker / s.workers; task < tasks * (worker + 1) / s.workers; ++task)
                grade_head(s, m, w, task / s.g, task % s.g);
        }
    });
}

} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/cpu/rows.h"

namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(attention_backward);

class AttentionDxKernel final : public Kernel {
public:
    AttentionDxKernel(const AttentionSizes& sizes, const Request& r) : sizes_(sizes) {
        for (size_t i = 0; i < 4; ++i) rows_[i] = rows_of(r.in[i]);
        q_ = contiguous_rows(r.in[1].shape);
        k_ = contiguous_rows(r.in[2].shape);
        scratch = size_t(sizes.workers) * size_t(BackwardScratch::size(sizes)) * sizeof(float);
        strided.assign(r.in.size(), false);
        for (size_t i = 0; i < 4; ++i) strided[i] = has_strided_rows(r.in[i]);
    }

    void run(const Call& c) const override {
        const auto in = [&](size_t i) { return c.in[i].as<const float>(); };
        const AttentionGradMemory memory{in(0),
                                         in(1),
                                         in(2),
                                         in(3),
                                         in(4),
                                         in(5),
                                         sizes_.masked ? c.in[6].as<const uint8_t>() : nullptr,
                                         c.out[0].as<float>(),
                                         c.out[1].as<float>(),
                                         c.out[2].as<float>(),
                                         rows_[0],
                                         rows_[1],
                                         rows_[2],
                                         rows_[3],
                                         q_,
                                         q_,
                                         k_};
        HWY_DYNAMIC_DISPATCH(attention_backward)(sizes_, memory, reinterpret_cast<float*>(c.scratch));
    }

private:
    AttentionSizes sizes_;
    HeadRows rows_[4]; // of dy, q, k, v
    HeadRows q_, k_;   // contiguous, as y, dq and dk, dv are
};

std::unique_ptr<Kernel> make_attention_dx(const Request& r, std::string& why) {
    const auto sizes = attention_sizes(r, 1, 6, why);
    return sizes ? std::make_unique<AttentionDxKernel>(*sizes, r) : nullptr;
}

} // namespace

void add_attention_dx(Registry& registry) { registry.add({"attention_dx", "cpu.attention_dx", make_attention_dx}); }

} // namespace ds::kernels::cpu
#endif
