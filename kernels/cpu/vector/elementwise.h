// One elementwise operation on contiguous elements: the instructions of the interpreter in elementwise.cpp.
#pragma once

#include <cstddef>

#include "ops/elementwise.h"

namespace ds::kernels::cpu {

/// out[i] = op(in[0][i], ...), n elements. out may be one of the inputs of the same element size.
using Micro = void (*)(const std::byte* const* in, std::byte* out, size_t n, float alpha, float beta);

// Each gives null where there is no such instruction.
Micro unary_micro(UnaryKind kind, DType x);
Micro unary_dx_micro(UnaryKind kind); // f32
Micro binary_micro(BinaryKind kind, DType operands);
Micro select_micro(DType dtype);
Micro cast_micro(DType from, DType to);

} // namespace ds::kernels::cpu
