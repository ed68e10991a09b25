#include "tensor/tensor.h"

#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

#include "base/error.h"

namespace ds {
namespace {

constexpr size_t alignment = 64;               // a cache line, and the widest vector
constexpr size_t large_page = size_t{2} << 20; // blocks from here on ask the kernel for large pages

size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

} // namespace

std::shared_ptr<std::byte> allocate_bytes(size_t bytes) {
    const size_t unit = bytes >= 2 * large_page ? large_page : alignment;
    const size_t padded = bytes <= SIZE_MAX - unit ? round_up(std::max(bytes, alignment), unit) : 0;
    void* memory = padded ? std::aligned_alloc(unit, padded) : nullptr;
    if (!memory) fail(Exit::io, "no memory for {} bytes; use a smaller batch or model", bytes);
    if (unit == large_page) ::madvise(memory, padded, MADV_HUGEPAGE); // only a wish: failing changes nothing
    return {static_cast<std::byte*>(memory), [](std::byte* p) { std::free(p); }};
}

Dims contiguous_strides(const Dims& shape) {
    Dims strides(shape.size());
    int64_t stride = 1;
    for (size_t i = shape.size(); i-- > 0;) {
        strides[i] = stride;
        stride *= shape[i];
    }
    return strides;
}

int64_t bytes(DType dtype, const Dims& shape, Layout layout) {
    if (layout.format == Format::plain) return bytes(dtype, shape);
    if (shape.size() < 2 || layout.block <= 0) bug("a blocked layout for the shape {}", text(shape));
    Dims padded = shape;
    padded[1] = (shape[1] + layout.block - 1) / layout.block * layout.block;
    return bytes(dtype, padded);
}

bool TensorView::contiguous() const {
    if (layout.format != Format::plain) return false;
    const Dims expected = contiguous_strides(shape);
    for (size_t i = 0; i < shape.size(); ++i)
        if (shape[i] != 1 && strides[i] != expected[i]) return false; // a size of 1 is never stepped over
    return true;
}

Tensor::Tensor(DType dtype, Dims shape) : dtype_(dtype), shape_(std::move(shape)) {
    data_ = allocate_bytes(byte_size());
    std::memset(data_.get(), 0, round_up(byte_size(), alignment));
}

Tensor Tensor::uninitialized(DType dtype, Dims shape) {
    Tensor t;
    t.dtype_ = dtype;
    t.shape_ = std::move(shape);
    const size_t size = t.byte_size();
    t.data_ = allocate_bytes(size);
    std::memset(t.data_.get() + size, 0, round_up(size, alignment) - size); // the padding is zero all the same
    return t;
}

TensorView Tensor::view() const { return {data(), dtype_, shape_, contiguous_strides(shape_), {}}; }

Tensor Tensor::clone() const {
    if (empty()) return {};
    Tensor copy;
    copy.dtype_ = dtype_;
    copy.shape_ = shape_;
    copy.data_ = allocate_bytes(byte_size());
    std::memcpy(copy.data(), data(), byte_size());
    return copy;
}

} // namespace ds
