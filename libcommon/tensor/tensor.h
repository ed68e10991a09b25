// A Tensor owns (shares) plain row-major memory; a TensorView points into somebody's memory with
// strides and is what kernels see.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "tensor/type.h"

namespace ds {

/// Memory of a host, aligned to 64 bytes and padded to a multiple of 64.
std::shared_ptr<std::byte> allocate_bytes(size_t bytes); // Error(io) when there is no memory

/// How the elements of a view lie in memory.
enum class Format : uint8_t {
    plain,  // strides say it all (NCHW when contiguous)
    blocked // [N, ceil(C/block), spatial..., block]: channels in blocks, the tail of the last block zero
};

struct Layout {
    Format format = Format::plain;
    int block = 0; // 8 or 16 when blocked
    bool operator==(const Layout&) const = default;
};

struct TensorView {
    std::byte* data = nullptr;
    DType dtype = DType::f32;
    Dims shape;   // logical, outermost first
    Dims strides; // in elements; only when layout is plain
    Layout layout;

    template <class T>
    T* as() const {
        return reinterpret_cast<T*>(data);
    }
    int64_t size() const { return count(shape); }
    bool contiguous() const; // plain and row-major without gaps
};

/// Element i of f32 or f64 memory without gaps.
inline double float_at(const TensorView& view, int64_t i) {
    return view.dtype == DType::f64 ? view.as<double>()[i] : double(view.as<float>()[i]);
}

/// Row-major strides.
Dims contiguous_strides(const Dims& shape);
/// Bytes that a value takes in a layout (blocked layouts pad the channels).
int64_t bytes(DType dtype, const Dims& shape, Layout layout);

class Tensor {
public:
    Tensor() = default;
    Tensor(DType dtype, Dims shape); // zeroed
    /// Not zeroed: for a caller that fills every byte.
    static Tensor uninitialized(DType dtype, Dims shape);
    DType dtype() const { return dtype_; }
    const Dims& shape() const { return shape_; }
    int64_t size() const { return count(shape_); }
    size_t byte_size() const { return size_t(ds::bytes(dtype_, shape_)); }
    bool empty() const { return !data_; }
    std::byte* data() const { return data_.get(); }
    template <class T>
    T* as() const {
        return reinterpret_cast<T*>(data_.get());
    }
    template <class T>
    std::span<T> span() const {
        return {as<T>(), size_t(size())};
    }
    std::span<const std::byte> bytes_span() const { return {data_.get(), byte_size()}; }
    TensorView view() const;
    Tensor clone() const;

private:
    DType dtype_ = DType::f32;
    Dims shape_;
    std::shared_ptr<std::byte> data_;
};

} // namespace ds
