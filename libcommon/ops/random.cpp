#include "ops/random.h"

#include "ops/axes.h"
#include "ops/families.h"

namespace ds {
namespace {

void require_probability(const InferArgs& a) {
    const double p = a.as<DropoutAttrs>().p;
    a.require(p >= 0 && p < 1, "p is from 0 to below 1");
}

std::vector<Type> infer_dropout(const InferArgs& a) {
    require_probability(a);
    return {a.in[0]};
}

std::vector<Type> infer_dropout_train(const InferArgs& a) {
    require_probability(a);
    const Type number{DType::i64, {}};
    a.require(is_float(a.in[0].dtype) && !a.in[0].shape.empty(), "takes a floating-point value [N,...]");
    a.require(a.in[1] == number && a.in[2] == number, "seed and step are i64[]");
    a.require(a.in[3] == Type{DType::i64, {a.in[0].shape[0]}}, "sample is i64[N]");
    return {a.in[0]};
}

void gradient_dropout(GradientArgs& a) { a.din[0] = a.dout[0]; }

void gradient_dropout_train(GradientArgs& a) {
    a.din[0] = a.g.emit1("dropout_train", a.attrs, {a.dout[0], a.in[1], a.in[2], a.in[3]});
}

/// Samples stay apart; masks are by place in a sample.
Flows axes_dropout_train(const CostArgs& a) {
    FlowWriter flows(a);
    flows.keep(0, 0, 0, 0);
    flows.keep(0, 3, 0, 0);
    return flows.take();
}

const OpRow rows[] = {
    {"dropout", "where training drops elements; nothing at inference", 1, 1, make_default<DropoutAttrs>, infer_dropout,
     elementwise_axes, gradient_dropout},
    {"dropout_train", "drops elements by a counter-based mask", 4, 4, make_default<DropoutAttrs>, infer_dropout_train,
     axes_dropout_train, gradient_dropout_train},
};

} // namespace

std::span<const OpRow> random_ops() { return rows; }

} // namespace ds
