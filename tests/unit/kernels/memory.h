// Memory as kernels see it in tests: guarded, in any layout and strides.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "unit/kernels/case.h"

namespace ds::testing {

/// How inputs lie when plain. gaps: rows lie apart; transposed: the last two axes swapped in memory.
enum class Strides { dense, gaps, transposed };

inline size_t element_size(DType dtype) { return size_t(bits(dtype)) / 8; }

/// `bytes` of garbage between two guards, aligned to 64.
class Guarded {
public:
    explicit Guarded(size_t bytes) : bytes_(bytes), memory_(allocate_bytes(bytes + 3 * guard)) {
        std::memset(memory_.get(), 0xFF, bytes + 3 * guard); // NaN as float
    }
    std::byte* data() const { return memory_.get() + guard; }
    std::vector<std::byte> content() const { return {data(), data() + bytes_}; }
    bool intact() const {
        auto clean = [](const std::byte* from, size_t n) {
            return std::all_of(from, from + n, [](std::byte b) { return b == std::byte{0xFF}; });
        };
        return clean(memory_.get(), guard) && clean(data() + bytes_, guard);
    }

private:
    static constexpr size_t guard = 128;
    size_t bytes_;
    std::shared_ptr<std::byte> memory_;
};

/// The element's place in a view.
inline int64_t place(const TensorView& view, const Dims& index) {
    if (view.layout.format == Format::blocked) {
        const int64_t b = view.layout.block, blocks = (view.shape[1] + b - 1) / b;
        return (((index[0] * blocks + index[1] / b) * view.shape[2] + index[2]) * view.shape[3] + index[3]) * b +
               index[1] % b;
    }
    int64_t at = 0;
    for (size_t d = 0; d < index.size(); ++d) at += index[d] * view.strides[d];
    return at;
}

template <class F>
void each_index(const Dims& shape, const F& f) {
    Dims index(shape.size(), 0);
    for (int64_t flat = 0, n = count(shape); flat < n; ++flat) {
        f(index, flat);
        for (size_t d = shape.size(); d-- > 0;) {
            if (++index[d] < shape[d]) break;
            index[d] = 0;
        }
    }
}

inline Dims strides_of(const Dims& shape, Strides kind) {
    Dims strides = contiguous_strides(shape);
    if (shape.empty() || kind == Strides::dense) return strides;
    if (kind == Strides::gaps) { // as a slice of a wider value
        int64_t step = 1;
        for (size_t d = shape.size(); d-- > 0;) {
            strides[d] = step;
            step *= shape[d] + (d + 1 == shape.size() ? 3 : 0);
        }
        return strides;
    }
    if (shape.size() < 2) return strides;
    const size_t last = shape.size() - 1;
    strides[last] = shape[last - 1];
    strides[last - 1] = 1;
    return strides;
}

/// Elements from the first to the last of a view.
inline int64_t extent(const TensorView& view) {
    if (view.layout.format == Format::blocked)
        return bytes(view.dtype, view.shape, view.layout) / int64_t(element_size(view.dtype));
    if (view.size() == 0) return 0;
    int64_t last = 0;
    for (size_t d = 0; d < view.shape.size(); ++d) last += (view.shape[d] - 1) * view.strides[d];
    return last + 1;
}

inline void write_view(const TensorView& view, const Tensor& from) {
    const size_t size = element_size(view.dtype);
    if (view.layout.format == Format::blocked) std::memset(view.data, 0, size_t(extent(view)) * size);
    each_index(view.shape, [&](const Dims& index, int64_t flat) {
        std::memcpy(view.data + size_t(place(view, index)) * size, from.data() + size_t(flat) * size, size);
    });
}

inline Tensor read_view(const TensorView& view) {
    const size_t size = element_size(view.dtype);
    Tensor to(view.dtype, view.shape);
    each_index(view.shape, [&](const Dims& index, int64_t flat) {
        std::memcpy(to.data() + size_t(flat) * size, view.data + size_t(place(view, index)) * size, size);
    });
    return to;
}

inline bool tail_is_zero(const TensorView& view) {
    if (view.layout.format != Format::blocked) return true;
    Dims whole = view.shape;
    whole[1] = (whole[1] + view.layout.block - 1) / view.layout.block * view.layout.block;
    TensorView padded = view;
    padded.shape = whole;
    const Tensor all = read_view(padded);
    bool zero = true;
    each_index(whole, [&](const Dims& index, int64_t flat) {
        if (index[1] >= view.shape[1] && element(all, flat) != 0) zero = false;
    });
    return zero;
}

} // namespace ds::testing
