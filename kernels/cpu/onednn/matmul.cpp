// matmul by oneDNN: transposed operands and broadcast leading axes are strides of the descriptors.
#include <algorithm>

#include "kernels/cpu/onednn/onednn.h"
#include "kernels/cpu/rows.h"
#include "ops/linear.h"

namespace ds::kernels::cpu {
namespace {

/// An operand's shape and strides with `rank` axes, seen untransposed.
Desc operand_desc(const Operand& o, bool transposed, size_t rank) {
    Dims shape = o.shape, strides = o.strides.empty() ? contiguous_strides(o.shape) : o.strides;
    if (transposed) {
        std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
        std::swap(strides[strides.size() - 1], strides[strides.size() - 2]);
    }
    while (shape.size() < rank) {
        strides.insert(strides.begin(), shape[0] * strides[0]);
        shape.insert(shape.begin(), 1);
    }
    return strided_desc(shape, strides);
}

/// Strided rows are fine where one of the last two axes has no gaps.
bool takes_strides(const Operand& o) {
    if (o.strides.empty()) return false;
    const size_t n = o.shape.size();
    const bool rows = o.strides[n - 1] == 1 && o.strides[n - 2] >= o.shape[n - 1];
    const bool columns = o.strides[n - 2] == 1 && o.strides[n - 1] >= o.shape[n - 2];
    return (rows || columns) && std::ranges::all_of(o.strides, [](int64_t s) { return s > 0; });
}

Operand as_taken(Operand o) {
    if (!takes_strides(o)) o.strides.clear();
    return o;
}

std::unique_ptr<Kernel> make_matmul(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    return refuse_on_error(why, [&]() -> std::unique_ptr<Kernel> {
        const MatmulAttrs& attrs = r.as<MatmulAttrs>();
        const size_t rank = r.out[0].shape.size();
        const Desc a = operand_desc(as_taken(r.in[0]), attrs.ta, rank);
        const Desc b = operand_desc(as_taken(r.in[1]), attrs.tb, rank);
        const Desc y = plain_desc(r.out[0].shape);
        const dnnl::matmul::primitive_desc chosen({a, b, y}, user_scratchpad(), engine());
        if (is_reference(chosen)) {
            why = "oneDNN has only plain loops for this case";
            return nullptr;
        }
        auto kernel = std::make_unique<PrimitiveKernel>(dnnl::matmul(chosen), chosen.scratchpad_desc());
        kernel->bind_input(DNNL_ARG_SRC, 0, a);
        kernel->bind_input(DNNL_ARG_WEIGHTS, 1, b);
        kernel->bind_output(DNNL_ARG_DST, 0, y);
        kernel->strided = {takes_strides(r.in[0]), takes_strides(r.in[1])};
        return kernel;
    });
}

} // namespace

void add_matmul(Registry& registry) { registry.add({"matmul", "cpu.onednn.matmul", make_matmul}); }

} // namespace ds::kernels::cpu
