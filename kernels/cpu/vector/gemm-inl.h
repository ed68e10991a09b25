// Matrix products of our own for small matrices, C (+)= A B, compiled once per instruction set (include after
// highway.h in a file that uses foreach_target.h). A is read by any strides, one element at a time; B is packed
// in panels: panel j holds columns j*panel_width .. of every row, row after row, the tail of the last one zero.
#if defined(DS_KERNELS_CPU_GEMM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DS_KERNELS_CPU_GEMM_INL_H
#undef DS_KERNELS_CPU_GEMM_INL_H
#else
#define DS_KERNELS_CPU_GEMM_INL_H
#endif

#include <algorithm>
#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace gemm {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vec = hn::Vec<Tag>;

// A tile of C of tile_rows x panel_width lies in registers: 16 of 32 registers for 512-bit vectors (enough
// chains to hide the latency of two units), 12 of 16 for 256-bit ones.
constexpr int64_t lanes = int64_t(HWY_LANES(float));
constexpr int64_t panel_width = 2 * lanes;
constexpr int64_t tile_rows = lanes >= 16 ? 8 : 6;

/// A matrix, element (i, j) at data[i * row + j * column].
struct Strided {
    const float* data;
    int64_t row, column;
};

/// C (+)= A B for Rows rows and one panel (of one vector when `narrow`), k terms.
template <int Rows, int Vectors>
HWY_INLINE void tile(int64_t k, Strided a, const float* HWY_RESTRICT b, float* HWY_RESTRICT c, int64_t ldc, bool add) {
    const Tag d;
    Vec sum[Rows][Vectors];
    HWY_UNROLL(8)
    for (int i = 0; i < Rows; ++i) HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) sum[i][j] = add ? hn::LoadU(d, c + i * ldc + j * lanes) : hn::Zero(d);
    const float* p = a.data;
    for (int64_t t = 0; t < k; ++t, p += a.column, b += Vectors * lanes) {
        Vec row[Vectors];
        HWY_UNROLL(2)
        for (int j = 0; j < Vectors; ++j) row[j] = hn::LoadU(d, b + j * lanes);
        HWY_UNROLL(8)
        for (int i = 0; i < Rows; ++i) {
            const Vec x = hn::Set(d, p[i * a.row]);
            HWY_UNROLL(2)
            for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::MulAdd(x, row[j], sum[i][j]);
        }
    }
    HWY_UNROLL(8)
    for (int i = 0; i < Rows; ++i) HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) hn::StoreU(sum[i][j], d, c + i * ldc + j * lanes);
}

template <int Vectors>
HWY_NOINLINE void tile_of(int64_t rows, int64_t k, Strided a, const float* b, float* c, int64_t ldc, bool add) {
    switch (rows) {
    case 1: return tile<1, Vectors>(k, a, b, c, ldc, add);
    case 2: return tile<2, Vectors>(k, a, b, c, ldc, add);
    case 3: return tile<3, Vectors>(k, a, b, c, ldc, add);
    case 4: return tile<4, Vectors>(k, a, b, c, ldc, add);
    case 5: return tile<5, Vectors>(k, a, b, c, ldc, add);
    case 6: return tile<6, Vectors>(k, a, b, c, ldc, add);
    }
    if constexpr (tile_rows == 8) {
        if (rows == 7) return tile<7, Vectors>(k, a, b, c, ldc, add);
        return tile<8, Vectors>(k, a, b, c, ldc, add);
    }
}

/// Columns of C that are written: n rounded up to whole vectors.
constexpr int64_t padded(int64_t n) { return (n + lanes - 1) / lanes * lanes; }

/// Where panel j begins, for B with k rows.
constexpr int64_t panel_offset(int64_t j, int64_t k) { return j * panel_width * k; }

