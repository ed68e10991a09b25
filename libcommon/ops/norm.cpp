#include "ops/norm.h"

#include "ops/axes.h"
#include "ops/emit.h"
#include "ops/families.h"
#include "ops/shape_ops.h"

namespace ds {
namespace {

void require_vectors(const InferArgs& a, size_t from, const Dim& size) {
    for (size_t i = from; i < a.in.size(); ++i)
        if (!(a.in[i] == Type{a.in[0].dtype, {size}}))
            a.refuse("operand " + std::to_string(i) + " is " + text(a.in[i]) + " and should be " +
                     text(Type{a.in[0].dtype, {size}}));
}

Dim channels(const InferArgs& a, size_t operand = 0) {
    a.require(a.in[operand].shape.size() >= 2 && is_float(a.in[operand].dtype),
              "takes a floating-point value [N,C,...]");
    return a.in[operand].shape[1];
}

Dim width(const InferArgs& a) {
    a.require(!a.in[0].shape.empty() && is_float(a.in[0].dtype), "takes a floating-point value [...,C]");
    return a.in[0].shape.back();
}

Type without_last(Type type) {
    type.shape.pop_back();
    return type;
}

std::vector<Type> infer_batch_norm(const InferArgs& a) {
    require_vectors(a, 1, channels(a));
    return {a.in[0]};
}

std::vector<Type> infer_batch_norm_train(const InferArgs& a) {
    const Type vector{a.in[0].dtype, {channels(a)}};
    require_vectors(a, 1, channels(a));
    return {a.in[0], vector, vector, vector, vector};
}

std::vector<Type> infer_batch_norm_dx(const InferArgs& a) {
    a.require(a.in[0] == a.in[1], "dy and x have one type");
    require_vectors(a, 2, channels(a));
    const Type vector{a.in[0].dtype, {channels(a)}};
    return {a.in[0], vector, vector};
}

void take(GradientArgs& a, const std::vector<ValueId>& gradients) {
    for (size_t i = 0; i < gradients.size(); ++i) a.din[i] = gradients[i];
}

void gradient_batch_norm_train(GradientArgs& a) {
    if (a.dout[0] == no_value) return;
    take(a, a.g.emit("batch_norm_dx", attrs_of(NoAttrs{}), {a.dout[0], a.in[0], a.in[1], a.out[1], a.out[2]}));
}

/// Frozen statistics: the norm is an affine function of x.
void gradient_batch_norm(GradientArgs& a) {
    Emitter& g = a.g;
    const Type x = g.type(a.in[0]);
    Shape vector(x.shape.size(), 1);
    vector[1] = x.shape[1];
    std::vector<int64_t> others;
    for (size_t i = 0; i < x.shape.size(); ++i)
        if (i != 1) others.push_back(int64_t(i));
    const ValueId rstd = unary(g, UnaryKind::rsqrt, affine(g, a.in[4], 1, a.as<BatchNormAttrs>().eps));
    if (a.needs[0]) a.din[0] = mul(g, a.dout[0], reshape(g, mul(g, a.in[1], rstd), vector));
    if (a.needs[1]) {
        const ValueId centred = sub(g, a.in[0], reshape(g, a.in[3], vector));
        const ValueId normal = mul(g, centred, reshape(g, rstd, vector));
        a.din[1] = sum(g, mul(g, a.dout[0], normal), others);
    }
    if (a.needs[2]) a.din[2] = sum(g, a.dout[0], others);
}

std::vector<Type> infer_layer_norm(const InferArgs& a) {
    require_vectors(a, 1, width(a));
    return {a.in[0], without_last(a.in[0]), without_last(a.in[0])};
}

std::vector<Type> infer_rms_norm(const InferArgs& a) {
    require_vectors(a, 1, width(a));
    return {a.in[0], without_last(a.in[0])};
}

void gradient_layer_norm(GradientArgs& a) {
    if (a.dout[0] == no_value) return;
    take(a, a.g.emit("layer_norm_dx", attrs_of(NoAttrs{}), {a.dout[0], a.in[0], a.in[1], a.out[1], a.out[2]}));
}

void gradient_rms_norm(GradientArgs& a) {
    if (a.dout[0] == no_value) return;
    take(a, a.g.emit("rms_norm_dx", attrs_of(NoAttrs{}), {a.dout[0], a.in[0], a.in[1], a.out[1]}));
}

void require_rows(const InferArgs& a, size_t from) {
    a.require(a.in[0] == a.in[1], "dy and x have one type");
    a.require(a.in[2] == Type{a.in[0].dtype, {width(a)}}, "scale has one element for each feature");
    for (size_t i = from; i < a.in.size(); ++i)
        a.require(a.in[i] == without_last(a.in[0]), "statistics have one element for each row");
}

std::vector<Type> infer_layer_norm_dx(const InferArgs& a) {
    require_rows(a, 3);
    return {a.in[0], a.in[2], a.in[2]};
}

std::vector<Type> infer_rms_norm_dx(const InferArgs& a) {
    require_rows(a, 3);
    return {a.in[0], a.in[2]};
}

Type group_statistics(const InferArgs& a) {
    const int64_t groups = a.as<GroupNormAttrs>().groups;
    const Dim c = channels(a);
    a.require(groups > 0 && c.known() && c.value() % groups == 0, "groups divide the channels");
    return {a.in[0].dtype, {a.in[0].shape[0], groups}};
}

std::vector<Type> infer_group_norm(const InferArgs& a) {
    const Type statistics = group_statistics(a);
    require_vectors(a, 1, channels(a));
    return {a.in[0], statistics, statistics};
}

void gradient_group_norm(GradientArgs& a) {
    if (a.dout[0] == no_value) return;
    take(a, a.g.emit("group_norm_dx", a.attrs, {a.dout[0], a.in[0], a.in[1], a.out[1], a.out[2]}));
}

std::vector<Type> infer_group_norm_dx(const InferArgs& a) {
    a.require(a.in[0] == a.in[1], "dy and x have one type");
    const Type vector{a.in[0].dtype, {channels(a)}}, statistics = group_statistics(a);
    a.require(a.in[2] == vector && a.in[3] == statistics && a.in[4] == statistics,
              "scale is per channel, statistics per sample and group");
    return {a.in[0], vector, vector};
}

std::vector<Type> infer_softmax(const InferArgs& a) {
    const int64_t axis = a.as<AxisAttrs>().axis;
    a.require(is_float(a.in[0].dtype) && axis >= 0 && size_t(axis) < a.in[0].shape.size(),
              "takes a floating-point value and one of its axes");
    return {a.in[0]};
}

std::vector<Type> infer_softmax_dx(const InferArgs& a) {
    a.require(a.in[0] == a.in[1], "dy and y have one type");
    return infer_softmax(a);
}

void gradient_softmax(GradientArgs& a) { a.din[0] = a.g.emit1("softmax_dx", a.attrs, {a.dout[0], a.out[0]}); }

/// About that many floating-point operations for each element of the first input.
template <int per_element>
double flops_of(const CostArgs& a) {
    return per_element * double(count(dims(a.in[0].shape)));
}

/// Channels stay apart: axis 1 of [N,C,...], the only axis of vectors. `apart`: so do all other axes.
Flows channel_axes(const CostArgs& a, bool apart) {
    FlowWriter flows(a);
    for (size_t o = 0; o < a.out.size(); ++o) {
        const size_t to = a.out[o].shape.size() > 1 ? 1 : 0;
        for (size_t input = 0; input < flows.inputs(); ++input) {
            const size_t axis = flows.rank(input) > 1 ? 1 : 0;
            if (apart && axis == 1) flows.keep_range(o, input, 0, flows.rank(input), 0);
            flows.keep(o, input, axis, to);
        }
    }
    return flows.take();
}

Flows axes_batch_norm(const CostArgs& a) { return channel_axes(a, true); }
Flows axes_batch_norm_train(const CostArgs& a) { return channel_axes(a, false); }

Flows axes_batch_norm_dx(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t o = 0; o < 3; ++o)
        for (size_t input = 0; input < 5; ++input) flows.keep(o, input, input < 2 ? 1 : 0, o == 0 ? 1 : 0);
    for (size_t o : {1u, 2u}) // dscale and dbias
        for (size_t d = 0; d < flows.rank(0); ++d)
            for (size_t input : {0u, 1u})
                if (d != 1) flows.sum(o, input, d, d);
    return flows.take();
}

/// Rows stay apart: all axes but the last of operands that have them.
Flows axes_row_norm(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t o = 0; o < a.out.size(); ++o) flows.keep_range(o, 0, 0, flows.rank(0) - 1, 0);
    return flows.take();
}

