// attention in tiles (Dao et al. 2022): for each tile of queries the scores of one tile of keys at a time, softmax
// with a running maximum, and the product with v; causal tiles above the diagonal are never computed.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/attention/attention.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <cmath>

#include "base/parallel.h"
#include "kernels/cpu/attention/attention-inl.h"

#ifndef DS_KERNELS_CPU_ATTENTION_ONCE
#define DS_KERNELS_CPU_ATTENTION_ONCE
namespace ds::kernels::cpu {

struct AttentionMemory {
    const float *q, *k, *v;
    const uint8_t* mask;
    float *y, *lse; // lse may be null
    HeadRows q_rows, k_rows, v_rows, y_rows;
};

/// Scratch of one worker: panels of k^T and of v by tiles of keys; of a tile of queries: scaled q, scores, sums of
/// weighted v, and by row the highest score and the sum of weights so far.
struct ForwardScratch {
    float *k, *v, *q, *scores, *sum, *highest, *total;
    static int64_t size(const AttentionSizes& s) {
        return s.padded_s() * s.d + s.s * s.padded_d() + query_tile * (2 * s.padded_d() + score_row + 2);
    }
    ForwardScratch(const AttentionSizes& s, float* at) {
        k = at;
        v = k + s.padded_s() * s.d;
        q = v + s.s * s.padded_d();
        scores = q + query_tile * s.padded_d();
        sum = scores + query_tile * score_row;
        highest = sum + query_tile * s.padded_d();
        total = highest + query_tile;
    }
};

} // namespace ds::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {

/// Turns one row of scores into weights relative to the highest score so far, and adds them to `total`. Returns the
/// factor for what was summed before.
HWY_INLINE float soften(float* row, int64_t keys, float& highest, float& total) {
    const float before = highest, top = keys > 0 ? max_of(row, size_t(keys)) : before;
    if (top > before || top != top) highest = top;            // a NaN stays
    if (highest == -std::numeric_limits<float>::infinity()) { // nothing to see yet
        map_then_zero(row, keys, [](V, size_t) { return set(0.0f); });
        return 1;
    }
    V sum = set(0.0f);
    const V shift = set(highest);
    map_then_zero(row, keys, [&](V x, size_t j) {
        const V weight = exp_of(hn::Sub(x, shift));
        const bool whole = int64_t(j + lanes) <= keys;
        sum = hn::Add(sum, whole ? weight : hn::IfThenElseZero(hn::FirstN(F(), size_t(keys) - j), weight));
        return weight;
    });
    const float factor = before == highest ? 1.0f : std::exp(before - highest);
    total = total * factor + hn::GetLane(hn::SumOfLanes(F(), sum));
    return factor;
}

/// One tile of queries of one head against every key that it may see.
HWY_INLINE void attend(const AttentionSizes& s, const AttentionMemory& m, const ForwardScratch& w, int64_t n, int64_t h,
                       int64_t query, int64_t queries) {
    for (int64_t i = 0; i < queries; ++i) {
        map(
            w.q + i * s.d, size_t(s.d), [&](V x) { return hn::Mul(x, set(s.scale)); },
            m.q + m.q_rows.at(n, query + i, h));
        w.highest[i] = -std::numeric_limits<float>::infinity();
        w.total[i] = 0;
    }
    const int64_t last = s.visible(query + queries - 1), width = s.padded_d();
    for (int64_t key = 0; key < last; key += key_tile) {
        const int64_t keys = std::min(key_tile, s.s - key);
        const auto seen = [&](int64_t i) { return std::clamp<int64_t>(s.visible(query + i) - key, 0, keys); };
        scores_of(s, {w.q, s.d, 1}, w.k + key * s.d, query, queries, key, keys, w.scores);
        for (int64_t i = 0; i < queries; ++i) {
            float* row = w.scores + i * score_row;
            if (s.masked) hide(s, m.mask, n, h, query + i, key, seen(i), row);
            const float factor = soften(row, seen(i), w.highest[i], w.total[i]);
            if (key > 0 && factor != 1)
                map(
                    w.sum + i * width, size_t(s.d), [&](V x) { return hn::Mul(x, set(factor)); }, w.sum + i * width);
        }
        gemm::multiply(queries, s.d, keys, {w.scores, score_row, 1}, w.v + key * gemm::padded(s.d), w.sum, width,
                       key > 0, [&](int64_t i, int64_t rows, int64_t) {
                           return gemm::Terms{0, seen(i + rows - 1)};
                       });
    }
    for (int64_t i = 0; i < queries; ++i) {
        float* y = m.y + m.y_rows.at(n, query + i, h);
        const bool sees = w.total[i] != 0; // NaN counts
        const V factor = set(sees ? 1 / w.total[i] : 0.0f);
        if (sees)
            map(
                y, size_t(s.d), [&](V x) { return hn::Mul(x, factor); }, w.sum + i * width);
        else std::fill(y, y + s.d, 0.0f);
        if (m.lse) m.lse[(n * s.h + h) * s.t + query + i] = sees ? w.highest[i] + std::log(w.total[i]) : w.highest[i];
    }
}

