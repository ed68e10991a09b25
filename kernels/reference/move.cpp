// The planner's own moves: "copy" between strided plain operands, "reorder" between layouts.
#include <cstring>

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

/// The element number of an index in a view: strides when plain, channel blocks otherwise.
int64_t place(const TensorView& view, const Dims& index) {
    if (view.layout.format == Format::blocked) {
        const int64_t b = view.layout.block, blocks = (view.shape[1] + b - 1) / b;
        return (((index[0] * blocks + index[1] / b) * view.shape[2] + index[2]) * view.shape[3] + index[3]) * b +
               index[1] % b;
    }
    int64_t at = 0;
    for (size_t d = 0; d < index.size(); ++d) at += index[d] * view.strides[d];
    return at;
}

void move(const TensorView& from, const TensorView& to) {
    const size_t size = size_t(bits(to.dtype)) / 8;
    if (to.layout.format == Format::blocked)
        std::memset(to.data, 0, size_t(bytes(to.dtype, to.shape, to.layout))); // the tail
    for_each_index(to.shape, [&](const Dims& index, int64_t) {
        std::memcpy(to.data + size_t(place(to, index)) * size, from.data + size_t(place(from, index)) * size, size);
    });
}

std::unique_ptr<Kernel> make_move(const Request& r, std::string&) {
    auto kernel = plain([](const Call& call) { move(call.in[0], call.out[0]); });
    kernel->in_layout = {r.in[0].layout};
    kernel->out_layout = {r.out[0].layout};
    kernel->strided = {true};
    return kernel;
}

} // namespace

void add_move(Registry& registry) {
    registry.add({"copy", "reference.copy", make_move});
    registry.add({"reorder", "reference.reorder", make_move});
}

} // namespace ds::kernels::reference