/// Gradients of the vectors are sums over rows; features stay apart in them. Operand 2 is the scale.
Flows axes_row_norm_dx(const CostArgs& a) {
    FlowWriter flows(a);
    const size_t last = flows.rank(0) - 1;
    for (size_t o = 0; o < a.out.size(); ++o)
        for (size_t input = 0; input < flows.inputs(); ++input) {
            for (size_t d = 0; d < last && input != 2; ++d) {
                if (o == 0) flows.keep(o, input, d, d);
                else flows.sum(o, input, d, d);
            }
            if (o > 0 && input < 3) flows.keep(o, input, input == 2 ? 0 : last, 0);
        }
    return flows.take();
}

/// Samples stay apart.
Flows axes_group_norm(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t o = 0; o < a.out.size(); ++o) flows.keep(o, 0, 0, 0);
    return flows.take();
}

Flows axes_group_norm_dx(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t input : {0u, 1u, 3u, 4u}) {
        flows.keep(0, input, 0, 0);
        for (size_t o : {1u, 2u}) flows.sum(o, input, 0, 0);
    }
    return flows.take();
}

Flows axes_softmax(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t input = 0; input < flows.inputs(); ++input)
        for (size_t d = 0; d < flows.rank(input); ++d)
            if (d != size_t(a.as<AxisAttrs>().axis)) flows.keep(0, input, d, d);
    return flows.take();
}

