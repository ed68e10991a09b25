// reorder(x) -> y: the step that the planner adds where a value's layout changes (plain to blocked and back), by
// oneDNN, which keeps the tail of the last block zero. f32 and u8 (the index of max_pool2d).
#include "kernels/cpu/onednn/onednn.h"
#include "kernels/cpu/rows.h"

namespace ds::kernels::cpu {
namespace {

Desc operand_desc(const Operand& o) {
    const auto dtype = o.dtype == DType::f32 ? dnnl::memory::data_type::f32 : dnnl::memory::data_type::u8;
    if (o.layout.format == Format::blocked) return {o.shape, dtype, o.layout.block == 16 ? Tag::nChw16c : Tag::nChw8c};
    return {o.shape, dtype, o.strides.empty() ? contiguous_strides(o.shape) : o.strides};
}

std::unique_ptr<Kernel> make_reorder(const Request& r, std::string& why) {
    const Operand &x = r.in[0], &y = r.out[0];
    if (x.dtype != DType::f32 && x.dtype != DType::u8) why = "needs f32 or u8";
    if (count(x.shape) == 0) why = "an operand is empty";
    if (!why.empty()) return nullptr;
    return refuse_on_error(why, [&]() -> std::unique_ptr<Kernel> {
        const Desc from = operand_desc(x), to = operand_desc(y);
        const dnnl::reorder::primitive_desc chosen(engine(), from, engine(), to, user_scratchpad());
        auto kernel = std::make_unique<PrimitiveKernel>(dnnl::reorder(chosen), chosen.scratchpad_desc());
        kernel->bind_input(DNNL_ARG_FROM, 0, from);
        kernel->bind_output(DNNL_ARG_TO, 0, to);
        kernel->in_layout = {x.layout};
        kernel->out_layout = {y.layout};
        kernel->strided = {x.layout.format == Format::plain};
        return kernel;
    });
}

} // namespace

void add_reorder(Registry& registry) { registry.add({"reorder", "cpu.onednn.reorder", make_reorder}); }

} // namespace ds::kernels::cpu
