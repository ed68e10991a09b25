// Convolution by oneDNN, for the rows of conv.cpp and of fused_conv.cpp.
#pragma once

#include "kernels/cpu/onednn/onednn.h"
#include "ops/conv.h"

namespace ds::kernels::cpu {

/// A convolution in oneDNN's terms.
struct ConvCase {
    Dims x, w, y;            // w is [groups, O/groups, C/groups, kh, kw] when there are groups
    Dims stride, dilation;   // dilation counts from 0
    Dims pad_begin, pad_end; // top, left; bottom, right
    bool bias = false;
};

/// How the products are summed: Winograd's algorithm (Lavin and Gray 2016) is faster and less exact.
enum class ConvSum { direct, winograd };

ConvCase conv_case(const ConvAttrs& attrs, const Dims& x, const Dims& w, const Dims& y, bool bias);

/// conv2d(x, w, b?) -> output 0 with the post-operations of `attr`; `in` numbers x, w and b among the request's
/// `inputs` inputs. Null: see `why`.
std::unique_ptr<PrimitiveKernel> make_conv_forward(const ConvCase& conv, std::span<const int> in, size_t inputs,
                                                   const dnnl::primitive_attr& attr, ConvSum sum, std::string& why);

} // namespace ds::kernels::cpu
