// NumPy arrays in files (.npy, versions 1 to 3), little-endian, C order.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tensor/type.h"

namespace ds {

struct NpyArray {
    DType dtype = DType::f32;
    Dims shape;
    std::span<const std::byte> data; // into the bytes that were parsed
};

/// Error(data) naming `source` for anything else than a plain array of numbers whose size fits the bytes.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& source);
std::string encode_npy(DType dtype, const Dims& shape, std::span<const std::byte> data);

} // namespace ds
