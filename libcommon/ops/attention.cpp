#include "ops/attention.h"

#include "ops/axes.h"
#include "ops/families.h"

namespace ds {
namespace {

struct Sizes {
    Dim n, t, h, s;
};

Sizes check(const InferArgs& a, const Type& q, const Type& k, const Type& v) {
    a.require(q.shape.size() == 4 && k.shape.size() == 4 && v.shape.size() == 4 && is_float(q.dtype),
              "q, k and v are floating-point [N,T,heads,D]");
    a.require(k == v && q.dtype == k.dtype, "k and v have one type");
    a.require(q.shape[0] == k.shape[0] && q.shape[3] == k.shape[3], "q and k agree in samples and head width");
    const Dim h = q.shape[2], g = k.shape[2];
    a.require(h == g || (h.known() && g.known() && g.value() > 0 && h.value() % g.value() == 0),
              "key heads divide query heads");
    return {q.shape[0], q.shape[1], h, k.shape[1]};
}

void check_mask(const InferArgs& a, const Type& mask, const Sizes& size) {
    const Shape scores{size.n, size.h, size.t, size.s};
    a.require(mask.dtype == DType::boolean && broadcast_shapes(a, mask.shape, scores) == scores,
              "the mask is bool and broadcasts to [N,heads,T,S]");
}

std::vector<Type> infer_attention(const InferArgs& a) {
    const Sizes size = check(a, a.in[0], a.in[1], a.in[2]);
    if (a.in.size() > 3) check_mask(a, a.in[3], size);
    return {a.in[0], {a.in[0].dtype, {size.n, size.h, size.t}}};
}

void gradient_attention(GradientArgs& a) {
    if (a.dout[0] == no_value) return;
    std::vector<ValueId> in{a.dout[0], a.in[0], a.in[1], a.in[2], a.out[0], a.out[1]};
    if (a.in.size() > 3) in.push_back(a.in[3]);
    const std::vector<ValueId> d = a.g.emit("attention_dx", a.attrs, in);
    for (size_t i = 0; i < 3; ++i) a.din[i] = d[i];
}

std::vector<Type> infer_attention_dx(const InferArgs& a) {
    const Sizes size = check(a, a.in[1], a.in[2], a.in[3]);
    a.require(a.in[0] == a.in[1] && a.in[4] == a.in[1], "dy and y have q's type");
    a.require(a.in[5] == Type{a.in[1].dtype, {size.n, size.h, size.t}}, "lse is [N,heads,T]");
    if (a.in.size() > 6) check_mask(a, a.in[6], size);
    return {a.in[1], a.in[2], a.in[3]};
}

/// `products` matrix products of [T,D]x[D,S] for each head; a causal mask leaves about half.
double flops(const CostArgs& a, const Type& q, const Type& k, double products) {
    const double scores = double(count(dims(q.shape))) * double(k.shape[1].value());
    return products * 2 * scores * (a.as<AttentionAttrs>().causal ? 0.5 : 1);
}
double flops_forward(const CostArgs& a) { return flops(a, a.in[0], a.in[1], 2); }
double flops_backward(const CostArgs& a) { return flops(a, a.in[1], a.in[2], 5); }

/// Samples stay apart, and heads where each has a key of its own. `q`: where q, k and v begin.
void keep_samples_and_heads(const CostArgs& a, FlowWriter& flows, size_t q, size_t mask) {
    const bool heads = a.in[q].shape[2] == a.in[q + 1].shape[2];
    for (size_t o = 0; o < a.out.size(); ++o)
        for (size_t input = 0; input < flows.inputs() && input != mask; ++input) {
            const bool is_lse = flows.rank(input) == 3, to_lse = a.out[o].shape.size() == 3;
            flows.keep(o, input, 0, 0);
            if (heads) flows.keep(o, input, is_lse ? 1 : 2, to_lse ? 1 : 2);
        }
    if (mask >= flows.inputs()) return;
    const Shape& shape = a.in[mask].shape; // broadcasts to [N,H,T,S]
    for (size_t d = 0; d < shape.size(); ++d) {
        const size_t axis = d + 4 - shape.size();
        for (size_t o = 0; o < a.out.size(); ++o) {
            const bool to_lse = a.out[o].shape.size() == 3;
            if (axis == 0 && shape[d] == a.in[q].shape[0]) flows.keep(o, mask, d, 0);
            if (axis == 1 && heads && shape[d] == a.in[q].shape[2]) flows.keep(o, mask, d, to_lse ? 1 : 2);
        }
    }
}

Flows axes_attention(const CostArgs& a) {
    FlowWriter flows(a);
    keep_samples_and_heads(a, flows, 0, 3);
    flows.keep(0, 2, 3, 3); // what is averaged stays apart, and has no part in the scores
    return flows.take();
}

Flows axes_attention_dx(const CostArgs& a) {
    FlowWriter flows(a);
    keep_samples_and_heads(a, flows, 1, 6);
    return flows.take();
}

const OpRow rows[] = {
    {"attention", "softmax(q k^T scale) v for each head", 3, 4, make_default<AttentionAttrs>, infer_attention,
     axes_attention, gradient_attention, flops_forward},
    {"attention_dx", "gradients of attention", 6, 7, make_default<AttentionAttrs>, infer_attention_dx,
     axes_attention_dx, nullptr, flops_backward},
};

} // namespace

std::span<const OpRow> attention_ops() { return rows; }

} // namespace ds
