#include "kernels/cpu/all.h"

#include "kernels/cpu/isa.h"
#include "kernels/cpu/rows.h"

namespace ds::kernels {

void add_cpu(Registry& registry) {
    cpu::apply_isa_cap();
    if (!cpu::has_wide_vectors()) cpu::add_conv_dw_few(registry); // five times as fast as oneDNN's there
    cpu::add_conv(registry);
    if (cpu::has_wide_vectors()) cpu::add_conv_dw_few(registry); // half as fast there
    cpu::add_linear(registry);
    cpu::add_matmul(registry);
    cpu::add_fused_conv(registry);
    cpu::add_pool(registry);
    cpu::add_reorder(registry);
    cpu::add_attention(registry);
    cpu::add_attention_dx(registry);
    cpu::add_elementwise(registry);
    cpu::add_reduce(registry);
    cpu::add_copies(registry);
    cpu::add_gather(registry);
    cpu::add_batch_norm(registry);
    cpu::add_layer_norm(registry);
    cpu::add_group_norm(registry);
    cpu::add_softmax(registry);
    cpu::add_cross_entropy(registry);
    cpu::add_random(registry);
    cpu::add_update(registry);
}

} // namespace ds::kernels