const OpRow rows[] = {
    {"batch_norm", "normalisation by running statistics", 5, 5, make_default<BatchNormAttrs>, infer_batch_norm,
     axes_batch_norm, gradient_batch_norm, flops_of<2>},
    {"batch_norm_train", "normalisation by the batch's statistics", 5, 5, make_default<BatchNormAttrs>,
     infer_batch_norm_train, axes_batch_norm_train, gradient_batch_norm_train, flops_of<7>},
    {"batch_norm_dx", "gradients of batch_norm_train", 5, 5, make_default<NoAttrs>, infer_batch_norm_dx,
     axes_batch_norm_dx, nullptr, flops_of<11>},
    {"layer_norm", "normalisation of each row", 3, 3, make_default<RowNormAttrs>, infer_layer_norm, axes_row_norm,
     gradient_layer_norm, flops_of<8>},
    {"layer_norm_dx", "gradients of layer_norm", 5, 5, make_default<NoAttrs>, infer_layer_norm_dx, axes_row_norm_dx,
     nullptr, flops_of<12>},
    {"rms_norm", "division of each row by its root mean square", 2, 2, make_default<RowNormAttrs>, infer_rms_norm,
     axes_row_norm, gradient_rms_norm, flops_of<4>},
    {"rms_norm_dx", "gradients of rms_norm", 4, 4, make_default<NoAttrs>, infer_rms_norm_dx, axes_row_norm_dx, nullptr,
     flops_of<10>},
    {"group_norm", "normalisation of each group of channels", 3, 3, make_default<GroupNormAttrs>, infer_group_norm,
     axes_group_norm, gradient_group_norm, flops_of<8>},
    {"group_norm_dx", "gradients of group_norm", 5, 5, make_default<GroupNormAttrs>, infer_group_norm_dx,
     axes_group_norm_dx, nullptr, flops_of<12>},
    {"softmax", "exponentials that sum to one along an axis", 1, 1, make_default<AxisAttrs>, infer_softmax,
     axes_softmax, gradient_softmax, flops_of<5>},
    {"softmax_dx", "gradient of softmax", 2, 2, make_default<AxisAttrs>, infer_softmax_dx, axes_softmax, nullptr,
     flops_of<4>},
};

} // namespace

std::span<const OpRow> norm_ops() { return rows; }

} // namespace ds
