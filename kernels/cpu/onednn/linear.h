// Fully connected layers by oneDNN, for the rows of linear.cpp and of fused_conv.cpp.
#pragma once

#include "kernels/cpu/onednn/onednn.h"

namespace ds::kernels::cpu {

/// linear(x, w, b?) -> output 0 with the post-operations of `attr`; `in` numbers x, w and b among the request's inputs.
/// Null: see `why`.
std::unique_ptr<PrimitiveKernel> make_linear_forward(std::span<const Operand> inputs, std::span<const int> in,
                                                     const dnnl::primitive_attr& attr, std::string& why);

} // namespace ds::kernels::cpu
