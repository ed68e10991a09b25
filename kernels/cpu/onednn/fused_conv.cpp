// The pattern "conv": conv2d or linear with its bias, then a residual added, then an activation, as one primitive
// with post-operations. The residual is added into y where y already is the residual's memory.
#include <algorithm>

#include "base/error.h"
#include "kernels/cpu/common.h"
#include "kernels/cpu/onednn/conv.h"
#include "kernels/cpu/onednn/linear.h"
#include "kernels/cpu/rows.h"
#include "ops/elementwise.h"

namespace ds::kernels::cpu {
namespace {

struct Activation {
    dnnl::algorithm alg = dnnl::algorithm::undef;
    float alpha = 0, beta = 0;
};

std::optional<Activation> activation(const UnaryAttrs& a) {
    using enum dnnl::algorithm;
    const float alpha = float(a.alpha), beta = float(a.beta);
    switch (a.kind) {
    case UnaryKind::relu: return Activation{eltwise_relu, 0, 0};
    case UnaryKind::leaky_relu: return Activation{eltwise_relu, alpha, 0};
    case UnaryKind::gelu: return Activation{eltwise_gelu_erf, 0, 0};
    case UnaryKind::gelu_tanh: return Activation{eltwise_gelu_tanh, 0, 0};
    case UnaryKind::silu: return Activation{eltwise_swish, 1, 0};
    case UnaryKind::sigmoid: return Activation{eltwise_logistic, 0, 0};
    case UnaryKind::tanh: return Activation{eltwise_tanh, 0, 0};
    case UnaryKind::clamp: return Activation{eltwise_clip, alpha, beta};
    default: return std::nullopt;
    }
}

/// The body's parts by role; indices are into Request::parts.
struct Body {
    const Part* main = nullptr;
    std::optional<int> residual; // the input that is added
    std::optional<Activation> unary;
};

/// Recognises main, add?, unary? in a chain with one result; fills `why` otherwise.
std::optional<Body> recognise(const Request& r, std::string& why) {
    const int inputs = int(r.in.size());
    Body body;
    int value = -1; // the end of the chain so far
    for (const Part& part : r.parts) {
        if (!body.main && (part.op == "conv2d" || part.op == "linear")) {
            body.main = &part;
        } else if (body.main && !body.residual && !body.unary && part.op == "binary" &&
                   static_cast<const BinaryAttrs*>(part.attrs)->kind == BinaryKind::add &&
                   (part.in[0] == value) != (part.in[1] == value)) {
            body.residual = part.in[0] == value ? part.in[1] : part.in[0];
        } else if (body.main && !body.unary && part.op == "unary" && part.in[0] == value) {
            body.unary = activation(*static_cast<const UnaryAttrs*>(part.attrs));
            if (!body.unary) why = "an activation that oneDNN lacks";
        } else {
            why = fmt::format("unexpected part {}", part.op);
        }
        value = part.out[0];
    }
    if (!body.main) why = "no convolution and no linear layer";
    if (why.empty() && (r.results.size() != 1 || r.results[0] != value)) why = "an inner value is used outside";
    if (why.empty() && body.residual &&
        (*body.residual >= inputs || r.in[size_t(*body.residual)].shape != r.out[0].shape))
        why = "the residual is no input of y's shape";
    if (why.empty() && body.residual && std::ranges::count(body.main->in, *body.residual) > 0)
        why = "the residual is the operand itself"; // y would overwrite it while it is read
    return why.empty() ? std::optional(body) : std::nullopt;
}

dnnl::primitive_attr post_operations(const Body& body) {
    dnnl::post_ops ops;
    if (body.residual) ops.append_sum(1.0f);
    if (body.unary) ops.append_eltwise(1.0f, body.unary->alg, body.unary->alpha, body.unary->beta);
    dnnl::primitive_attr attr = user_scratchpad();
    attr.set_post_ops(ops);
    return attr;
}

std::unique_ptr<PrimitiveKernel> make_main(const Request& r, const Body& body, ConvSum sum, std::string& why) {
    const std::vector<int>& in = body.main->in;
    const bool linear = body.main->op == "linear";
    if (linear && sum == ConvSum::winograd) return refuse(why, "is for convolutions"), nullptr;
    if (linear) return make_linear_forward(r.in, in, post_operations(body), why);
    const ConvCase c = conv_case(*static_cast<const ConvAttrs*>(body.main->attrs), r.in[size_t(in[0])].shape,
                                 r.in[size_t(in[1])].shape, r.out[0].shape, in.size() == 3);
    return make_conv_forward(c, in, r.in.size(), post_operations(body), sum, why);
}

template <ConvSum sum>
std::unique_ptr<Kernel> make_fused_conv(const Request& r, std::string& why) {
    if (!takes(r, why)) return nullptr;
    const std::optional<Body> body = recognise(r, why);
    if (!body) return nullptr;
    std::unique_ptr<PrimitiveKernel> kernel = make_main(r, *body, sum, why);
    if (!kernel) return nullptr;
    if (body->residual) {
        const size_t residual = size_t(*body->residual);
        const Layout y = kernel->out_layout.empty() ? Layout{} : kernel->out_layout[0];
        if (!kernel->in_layout.empty()) kernel->in_layout[residual] = y;
        kernel->accumulate(*body->residual, 0, size_t(bytes(DType::f32, r.out[0].shape, y)));
    }
    return kernel;
}

} // namespace

void add_fused_conv(Registry& registry) {
    using enum ConvSum;
    registry.add({"fused/conv", "cpu.onednn.fused_conv.winograd", make_fused_conv<winograd>, true});
    registry.add({"fused/conv", "cpu.onednn.fused_conv", make_fused_conv<direct>});
}

} // namespace ds::kernels::cpu
