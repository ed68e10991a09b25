// conv2d, conv2d_dx and conv2d_dw by oneDNN: rows for Winograd's algorithm and for direct sums. oneDNN chooses the
// layouts of activations and weights. Layouts that tensor/ cannot express, and choices that would end in oneDNN's plain
// loops, are replaced by the next best.
#include "kernels/cpu/onednn/conv.h"

#include <string_view>

#include "kernels/cpu/rows.h"

namespace ds::kernels::cpu {
namespace {

using dnnl::algorithm;

/// What is asked of oneDNN: the layouts of x and y (or dx and dy), nothing: any.
struct Wish {
    algorithm alg = algorithm::convolution_direct;
    std::optional<Layout> x, y;
};

constexpr Layout plain, block16{Format::blocked, 16}, block8{Format::blocked, 8};

Desc wished(const Dims& shape, const std::optional<Layout>& layout) {
    return layout ? desc(shape, *layout) : any_desc(shape);
}

/// Whether Winograd's algorithm (Lavin and Gray 2016) is worth asking for: less than half of the multiplications. Its
/// rounding errors are about five times those of the direct sum; with fewer channels the transforms eat the gain.
bool suits_winograd(const ConvCase& c) {
    return c.w.size() == 4 && c.w[2] == 3 && c.w[3] == 3 && c.stride == Dims{1, 1} && c.dilation == Dims{0, 0} &&
           c.w[0] >= 32 && c.w[1] >= 32;
}

/// Wishes, best first. Whether Winograd's algorithm pays for these sizes on this machine is oneDNN's choice.
std::vector<Wish> wishes(ConvSum sum) {
    if (sum == ConvSum::winograd) return {{algorithm::convolution_auto, block16, block16}};
    const algorithm direct = algorithm::convolution_direct;
    return {{direct, {}, {}},         {direct, block16, block16}, {direct, block8, block8},
            {direct, plain, block16}, {direct, plain, block8},    {direct, plain, plain}};
}

Desc bias_desc(const ConvCase& c) { return c.bias ? plain_desc({c.y[1]}) : Desc(); }

dnnl::convolution_forward::primitive_desc choose_forward(const ConvCase& c, const Wish& wish,
                                                         const dnnl::primitive_attr& attr) {
    return {{dnnl::prop_kind::forward_training, wish.alg, wished(c.x, wish.x), any_desc(c.w), bias_desc(c),
             wished(c.y, wish.y), c.stride, c.dilation, c.pad_begin, c.pad_end},
            attr,
            engine()};
}

/// Whether the choice is what was wished for, not oneDNN's plain loops, and in layouts that can be expressed.
bool acceptable(const Wish& wish, const dnnl::primitive_desc_base& chosen, const Desc& x, const Desc& y) {
    const std::string_view name = chosen.impl_info_str();
    if (wish.alg == algorithm::convolution_auto && name.find("wino") == name.npos) return false;
    return !is_reference(chosen) && layout_of(x) && layout_of(y);
}

std::unique_ptr<PrimitiveKernel> forward_kernel(const ConvCase& c, const Wish& wish, std::span<const int> in,
                                                size_t inputs, const dnnl::primitive_attr& attr) {
    const auto chosen = choose_forward(c, wish, attr);
    if (!acceptable(wish, chosen, chosen.src_desc(), chosen.dst_desc())) return nullptr;
    auto kernel = std::make_unique<PrimitiveKernel>(dnnl::convolution_forward(chosen), chosen.scratchpad_desc());
    kernel->bind_input(DNNL_ARG_SRC, in[0], chosen.src_desc());
    kernel->bind_packed(DNNL_ARG_WEIGHTS, in[1], plain_desc(c.w), chosen.weights_desc());
    if (c.bias) kernel->bind_input(DNNL_ARG_BIAS, in[2], chosen.bias_desc());
    kernel->bind_output(DNNL_ARG_DST, 0, chosen.dst_desc());
    kernel->in_layout.resize(inputs);
    kernel->in_layout[size_t(in[0])] = *layout_of(chosen.src_desc());
    kernel->out_layout = {*layout_of(chosen.dst_desc())};
    return kernel;
}

std::unique_ptr<PrimitiveKernel> dx_kernel(const ConvCase& c, const Wish& wish) {
    const dnnl::primitive_attr attr = user_scratchpad();
    const dnnl::convolution_backward_data::primitive_desc chosen({wish.alg, wished(c.x, wish.x), any_desc(c.w),
                                                                  wished(c.y, wish.y), c.stride, c.dilation,
                                                                  c.pad_begin, c.pad_end},
                                                                 attr, engine(), choose_forward(c, wish, attr));
    if (!acceptable(wish, chosen, chosen.diff_src_desc(), chosen.diff_dst_desc())) return nullptr;
    auto kernel = std::make_unique<PrimitiveKernel>(dnnl::convolution_backward_data(chosen), chosen.scratchpad_desc());
    kernel->bind_input(DNNL_ARG_DIFF_DST, 0, chosen.diff_dst_desc());
    kernel->bind_packed(DNNL_ARG_WEIGHTS, 1, plain_desc(c.w), chosen.weights_desc());
    kernel->bind_output(DNNL_ARG_DIFF_SRC, 0, chosen.diff_src_desc());
    kernel->in_layout = {*layout_of(chosen.diff_dst_desc()), plain};
    kernel->out_layout = {*layout_of(chosen.diff_src_desc())};
    return kernel;
}

std::unique_ptr<PrimitiveKernel> dw_kernel(const ConvCase& c, const Wish& wish) {
    const dnnl::primitive_attr attr = user_scratchpad();
    const dnnl::convolution_backward_weights::primitive_desc chosen({wish.alg, wished(c.x, wish.x), any_desc(c.w),
                                                                     bias_desc(c), wished(c.y, wish.y), c.stride,
                                                                     c.dilation, c.pad_begin, c.pad_end},
                                                                    attr, engine(), choose_forward(c, wish, attr));
    if (!acceptable(wish, chosen, chosen.src_desc(), chosen.diff_dst_desc())) return nullptr;
    auto kernel =
        std::make_unique<PrimitiveKernel>(dnnl::convolution_backward_weights(chosen), chosen.scratchpad_desc());
    kernel->bind_input(DNNL_ARG_SRC, 0, chosen.src_desc());
    kernel->bind_input(DNNL_ARG_DIFF_DST, 1, chosen.diff_dst_desc());
    kernel->bind_unpacked(DNNL_ARG_DIFF_WEIGHTS, 0, chosen.diff_weights_desc(), plain_desc(c.w));
    if (c.bias) kernel->bind_output(DNNL_ARG_DIFF_BIAS, 1, chosen.diff_bias_desc());
    kernel->in_layout = {*layout_of(chosen.src_desc()), *layout_of(chosen.diff_dst_desc())};
    kernel->out_layout.resize(c.bias ? 2 : 1);
    return kernel;
}

/// The kernel of the first wish that oneDNN fulfils.
template <class MakeKernel>
std::unique_ptr<PrimitiveKernel> first_of_wishes(const ConvCase& c, ConvSum sum, std::string& why,
                                                 const MakeKernel& make) {
    const bool winograd = sum == ConvSum::winograd;
    if (winograd && !suits_winograd(c)) {
        why = "is for 3x3 taps, stride 1, no groups and at least 32 channels";
        return nullptr;
    }
    for (const Wish& wish : wishes(sum)) {
        std::string reason;
        std::unique_ptr<PrimitiveKernel> kernel = refuse_on_error(reason, [&] { return make(wish); });
        if (kernel) return kernel;
    }
    why = winograd ? "oneDNN does not take Winograd's algorithm for these sizes, or without AVX-512"
                   : "oneDNN has only plain loops for this case";
    return nullptr;
}

template <ConvSum sum>
std::unique_ptr<Kernel> make_conv2d(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    constexpr int in[] = {0, 1, 2};
    const bool bias = r.in.size() == 3;
    return make_conv_forward(conv_case(r.as<ConvAttrs>(), r.in[0].shape, r.in[1].shape, r.out[0].shape, bias), in,
                             r.in.size(), user_scratchpad(), sum, why);
}

template <ConvSum sum>
std::unique_ptr<Kernel> make_conv2d_dx(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    const ConvCase c = conv_case(r.as<ConvGradAttrs>().conv, r.out[0].shape, r.in[1].shape, r.in[0].shape, false);
    return first_of_wishes(c, sum, why, [&](const Wish& wish) { return dx_kernel(c, wish); });
}

template <ConvSum sum>
std::unique_ptr<Kernel> make_conv2d_dw(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    const ConvGradAttrs& attrs = r.as<ConvGradAttrs>();
    const ConvCase c = conv_case(attrs.conv, r.in[0].shape, r.out[0].shape, r.in[1].shape, attrs.bias);
    std::unique_ptr<PrimitiveKernel> kernel =
        first_of_wishes(c, sum, why, [&](const Wish& wish) { return dw_kernel(c, wish); });
    if (kernel) kernel->keep_unused(r.out);
    return kernel;
}

} // namespace

ConvCase conv_case(const ConvAttrs& a, const Dims& x, const Dims& w, const Dims& y, bool bias) {
    const Dims grouped{a.groups, w[0] / a.groups, w[1], w[2], w[3]};
    return {x,
            a.groups == 1 ? w : grouped,
            y,
            a.stride,
            {a.dilation[0] - 1, a.dilation[1] - 1},
            {a.pad[0], a.pad[1]},
            {a.pad[2], a.pad[3]},
            bias};
}

std::unique_ptr<PrimitiveKernel> make_conv_forward(const ConvCase& c, std::span<const int> in, size_t inputs,
                                                   const dnnl::primitive_attr& attr, ConvSum sum, std::string& why) {
    return first_of_wishes(c, sum, why, [&](const Wish& wish) { return forward_kernel(c, wish, in, inputs, attr); });
}

void add_conv(Registry& registry) {
    using enum ConvSum;
    registry.add({"conv2d", "cpu.onednn.conv2d.winograd", make_conv2d<winograd>, true});
    registry.add({"conv2d", "cpu.onednn.conv2d", make_conv2d<direct>});
    registry.add({"conv2d_dx", "cpu.onednn.conv2d_dx.winograd", make_conv2d_dx<winograd>, true});
    registry.add({"conv2d_dx", "cpu.onednn.conv2d_dx", make_conv2d_dx<direct>});
    registry.add({"conv2d_dw", "cpu.onednn.conv2d_dw.winograd", make_conv2d_dw<winograd>, true});
    registry.add({"conv2d_dw", "cpu.onednn.conv2d_dw", make_conv2d_dw<direct>});
}

} // namespace ds::kernels::cpu
