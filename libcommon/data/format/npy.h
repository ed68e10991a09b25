// NumPy arrays in files (.npy, versions 1 to 3). Those in Fortran order are brought into C order.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/format/npy_elements.h"
#include "tensor/type.h"

namespace ds {

struct NpyArray {
    DType dtype = DType::f32;
    Dims shape;
    std::vector<std::byte> data; // in C order
};

/// What stands before the elements.
struct NpyHeader {
    NpyElement element;
    Dims shape;
    size_t length = 0;    // bytes of the header: where the numbers begin
    bool fortran = false; // the first axis runs fastest
};
constexpr size_t max_npy_header = size_t{1} << 20;
/// From the first bytes of a file of `size` bytes (max_npy_header of them, when there are so many). Errors as below.
NpyHeader parse_npy_header(std::span<const std::byte> start, uint64_t size, const std::string& source);

/// An array of elements of so many bytes whose first axis runs fastest, with the last one running fastest.
std::vector<std::byte> in_c_order(size_t size, const Dims& shape, std::span<const std::byte> fortran);

/// Error(data) naming `source` for anything else than a plain array of numbers whose size fits the bytes.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& source);
std::string npy_header(DType dtype, const Dims& shape);
std::string encode_npy(DType dtype, const Dims& shape, std::span<const std::byte> data);

} // namespace ds
