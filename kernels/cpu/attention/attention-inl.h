// Rows of scores, for the forward and the backward kernel of attention (include after highway.h in a file that
// uses foreach_target.h).
#if defined(DS_KERNELS_CPU_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DS_KERNELS_CPU_ATTENTION_INL_H
#undef DS_KERNELS_CPU_ATTENTION_INL_H
#else
#define DS_KERNELS_CPU_ATTENTION_INL_H
#endif

#include <limits>

#include "hwy/highway.h"
#include "kernels/cpu/attention/attention.h"
#include "kernels/cpu/vector/gemm-inl.h"
#include "kernels/cpu/vector/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {

/// Scores of a tile of queries (rows of `q`, d apart) and a tile of keys, whose panels are k; panels of keys that none
/// of a group of rows may see are left as they are.
HWY_INLINE void scores_of(const AttentionSizes& s, gemm::Strided q, const float* k, int64_t query, int64_t queries,
                          int64_t key, int64_t keys, float* scores) {
    gemm::multiply(queries, keys, s.d, q, k, scores, score_row, false, [&](int64_t i, int64_t rows, int64_t j) {
        return gemm::Terms{0, s.visible(query + i + rows - 1) > key + j ? s.d : 0};
    });
}

/// Hides what the mask hides: minus infinity.
HWY_INLINE void hide(const AttentionSizes& s, const uint8_t* mask, int64_t n, int64_t h, int64_t query, int64_t key,
                     int64_t keys, float* row) {
    const uint8_t* from = mask + n * s.mask[0] + h * s.mask[1] + query * s.mask[2] + key * s.mask[3];
    for (int64_t j = 0; j < keys; ++j)
        if (!from[j * s.mask[3]]) row[j] = -std::numeric_limits<float>::infinity();
}

/// row[j] = f(row[j]) for the first n and zero for the columns after them that a product may read.
template <class Fn>
HWY_INLINE void map_then_zero(float* row, int64_t n, const Fn& f) {
    int64_t j = 0;
    for (; j + int64_t(lanes) <= n; j += lanes) store(f(load(row + j), size_t(j)), row + j);
    if (j < n) store(hn::IfThenElseZero(hn::FirstN(F(), size_t(n - j)), f(load(row + j), size_t(j))), row + j);
    for (j = n; j < n + gemm::tile_rows; ++j) row[j] = 0;
}

} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#endif
