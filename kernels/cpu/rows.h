// One function per file of this folder that enters its rows.
#pragma once

#include "kernels/kernel.h"

namespace ds::kernels::cpu {

void add_conv_dw_few(Registry& registry);
void add_conv(Registry& registry);
void add_linear(Registry& registry);
void add_matmul(Registry& registry);
void add_fused_conv(Registry& registry);
void add_pool(Registry& registry);
void add_reorder(Registry& registry);
void add_attention(Registry& registry);
void add_attention_dx(Registry& registry);

// Our own vector code.
void add_elementwise(Registry& registry);
void add_reduce(Registry& registry);
void add_copies(Registry& registry);
void add_gather(Registry& registry);
void add_batch_norm(Registry& registry);
void add_layer_norm(Registry& registry);
void add_group_norm(Registry& registry);
void add_softmax(Registry& registry);
void add_cross_entropy(Registry& registry);
void add_random(Registry& registry);
void add_update(Registry& registry);

} // namespace ds::kernels::cpu
