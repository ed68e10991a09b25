// The engine of copy.h. The innermost axis is that of the destination. Where the source is contiguous in it,
// rows are copied as bytes; where it is contiguous in another axis (a transpose), the two are walked in small
// squares so that each cache line is used whole.
#include "kernels/cpu/vector/copy.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "kernels/cpu/common.h"

namespace ds::kernels::cpu {
namespace {

struct Index {
    int64_t from = 0, to = 0;
};

/// Offsets of the n-th index over the first `rank` axes.
Index offsets(const CopyJob& job, int rank, int64_t n) {
    Index out;
    for (int d = rank; d-- > 0;) {
        const int64_t i = n % job.dims[d];
        n /= job.dims[d];
        out.from += i * job.from[d];
        out.to += i * job.to[d];
    }
    return out;
}

template <class T>
void copy_row(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t n) {
    if (from_stride == 1 && to_stride == 1) {
        std::memcpy(to, from, size_t(n) * sizeof(T));
    } else if (from_stride == 0 && to_stride == 1) {
        std::fill(to, to + n, *from);
    } else {
        for (int64_t i = 0; i < n; ++i) to[i * to_stride] = from[i * from_stride];
    }
}

constexpr int64_t square = 16;

/// to[r*to_stride + c] = from[c*from_stride + r], r < rows, c < columns.
template <class T>
void transpose_square(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t rows, int64_t columns) {
    if (rows == square && columns == square) { // known counts: the compiler unrolls and keeps it in registers
        T block[square][square];
        for (int64_t c = 0; c < square; ++c)
            for (int64_t r = 0; r < square; ++r) block[r][c] = from[c * from_stride + r];
        for (int64_t r = 0; r < square; ++r) std::memcpy(to + r * to_stride, block[r], sizeof block[r]);
        return;
    }
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c) to[r * to_stride + c] = from[c * from_stride + r];
}

template <class T>
void run_rows(const CopyJob& job, const T* from, T* to) {
    const int inner = std::max(0, job.rank - 1);
    const int64_t n = job.rank ? job.dims[inner] : 1, rows = job.count / std::max<int64_t>(1, n);
    const int64_t from_step = job.rank ? job.from[inner] : 1, to_step = job.rank ? job.to[inner] : 1;
    const auto body = [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            const Index at = offsets(job, inner, r);
            copy_row(from + at.from, from_step, to + at.to, to_step, n);
        }
    };
    if (rows == 1 && n >= 2 * min_work) { // one long row: divide it
        parallel_for(n, min_work, [&](int64_t b, int64_t e) {
            copy_row(from + b * from_step, from_step, to + b * to_step, to_step, e - b);
        });
        return;
    }
    parallel_for(rows, std::max<int64_t>(1, min_work / std::max<int64_t>(1, n)), body);
}

/// Axis `other` is contiguous in the source, the last one in the destination.
template <class T>
void run_squares(CopyJob job, int other, const T* from, T* to) {
    const int last = job.rank - 1;
    const int64_t rows = job.dims[other], columns = job.dims[last];
    const int64_t from_stride = job.from[last], to_stride = job.to[other];
    for (int d = other; d + 1 < last; ++d) { // the other axes are what is counted through
        job.dims[d] = job.dims[d + 1];
        job.from[d] = job.from[d + 1];
        job.to[d] = job.to[d + 1];
    }
    const int64_t row_bands = (rows + square - 1) / square, planes = job.count / (rows * columns);
    parallel_for(
        planes * row_bands, std::max<int64_t>(1, min_work / (square * columns)), [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t) {
                const Index at = offsets(job, last - 1, t / row_bands);
                const int64_t r = t % row_bands * square;
                for (int64_t c = 0; c < columns; c += square)
                    transpose_square(from + at.from + r + c * from_stride, from_stride, to + at.to + r * to_stride + c,
                                     to_stride, std::min(square, rows - r), std::min(square, columns - c));
            }
        });
}

template <class T>
void run_typed(const CopyJob& job, const std::byte* from, std::byte* to) {
    const T* source = reinterpret_cast<const T*>(from);
    T* target = reinterpret_cast<T*>(to);
    const int last = job.rank - 1;
    if (job.rank >= 2 && job.to[last] == 1 && job.from[last] > 1)
        for (int d = last; d-- > 0;)
            if (job.from[d] == 1 && job.dims[d] > 1) return run_squares(job, d, source, target);
    run_rows(job, source, target);
}

} // namespace

CopyJob make_copy(size_t size, const Dims& dims, const Dims& from, const Dims& to) {
    CopyJob job;
    job.size = size;
    job.count = count(dims);
    std::vector<size_t> order(dims.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return to[a] > to[b]; });
    for (size_t i : order) {
        if (dims[i] == 1) continue;
        if (job.rank) {
            const int last = job.rank - 1;
            if (job.from[last] == from[i] * dims[i] && job.to[last] == to[i] * dims[i]) {
                job.dims[last] *= dims[i];
                job.from[last] = from[i];
                job.to[last] = to[i];
                continue;
            }
        }
        job.dims[job.rank] = dims[i];
        job.from[job.rank] = from[i];
        job.to[job.rank++] = to[i];
    }
    return job;
}

void run_copy(const CopyJob& job, const std::byte* from, std::byte* to) {
    if (job.count == 0) return;
    switch (job.size) {
    case 8: return run_typed<uint64_t>(job, from, to);
    case 4: return run_typed<uint32_t>(job, from, to);
    case 2: return run_typed<uint16_t>(job, from, to);
    default: return run_typed<uint8_t>(job, from, to);
    }
}

} // namespace ds::kernels::cpu