HWY_NOINLINE void attention_forward(const AttentionSizes& s, const AttentionMemory& m, float* scratch) {
    const int64_t tasks = s.n * s.g;
    parallel_for(s.workers, 1, [&](int64_t first, int64_t end) {
        for (int64_t worker = first; worker < end; ++worker) {
            const ForwardScratch w(s, scratch + worker * ForwardScratch::size(s));
            for (int64_t task = tasks * worker / s.workers; task < tasks * (worker + 1) / s.workers; ++task) {
                const int64_t n = task / s.g, g = task % s.g;
                gemm::pack_transposed(m.k + m.k_rows.at(n, 0, g), m.k_rows.token, s.d, s.s, w.k);
                for (int64_t key = 0; key < s.s; key += key_tile)
                    gemm::pack_panels({m.v + m.v_rows.at(n, key, g), m.v_rows.token, 1}, std::min(key_tile, s.s - key),
                                      s.d, w.v + key * gemm::padded(s.d));
                for (int64_t h = g * s.group(); h < (g + 1) * s.group(); ++h)
                    for (int64_t query = 0; query < s.t; query += query_tile)
                        attend(s, m, w, n, h, query, std::min(query_tile, s.t - query));
            }
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

HWY_EXPORT(attention_forward);

class AttentionKernel final : public Kernel {
public:
    AttentionKernel(const AttentionSizes& sizes, const Request& r)
        : sizes_(sizes),
          q_(rows_of(r.in[0])),
          k_(rows_of(r.in[1])),
          v_(rows_of(r.in[2])),
          y_(contiguous_rows(r.out[0].shape)) {
        scratch = size_t(sizes.workers) * size_t(ForwardScratch::size(sizes)) * sizeof(float);
        strided.assign(r.in.size(), false);
        for (size_t i = 0; i < 3; ++i) strided[i] = has_strided_rows(r.in[i]);
    }

    void run(const Call& c) const override {
        const AttentionMemory memory{c.in[0].as<const float>(),
                                     c.in[1].as<const float>(),
                                     c.in[2].as<const float>(),
                                     sizes_.masked ? c.in[3].as<const uint8_t>() : nullptr,
                                     c.out[0].as<float>(),
                                     c.out[1].data ? c.out[1].as<float>() : nullptr,
                                     q_,
                                     k_,
                                     v_,
                                     y_};
        HWY_DYNAMIC_DISPATCH(attention_forward)(sizes_, memory, reinterpret_cast<float*>(c.scratch));
    }

private:
    AttentionSizes sizes_;
    HeadRows q_, k_, v_, y_;
};

std::unique_ptr<Kernel> make_attention(const Request& r, std::string& why) {
    if (!r.out[0].used) {
        why = "y is not read";
        return nullptr;
    }
    const auto sizes = attention_sizes(r, 0, 3, why);
    return sizes ? std::make_unique<AttentionKernel>(*sizes, r) : nullptr;
}

} // namespace

void add_attention(Registry& registry) { registry.add({"attention", "cpu.attention", make_attention}); }

} // namespace ds::kernels::cpu
#endif
