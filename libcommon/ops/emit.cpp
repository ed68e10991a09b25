#include "ops/emit.h"

namespace ds {

ValueId constant(Emitter& g, DType dtype, Shape shape, double value) {
    ConstantAttrs attrs;
    attrs.dtype = dtype;
    attrs.shape = std::move(shape);
    attrs.values = {value};
    return g.emit1("constant", attrs_of(attrs), {});
}

ValueId scalar(Emitter& g, DType dtype, double value) { return constant(g, dtype, {}, value); }

ValueId unary(Emitter& g, UnaryKind kind, ValueId x, double alpha, double beta) {
    UnaryAttrs attrs;
    attrs.kind = kind;
    attrs.alpha = alpha;
    attrs.beta = beta;
    return g.emit1("unary", attrs_of(attrs), {x});
}

ValueId binary(Emitter& g, BinaryKind kind, ValueId a, ValueId b) {
    BinaryAttrs attrs;
    attrs.kind = kind;
    return g.emit1("binary", attrs_of(attrs), {a, b});
}

ValueId add(Emitter& g, ValueId a, ValueId b) { return binary(g, BinaryKind::add, a, b); }
ValueId sub(Emitter& g, ValueId a, ValueId b) { return binary(g, BinaryKind::sub, a, b); }
ValueId mul(Emitter& g, ValueId a, ValueId b) { return binary(g, BinaryKind::mul, a, b); }
ValueId div(Emitter& g, ValueId a, ValueId b) { return binary(g, BinaryKind::div, a, b); }
ValueId neg(Emitter& g, ValueId x) { return unary(g, UnaryKind::neg, x); }
ValueId affine(Emitter& g, ValueId x, double alpha, double beta) { return unary(g, UnaryKind::affine, x, alpha, beta); }

ValueId cast(Emitter& g, ValueId x, DType dtype) {
    if (g.type(x).dtype == dtype) return x;
    CastAttrs attrs;
    attrs.dtype = dtype;
    return g.emit1("cast", attrs_of(attrs), {x});
}

ValueId select(Emitter& g, ValueId condition, ValueId a, ValueId b) {
    return g.emit1("select", attrs_of(NoAttrs{}), {condition, a, b});
}

ValueId reduce(Emitter& g, ReduceKind kind, ValueId x, std::vector<int64_t> axes, bool keep) {
    ReduceAttrs attrs;
    attrs.kind = kind;
    attrs.axes = std::move(axes);
    attrs.keep = keep;
    return g.emit1("reduce", attrs_of(attrs), {x});
}

ValueId sum(Emitter& g, ValueId x, std::vector<int64_t> axes, bool keep) {
    return reduce(g, ReduceKind::sum, x, std::move(axes), keep);
}

ValueId reshape(Emitter& g, ValueId x, Shape shape) {
    if (g.type(x).shape == shape) return x;
    ShapeAttrs attrs;
    attrs.shape = std::move(shape);
    return g.emit1("reshape", attrs_of(attrs), {x});
}

ValueId broadcast(Emitter& g, ValueId x, Shape shape) {
    if (g.type(x).shape == shape) return x;
    ShapeAttrs attrs;
    attrs.shape = std::move(shape);
    return g.emit1("broadcast", attrs_of(attrs), {x});
}

ValueId transpose(Emitter& g, ValueId x, std::vector<int64_t> perm) {
    TransposeAttrs attrs;
    attrs.perm = std::move(perm);
    return g.emit1("transpose", attrs_of(attrs), {x});
}

ValueId slice(Emitter& g, ValueId x, int64_t axis, Dim start, Dim length) {
    SliceAttrs attrs;
    attrs.axis = axis;
    attrs.start = std::move(start);
    attrs.length = std::move(length);
    return g.emit1("slice", attrs_of(attrs), {x});
}

ValueId sum_to_shape(Emitter& g, ValueId x, Shape shape) {
    const Shape from = g.type(x).shape;
    if (from == shape) return x;
    std::vector<int64_t> axes;
    const size_t lead = from.size() - shape.size();
    for (size_t i = 0; i < from.size(); ++i)
        if (i < lead || !(from[i] == shape[i - lead])) axes.push_back(int64_t(i));
    return reshape(g, axes.empty() ? x : sum(g, x, axes), std::move(shape));
}

} // namespace ds
