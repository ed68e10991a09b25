// The reference kernels of every op, by family: last in every list.
#pragma once

#include "kernels/kernel.h"

namespace ds::kernels::reference {

void add_elementwise(Registry& registry);
void add_shape_ops(Registry& registry);
void add_linear(Registry& registry);
void add_conv(Registry& registry);
void add_norm(Registry& registry);
void add_loss(Registry& registry);
void add_attention(Registry& registry);
void add_random(Registry& registry);
void add_update(Registry& registry);
void add_move(Registry& registry);

void add_all(Registry& registry);

} // namespace ds::kernels::reference
