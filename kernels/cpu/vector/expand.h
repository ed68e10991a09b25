// How a broadcast or strided operand lies against a dense index space, and its expansion tile by tile.
#pragma once

#include <cstring>
#include <vector>

#include "tensor/tensor.h"

namespace ds::kernels::cpu {

/// Sizes of an index space with the strides (in elements) of one operand, adjacent axes joined where they can be.
struct Pattern {
    std::vector<int64_t> dims, strides; // the outer axes
    int64_t inner = 1, step = 1;        // the innermost axis
    int64_t repeat = 1;                 // the inner run is repeated so often before an outer axis moves
    bool dense() const { return dims.empty() && step == 1 && repeat == 1; }
    int64_t block() const { return inner * repeat; }
    int64_t phase(int64_t at) const { return at % block() % inner; } // place in the inner run
    /// Where the inner run that element `at` belongs to begins in the operand.
    int64_t offset(int64_t at) const {
        int64_t rest = at / block(), sum = 0;
        for (size_t d = dims.size(); d-- > 0;) {
            sum += rest % dims[d] * strides[d];
            rest /= dims[d];
        }
        return sum;
    }
};

inline Pattern make_pattern(const Dims& dims, const Dims& strides) {
    std::vector<int64_t> d, s;
    for (size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == 1) continue;
        if (!d.empty() && s.back() == strides[i] * dims[i]) {
            d.back() *= dims[i];
            s.back() = strides[i];
        } else {
            d.push_back(dims[i]);
            s.push_back(strides[i]);
        }
    }
    Pattern p;
    if (d.empty()) return p;
    if (s.back() == 0) { // a run of one element, repeated
        p.repeat = d.back();
    } else {
        p.inner = d.back();
        p.step = s.back();
        d.pop_back();
        s.pop_back();
        if (!d.empty() && s.back() == 0) p.repeat = d.back();
    }
    if (p.repeat > 1 || (!d.empty() && s.back() == 0)) {
        d.pop_back();
        s.pop_back();
    }
    p.dims = std::move(d);
    p.strides = std::move(s);
    return p;
}

/// dst[0, n) = elements [start, start + n) of the index space.
template <class T>
void expand(const Pattern& p, const T* src, T* dst, int64_t start, int64_t n) {
    const int64_t block = p.inner * p.repeat;
    int64_t index[max_rank + 1], rest = start / block, at = start % block, offset = 0;
    for (size_t d = p.dims.size(); d-- > 0;) {
        index[d] = rest % p.dims[d];
        rest /= p.dims[d];
        offset += index[d] * p.strides[d];
    }
    while (n > 0) {
        const int64_t run = std::min(n, block - at), first = std::min(run, p.inner);
        const T* s = src + offset;
        if (p.inner == 1) {
            std::fill(dst, dst + run, *s);
        } else {
            int64_t phase = at % p.inner, done = 0;
            for (; done < first; phase = 0) { // at most two pieces: to the end of the run, then its beginning
                const int64_t piece = std::min(first - done, p.inner - phase);
                if (p.step == 1) std::memcpy(dst + done, s + phase, size_t(piece) * sizeof(T));
                else
                    for (int64_t i = 0; i < piece; ++i) dst[done + i] = s[(phase + i) * p.step];
                done += piece;
            }
            while (done < run) { // what is written has the period `inner`: double it
                const int64_t piece = std::min(done, run - done);
                std::memcpy(dst + done, dst, size_t(piece) * sizeof(T));
                done += piece;
            }
        }
        dst += run;
        n -= run;
        at = 0;
        for (size_t d = p.dims.size(); d-- > 0;) {
            offset += p.strides[d];
            if (++index[d] < p.dims[d]) break;
            offset -= p.strides[d] * p.dims[d];
            index[d] = 0;
        }
    }
}

} // namespace ds::kernels::cpu
