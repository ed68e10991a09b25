// One function per file of this folder that enters its rows.
#pragma once

#include "kernels/kernel.h"

namespace ds::kernels::cpu {

void add_conv(Registry& registry);
void add_linear(Registry& registry);
void add_matmul(Registry& registry);
void add_fused_conv(Registry& registry);
void add_pool(Registry& registry);
void add_reorder(Registry& registry);

} // namespace ds::kernels::cpu