/// Packs B[k, n] in panels; `to` takes k * padded(n) floats.
HWY_INLINE void pack_panels(Strided b, int64_t k, int64_t n, float* to) {
    const Tag d;
    for (int64_t j = 0; j < n; j += panel_width) {
        const int64_t width = std::min(panel_width, padded(n - j)), real = std::min(width, n - j);
        for (int64_t t = 0; t < k; ++t, to += width) {
            const float* from = b.data + t * b.row + j * b.column;
            if (b.column == 1 && real == width) {
                for (int64_t i = 0; i < width; i += lanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
            } else {
                for (int64_t i = 0; i < real; ++i) to[i] = from[i * b.column];
                for (int64_t i = real; i < width; ++i) to[i] = 0;
            }
        }
    }
}

/// Packs the transpose of B[n, k], whose rows are contiguous and `row` apart, as pack_panels does.
HWY_INLINE void pack_transposed(const float* b, int64_t row, int64_t k, int64_t n, float* to) {
    const hn::CappedTag<float, 4> d; // blocks of 4 x 4, turned in registers
    for (int64_t j = 0; j < n; j += panel_width) {
        const int64_t width = std::min(panel_width, padded(n - j)), real = std::min(width, n - j);
        int64_t i = 0;
        for (; i + 4 <= real; i += 4) {
            const float* from = b + (j + i) * row;
            int64_t t = 0;
            for (; t + 4 <= k; t += 4) {
                const auto r0 = hn::LoadU(d, from + t), r1 = hn::LoadU(d, from + row + t);
                const auto r2 = hn::LoadU(d, from + 2 * row + t), r3 = hn::LoadU(d, from + 3 * row + t);
                const auto a0 = hn::InterleaveLower(d, r0, r2), a1 = hn::InterleaveUpper(d, r0, r2);
                const auto b0 = hn::InterleaveLower(d, r1, r3), b1 = hn::InterleaveUpper(d, r1, r3);
                hn::StoreU(hn::InterleaveLower(d, a0, b0), d, to + t * width + i);
                hn::StoreU(hn::InterleaveUpper(d, a0, b0), d, to + (t + 1) * width + i);
                hn::StoreU(hn::InterleaveLower(d, a1, b1), d, to + (t + 2) * width + i);
                hn::StoreU(hn::InterleaveUpper(d, a1, b1), d, to + (t + 3) * width + i);
            }
            for (; t < k; ++t)
                for (int64_t q = 0; q < 4; ++q) to[t * width + i + q] = from[q * row + t];
        }
        for (; i < width; ++i)
            for (int64_t t = 0; t < k; ++t) to[t * width + i] = i < real ? b[(j + i) * row + t] : 0.0f;
        to += width * k;
    }
}

/// The terms begin .. end-1 of a product that are not known to be zero.
struct Terms {
    int64_t begin, end;
};

/// C[m, padded(n)] (+)= A[m, k] B[k, n]. terms(i, rows, j) limits the sum for the tile of `rows` rows from i on and the
/// panel of columns from j on; a tile without terms is left as it is.
template <class TermsOf>
HWY_INLINE void multiply(int64_t m, int64_t n, int64_t k, Strided a, const float* panels, float* c, int64_t ldc,
                         bool add, const TermsOf& terms) {
    for (int64_t j = 0; j < n; j += panel_width) {
        const int64_t width = std::min(panel_width, padded(n - j));
        const float* panel = panels + panel_offset(j / panel_width, k);
        for (int64_t i = 0; i < m; i += tile_rows) {
            const int64_t rows = std::min(tile_rows, m - i);
            const Terms t = terms(i, rows, j);
            if (t.begin >= t.end) continue;
            const Strided from{a.data + i * a.row + t.begin * a.column, a.row, a.column};
            float* to = c + i * ldc + j;
            if (width == panel_width) tile_of<2>(rows, t.end - t.begin, from, panel + t.begin * width, to, ldc, add);
            else tile_of<1>(rows, t.end - t.begin, from, panel + t.begin * width, to, ldc, add);
        }
    }
}

} // namespace gemm
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#endif
