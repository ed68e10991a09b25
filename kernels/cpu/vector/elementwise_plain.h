// Instructions of elementwise.h that the compiler vectorises by itself: comparisons, logic, integers, select, cast.
#pragma once

#include "kernels/cpu/vector/elementwise.h"

namespace ds::kernels::cpu {

Micro plain_unary(UnaryKind kind, DType x);          // is_finite, logical_not
Micro plain_binary(BinaryKind kind, DType operands); // comparisons and logic; arithmetic of i32 and i64

} // namespace ds::kernels::cpu
