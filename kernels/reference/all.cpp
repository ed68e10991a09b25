#include "kernels/reference/all.h"

namespace ds::kernels::reference {

void add_all(Registry& registry) {
    add_elementwise(registry);
    add_shape_ops(registry);
    add_linear(registry);
    add_conv(registry);
    add_norm(registry);
    add_loss(registry);
    add_attention(registry);
    add_random(registry);
    add_update(registry);
    add_move(registry);
}

} // namespace ds::kernels::reference
