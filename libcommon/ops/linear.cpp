#include "ops/linear.h"

#include "ops/axes.h"
#include "ops/emit.h"
#include "ops/families.h"

namespace ds {
namespace {

double elements(const Type& type) { return double(count(dims(type.shape))); }

void require_one_float(const InferArgs& a) {
    for (const Type& type : a.in)
        a.require(is_float(type.dtype) && type.dtype == a.in[0].dtype, "operands have one floating-point dtype");
}

Shape with_last(Shape shape, const Dim& last) {
    shape.back() = last;
    return shape;
}

std::vector<Type> infer_matmul(const InferArgs& a) {
    require_one_float(a);
    const auto& attrs = a.as<MatmulAttrs>();
    Shape x = a.in[0].shape, y = a.in[1].shape;
    a.require(x.size() >= 2 && y.size() >= 2, "operands have two axes or more");
    if (attrs.ta) std::swap(x[x.size() - 1], x[x.size() - 2]);
    if (attrs.tb) std::swap(y[y.size() - 1], y[y.size() - 2]);
    if (!(x.back() == y[y.size() - 2]))
        a.refuse("inner sizes " + x.back().text() + " and " + y[y.size() - 2].text() + " differ");
    Shape out = broadcast_shapes(a, Shape(x.begin(), x.end() - 2), Shape(y.begin(), y.end() - 2));
    out.push_back(x[x.size() - 2]);
    out.push_back(y.back());
    return {{a.in[0].dtype, out}};
}

ValueId product(Emitter& g, ValueId a, bool ta, ValueId b, bool tb) {
    MatmulAttrs attrs;
    attrs.ta = ta;
    attrs.tb = tb;
    return g.emit1("matmul", attrs_of(attrs), {a, b});
}

/// With A = op(a) and B = op(b): dA = dY B^T and dB = A^T dY, transposed back where the operand is.
void gradient_matmul(GradientArgs& a) {
    const auto& attrs = a.as<MatmulAttrs>();
    const ValueId dy = a.dout[0], x = a.in[0], y = a.in[1];
    if (a.needs[0]) {
        const ValueId dx = attrs.ta ? product(a.g, y, attrs.tb, dy, true) : product(a.g, dy, false, y, !attrs.tb);
        a.din[0] = sum_to_shape(a.g, dx, a.g.type(x).shape);
    }
    if (a.needs[1]) {
        const ValueId d = attrs.tb ? product(a.g, dy, true, x, attrs.ta) : product(a.g, x, !attrs.ta, dy, false);
        a.din[1] = sum_to_shape(a.g, d, a.g.type(y).shape);
    }
}

double flops_matmul(const CostArgs& a) {
    const Shape& x = a.in[0].shape;
    const Dim inner = a.as<MatmulAttrs>().ta ? x[x.size() - 2] : x.back();
    return 2 * elements(a.out[0]) * double(inner.value());
}

std::vector<Type> infer_linear(const InferArgs& a) {
    require_one_float(a);
    const Shape &x = a.in[0].shape, &w = a.in[1].shape;
    a.require(!x.empty() && w.size() == 2, "x has an axis and w has two");
    if (!(x.back() == w[1])) a.refuse("x has " + x.back().text() + " features and w takes " + w[1].text());
    if (a.in.size() > 2) a.require(a.in[2].shape == Shape{w[0]}, "the bias has one element for each output");
    return {{a.in[0].dtype, with_last(x, w[0])}};
}

void gradient_linear(GradientArgs& a) {
    if (a.needs[0]) a.din[0] = a.g.emit1("linear_dx", attrs_of(NoAttrs{}), {a.dout[0], a.in[1]});
    LinearDwAttrs attrs;
    attrs.bias = a.in.size() > 2 && a.needs[2];
    if (a.needs[1]) {
        const std::vector<ValueId> dw = a.g.emit("linear_dw", attrs_of(attrs), {a.in[0], a.dout[0]});
        a.din[1] = dw[0];
        if (attrs.bias) a.din[2] = dw[1];
    } else if (attrs.bias) {
        a.din[2] = sum_to_shape(a.g, a.dout[0], a.g.type(a.in[2]).shape);
    }
}

double flops_linear(const CostArgs& a) { return 2 * elements(a.out[0]) * double(a.in[0].shape.back().value()); }

std::vector<Type> infer_linear_dx(const InferArgs& a) {
    require_one_float(a);
    const Shape &dy = a.in[0].shape, &w = a.in[1].shape;
    a.require(!dy.empty() && w.size() == 2 && dy.back() == w[0], "dy's features are w's outputs");
    return {{a.in[0].dtype, with_last(dy, w[1])}};
}

std::vector<Type> infer_linear_dw(const InferArgs& a) {
    require_one_float(a);
    const Shape &x = a.in[0].shape, &dy = a.in[1].shape;
    const bool same_rows = !x.empty() && x.size() == dy.size() && std::equal(x.begin(), x.end() - 1, dy.begin());
    a.require(same_rows, "x and dy have the same rows");
    std::vector<Type> out{{a.in[0].dtype, {dy.back(), x.back()}}};
    if (a.as<LinearDwAttrs>().bias) out.push_back({a.in[0].dtype, {dy.back()}});
    return out;
}

double flops_linear_dw(const CostArgs& a) { return 2 * elements(a.in[1]) * double(a.in[0].shape.back().value()); }

Flows axes_matmul(const CostArgs& a) {
    const auto& attrs = a.as<MatmulAttrs>();
    FlowWriter flows(a);
    const size_t rank = a.out[0].shape.size();
    for (size_t input : {0u, 1u}) {
        const Shape& shape = a.in[input].shape;
        const size_t own = shape.size();
        for (size_t d = 0; d + 2 < own; ++d)
            if (shape[d] == a.out[0].shape[d + rank - own]) flows.keep(0, input, d, d + rank - own);
        const bool rows_last = input == 0 ? attrs.ta : !attrs.tb; // where the axis is that the output has
        flows.keep(0, input, rows_last ? own - 1 : own - 2, input == 0 ? rank - 2 : rank - 1);
        flows.sum(0, input, rows_last ? own - 2 : own - 1, 0);
    }
    return flows.take();
}

Flows axes_linear(const CostArgs& a) {
    FlowWriter flows(a);
    const size_t last = flows.rank(0) - 1;
    flows.keep_range(0, 0, 0, last, 0);
    flows.sum(0, 0, last, 0);
    flows.sum(0, 1, 1, 0);
    for (size_t input = 1; input < flows.inputs(); ++input) flows.keep(0, input, 0, last);
    return flows.take();
}

Flows axes_linear_dx(const CostArgs& a) {
    FlowWriter flows(a);
    const size_t last = flows.rank(0) - 1;
    flows.keep_range(0, 0, 0, last, 0);
    flows.sum(0, 0, last, 0);
    flows.sum(0, 1, 0, 0);
    flows.keep(0, 1, 1, last);
    return flows.take();
}

Flows axes_linear_dw(const CostArgs& a) {
    FlowWriter flows(a);
    const size_t last = flows.rank(0) - 1;
    for (size_t o = 0; o < a.out.size(); ++o) {
        for (size_t d = 0; d < last; ++d)
            for (size_t input : {0u, 1u}) flows.sum(o, input, d, d);
        flows.keep(o, 1, last, 0);
    }
    flows.keep(0, 0, last, 1);
    return flows.take();
}

const OpRow rows[] = {
    {"matmul", "batched matrix product", 2, 2, make_default<MatmulAttrs>, infer_matmul, axes_matmul, gradient_matmul,
     flops_matmul},
    {"linear", "x w^T + b over the last axis", 2, 3, make_default<NoAttrs>, infer_linear, axes_linear, gradient_linear,
     flops_linear},
    {"linear_dx", "gradient of linear's input", 2, 2, make_default<NoAttrs>, infer_linear_dx, axes_linear_dx, nullptr,
     flops_linear},
    {"linear_dw", "gradient of linear's weight, and bias", 2, 2, make_default<LinearDwAttrs>, infer_linear_dw,
     axes_linear_dw, nullptr, flops_linear_dw},
};

} // namespace

std::span<const OpRow> linear_ops() { return rows; }

} // namespace ds
