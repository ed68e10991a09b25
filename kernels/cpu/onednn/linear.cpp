// linear, linear_dx and linear_dw by oneDNN's inner product; the leading axes of x are one axis of rows here.
// A weight that changes in every step is read plain (the matrix product packs it in passing, which costs the
// same); one that does not is packed once, in the form that oneDNN likes best.
#include "kernels/cpu/onednn/linear.h"

#include "kernels/cpu/rows.h"
#include "ops/linear.h"

namespace ds::kernels::cpu {
namespace {

using dnnl::inner_product_forward;

Dims as_rows(const Dims& shape) { return {count(shape) / shape.back(), shape.back()}; }

Desc bias_desc(bool bias, const Dims& w) { return bias ? plain_desc({w[0]}) : Desc(); }

inner_product_forward::primitive_desc choose_forward(const Dims& x, const Desc& w, bool bias,
                                                     const dnnl::primitive_attr& attr) {
    const Dims shape = w.dims();
    return {{dnnl::prop_kind::forward_training, plain_desc(x), w, bias_desc(bias, shape), plain_desc({x[0], shape[0]})},
            attr,
            engine()};
}

std::unique_ptr<Kernel> make_linear(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    constexpr int in[] = {0, 1, 2};
    return make_linear_forward(r.in, std::span(in, r.in.size()), user_scratchpad(), why);
}

std::unique_ptr<Kernel> make_linear_dx(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    return refuse_on_error(why, [&]() -> std::unique_ptr<Kernel> {
        const dnnl::primitive_attr attr = user_scratchpad();
        const Desc dy = plain_desc(as_rows(r.in[0].shape)), w = plain_desc(r.in[1].shape),
                   dx = plain_desc(as_rows(r.out[0].shape));
        const dnnl::inner_product_backward_data::primitive_desc chosen(
            {dx, w, dy}, attr, engine(), choose_forward(as_rows(r.out[0].shape), w, false, attr));
        auto kernel =
            std::make_unique<PrimitiveKernel>(dnnl::inner_product_backward_data(chosen), chosen.scratchpad_desc());
        kernel->bind_input(DNNL_ARG_DIFF_DST, 0, dy);
        kernel->bind_input(DNNL_ARG_WEIGHTS, 1, w);
        kernel->bind_output(DNNL_ARG_DIFF_SRC, 0, dx);
        return kernel;
    });
}

std::unique_ptr<Kernel> make_linear_dw(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    return refuse_on_error(why, [&]() -> std::unique_ptr<Kernel> {
        const dnnl::primitive_attr attr = user_scratchpad();
        const bool bias = r.as<LinearDwAttrs>().bias;
        const Dims rows = as_rows(r.in[0].shape);
        const Desc x = plain_desc(rows), dy = plain_desc(as_rows(r.in[1].shape)), dw = plain_desc(r.out[0].shape);
        const dnnl::inner_product_backward_weights::primitive_desc chosen(
            {x, dw, bias_desc(bias, r.out[0].shape), dy}, attr, engine(), choose_forward(rows, dw, bias, attr));
        auto kernel =
            std::make_unique<PrimitiveKernel>(dnnl::inner_product_backward_weights(chosen), chosen.scratchpad_desc());
        kernel->bind_input(DNNL_ARG_SRC, 0, x);
        kernel->bind_input(DNNL_ARG_DIFF_DST, 1, dy);
        kernel->bind_output(DNNL_ARG_DIFF_WEIGHTS, 0, dw);
        if (bias) kernel->bind_output(DNNL_ARG_DIFF_BIAS, 1, chosen.diff_bias_desc());
        kernel->keep_unused(r.out);
        return kernel;
    });
}

} // namespace

std::unique_ptr<PrimitiveKernel> make_linear_forward(std::span<const Operand> inputs, std::span<const int> in,
                                                     const dnnl::primitive_attr& attr, std::string& why) {
    return refuse_on_error(why, [&] {
        const Operand &x = inputs[size_t(in[0])], &w = inputs[size_t(in[1])];
        const Desc plain = plain_desc(w.shape);
        const bool bias = in.size() == 3;
        const auto chosen = choose_forward(as_rows(x.shape), w.constant ? any_desc(w.shape) : plain, bias, attr);
        auto kernel = std::make_unique<PrimitiveKernel>(inner_product_forward(chosen), chosen.scratchpad_desc());
        kernel->bind_input(DNNL_ARG_SRC, in[0], chosen.src_desc());
        kernel->bind_packed(DNNL_ARG_WEIGHTS, in[1], plain, chosen.weights_desc());
        if (bias) kernel->bind_input(DNNL_ARG_BIAS, in[2], chosen.bias_desc());
        kernel->bind_output(DNNL_ARG_DST, 0, chosen.dst_desc());
        return kernel;
    });
}

void add_linear(Registry& registry) {
    registry.add({"linear", "cpu.onednn.linear", make_linear});
    registry.add({"linear_dx", "cpu.onednn.linear_dx", make_linear_dx});
    registry.add({"linear_dw", "cpu.onednn.linear_dw", make_linear_dw});
}

} // namespace ds::kernels::cpu
