#include "ops/loss.h"

#include <algorithm>

#include "ops/axes.h"
#include "ops/families.h"

namespace ds {
namespace {

/// The type of one number for each row of logits, after checking the target against them.
Type row_type(const InferArgs& a, const Type& logits, const Type& target) {
    a.require(logits.shape.size() >= 1 && is_float(logits.dtype), "logits are floating-point [...,classes]");
    Type rows = logits;
    rows.shape.pop_back();
    const bool is_index = (target.dtype == DType::i32 || target.dtype == DType::i64) && target.shape == rows.shape;
    if (!is_index && !(target == logits))
        a.refuse("the target is " + text(target) + " and should be class numbers " +
                 text(Type{DType::i32, rows.shape}) + " or probabilities " + text(logits));
    const double smoothing = a.as<CrossEntropyAttrs>().smoothing;
    a.require(smoothing >= 0 && smoothing < 1, "smoothing is from 0 to below 1");
    return rows;
}

std::vector<Type> infer_cross_entropy(const InferArgs& a) {
    const Type rows = row_type(a, a.in[0], a.in[1]);
    return {rows, rows};
}

void gradient_cross_entropy(GradientArgs& a) {
    if (a.dout[0] != no_value)
        a.din[0] = a.g.emit1("cross_entropy_dx", a.attrs, {a.dout[0], a.in[0], a.in[1], a.out[1]});
}

std::vector<Type> infer_cross_entropy_dx(const InferArgs& a) {
    const Type rows = row_type(a, a.in[1], a.in[2]);
    a.require(a.in[0] == rows && a.in[3] == rows, "dloss and lse have one element for each row");
    return {a.in[1]};
}

double flops_forward(const CostArgs& a) { return 4 * double(count(dims(a.in[0].shape))); }
double flops_backward(const CostArgs& a) { return 4 * double(count(dims(a.in[1].shape))); }

/// Rows stay apart: all axes of operands and outputs but that of the classes.
Flows axes_rows(const CostArgs& a) {
    FlowWriter flows(a);
    size_t rows = flows.rank(0);
    for (size_t input = 0; input < flows.inputs(); ++input) rows = std::min(rows, flows.rank(input));
    for (const Type& type : a.out) rows = std::min(rows, type.shape.size());
    for (size_t o = 0; o < a.out.size(); ++o)
        for (size_t input = 0; input < flows.inputs(); ++input) flows.keep_range(o, input, 0, rows, 0);
    return flows.take();
}

const OpRow rows[] = {
    {"cross_entropy", "softmax cross entropy of each row", 2, 2, make_default<CrossEntropyAttrs>, infer_cross_entropy,
     axes_rows, gradient_cross_entropy, flops_forward},
    {"cross_entropy_dx", "gradient of cross_entropy", 4, 4, make_default<CrossEntropyAttrs>, infer_cross_entropy_dx,
     axes_rows, nullptr, flops_backward},
};

} // namespace

std::span<const OpRow> loss_ops() { return rows; }

} // namespace ds
