#include "ops/elementwise.h"

#include <cmath>

#include "ops/axes.h"
#include "ops/emit.h"
#include "ops/families.h"

namespace ds {

bool gradient_uses_output(UnaryKind kind) {
    switch (kind) {
    case UnaryKind::relu:
    case UnaryKind::leaky_relu:
    case UnaryKind::sigmoid:
    case UnaryKind::tanh:
    case UnaryKind::exp:
    case UnaryKind::sqrt:
    case UnaryKind::rsqrt:
    case UnaryKind::reciprocal: return true;
    default: return false;
    }
}

Shape broadcast_shapes(const InferArgs& args, const Shape& a, const Shape& b) {
    Shape out(std::max(a.size(), b.size()));
    for (size_t i = 0; i < out.size(); ++i) {
        // Axes are matched from the last one backwards.
        const bool in_a = i < a.size(), in_b = i < b.size();
        const Dim x = in_a ? a[a.size() - 1 - i] : Dim(1), y = in_b ? b[b.size() - 1 - i] : Dim(1);
        if (!(x == y) && !(x == Dim(1)) && !(y == Dim(1)))
            args.refuse("shapes " + text(a) + " and " + text(b) + " do not broadcast");
        out[out.size() - 1 - i] = x == Dim(1) ? y : x;
    }
    return out;
}

namespace {

bool gives_bool(UnaryKind kind) { return kind == UnaryKind::is_finite || kind == UnaryKind::logical_not; }

std::vector<Type> infer_unary(const InferArgs& a) {
    const UnaryKind kind = a.as<UnaryAttrs>().kind;
    if (kind == UnaryKind::logical_not) a.require(a.in[0].dtype == DType::boolean, "logical_not takes bool");
    else if (kind != UnaryKind::identity) a.require(is_float(a.in[0].dtype), "takes floating-point values");
    return {{gives_bool(kind) ? DType::boolean : a.in[0].dtype, a.in[0].shape}};
}

void gradient_unary(GradientArgs& a) {
    const auto& attrs = a.as<UnaryAttrs>();
    if (gives_bool(attrs.kind) || attrs.kind == UnaryKind::sign) return;
    if (attrs.kind == UnaryKind::identity) a.din[0] = a.dout[0];
    else if (attrs.kind == UnaryKind::neg) a.din[0] = neg(a.g, a.dout[0]);
    else if (attrs.kind == UnaryKind::affine) a.din[0] = affine(a.g, a.dout[0], attrs.alpha);
    else a.din[0] = a.g.emit1("unary_dx", a.attrs, {a.dout[0], gradient_uses_output(attrs.kind) ? a.out[0] : a.in[0]});
}

std::vector<Type> infer_unary_dx(const InferArgs& a) {
    a.require(a.in[0] == a.in[1], "both operands have one type");
    a.require(is_float(a.in[0].dtype), "takes floating-point values");
    return {a.in[0]};
}

bool is_comparison(BinaryKind kind) { return kind >= BinaryKind::eq && kind <= BinaryKind::ge; }
bool is_logic(BinaryKind kind) { return kind >= BinaryKind::logical_and; }

std::vector<Type> infer_binary(const InferArgs& a) {
    const BinaryKind kind = a.as<BinaryAttrs>().kind;
    a.require(a.in[0].dtype == a.in[1].dtype, "both operands have one dtype");
    if (is_logic(kind)) a.require(a.in[0].dtype == DType::boolean, "logic takes bool");
    else if (!is_comparison(kind)) a.require(a.in[0].dtype != DType::boolean, "arithmetic takes numbers");
    const bool to_bool = is_comparison(kind) || is_logic(kind);
    return {{to_bool ? DType::boolean : a.in[0].dtype, broadcast_shapes(a, a.in[0].shape, a.in[1].shape)}};
}

/// The gradient of max or min flows to the operand that was taken; to the first of equals.
ValueId where_taken(GradientArgs& a, BinaryKind kind, bool first) {
    const ValueId taken = binary(a.g, kind == BinaryKind::max ? BinaryKind::ge : BinaryKind::le, a.in[0], a.in[1]);
    const ValueId zero = scalar(a.g, a.g.type(a.dout[0]).dtype, 0);
    return first ? select(a.g, taken, a.dout[0], zero) : select(a.g, taken, zero, a.dout[0]);
}

void gradient_binary(GradientArgs& a) {
    const BinaryKind kind = a.as<BinaryAttrs>().kind;
    if (is_comparison(kind) || is_logic(kind)) return;
    const ValueId dy = a.dout[0], x = a.in[0], y = a.in[1];
    auto left = [&]() -> ValueId {
        switch (kind) {
        case BinaryKind::mul: return mul(a.g, dy, y);
        case BinaryKind::div: return div(a.g, dy, y);
        case BinaryKind::pow: { // y * x^(y-1)
            const ValueId exponent = sub(a.g, y, scalar(a.g, a.g.type(y).dtype, 1));
            return mul(a.g, dy, mul(a.g, y, binary(a.g, BinaryKind::pow, x, exponent)));
        }
        case BinaryKind::max:
        case BinaryKind::min: return where_taken(a, kind, true);
        default: return dy;
        }
    };
    auto right = [&]() -> ValueId {
        switch (kind) {
        case BinaryKind::sub: return neg(a.g, dy);
        case BinaryKind::mul: return mul(a.g, dy, x);
        case BinaryKind::div: return neg(a.g, div(a.g, mul(a.g, dy, a.out[0]), y)); // -dy*(x/y)/y
        case BinaryKind::pow: return mul(a.g, dy, mul(a.g, a.out[0], unary(a.g, UnaryKind::log, x)));
        case BinaryKind::max:
        case BinaryKind::min: return where_taken(a, kind, false);
        default: return dy;
        }
    };
    if (a.needs[0]) a.din[0] = sum_to_shape(a.g, left(), a.g.type(x).shape);
    if (a.needs[1]) a.din[1] = sum_to_shape(a.g, right(), a.g.type(y).shape);
}

std::vector<Type> infer_select(const InferArgs& a) {
    a.require(a.in[0].dtype == DType::boolean, "the condition is bool");
    a.require(a.in[1].dtype == a.in[2].dtype, "both choices have one dtype");
    return {{a.in[1].dtype, broadcast_shapes(a, broadcast_shapes(a, a.in[0].shape, a.in[1].shape), a.in[2].shape)}};
}

void gradient_select(GradientArgs& a) {
    const ValueId zero = scalar(a.g, a.g.type(a.dout[0]).dtype, 0);
    if (a.needs[1]) a.din[1] = sum_to_shape(a.g, select(a.g, a.in[0], a.dout[0], zero), a.g.type(a.in[1]).shape);
    if (a.needs[2]) a.din[2] = sum_to_shape(a.g, select(a.g, a.in[0], zero, a.dout[0]), a.g.type(a.in[2]).shape);
}

std::vector<Type> infer_cast(const InferArgs& a) { return {{a.as<CastAttrs>().dtype, a.in[0].shape}}; }

void gradient_cast(GradientArgs& a) {
    if (is_float(a.g.type(a.in[0]).dtype)) a.din[0] = cast(a.g, a.dout[0], a.g.type(a.in[0]).dtype);
}

std::vector<Type> infer_constant(const InferArgs& a) {
    const auto& attrs = a.as<ConstantAttrs>();
    const bool fits =
        attrs.values.size() == 1 || (known(attrs.shape) && int64_t(attrs.values.size()) == count(dims(attrs.shape)));
    a.require(fits, "holds one value, or one for each element");
    return {{attrs.dtype, attrs.shape}};
}

double free_of_charge(const CostArgs&) { return 0; }

const OpRow rows[] = {
    {"constant", "a value held in the attributes", 0, 0, make_default<ConstantAttrs>, infer_constant, mixed_axes,
     nullptr, free_of_charge},
    {"unary", "one function of each element", 1, 1, make_default<UnaryAttrs>, infer_unary, elementwise_axes,
     gradient_unary},
    {"unary_dx", "gradient of unary", 2, 2, make_default<UnaryAttrs>, infer_unary_dx, elementwise_axes},
    {"binary", "one function of each pair of elements, broadcasting", 2, 2, make_default<BinaryAttrs>, infer_binary,
     elementwise_axes, gradient_binary},
    {"select", "elements of the second or third operand, as the first says", 3, 3, make_default<NoAttrs>, infer_select,
     elementwise_axes, gradient_select},
    {"cast", "the same values in another dtype", 1, 1, make_default<CastAttrs>, infer_cast, elementwise_axes,
     gradient_cast},
};

} // namespace

std::span<const OpRow> elementwise_ops() { return rows; }

} // namespace ds
