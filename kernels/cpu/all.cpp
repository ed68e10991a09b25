#include "kernels/cpu/all.h"

#include "kernels/cpu/isa.h"
#include "kernels/cpu/rows.h"

namespace ds::kernels {

void add_cpu(Registry& registry) {
    cpu::apply_isa_cap();
    cpu::add_conv(registry);
    cpu::add_linear(registry);
    cpu::add_matmul(registry);
    cpu::add_fused_conv(registry);
    cpu::add_pool(registry);
    cpu::add_reorder(registry);
}

} // namespace ds::kernels
