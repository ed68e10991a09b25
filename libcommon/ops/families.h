// The rows of each family, in the order in which ops are listed. table.cpp joins them.
#pragma once

#include <span>

#include "ops/op.h"

namespace ds {

std::span<const OpRow> elementwise_ops();
std::span<const OpRow> shape_ops();
std::span<const OpRow> linear_ops();
std::span<const OpRow> conv_ops();
std::span<const OpRow> norm_ops();
std::span<const OpRow> loss_ops();
std::span<const OpRow> attention_ops();
std::span<const OpRow> random_ops();
std::span<const OpRow> update_ops();
std::span<const OpRow> fused_ops();

/// Shapes joined by NumPy's broadcasting rule; sizes are equal or one of them is 1. Refuses otherwise.
Shape broadcast_shapes(const InferArgs& args, const Shape& a, const Shape& b);

} // namespace ds
