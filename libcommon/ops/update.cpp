#include "ops/update.h"

#include "ops/axes.h"
#include "ops/families.h"

namespace ds {
namespace {

/// w, g, lr, scale, apply, then `moments` values of w's type.
void check(const InferArgs& a, size_t moments) {
    const Type &w = a.in[0], one{w.dtype, {}};
    a.require(is_float(w.dtype) && a.in[1] == w, "w and g have one floating-point type");
    a.require(a.in[2] == one && a.in[3] == one, "lr and scale are one number each, in w's dtype");
    a.require(a.in[4] == Type{DType::boolean, {}}, "apply is bool[]");
    for (size_t i = 0; i < moments; ++i) a.require(a.in[5 + i] == w, "moments have w's type");
}

std::vector<Type> infer_sgd(const InferArgs& a) {
    const bool has_moment = a.as<SgdAttrs>().momentum != 0;
    a.require(a.in.size() == (has_moment ? 6u : 5u), "a moment is given when momentum is not 0, and only then");
    check(a, has_moment);
    return std::vector<Type>(has_moment ? 2 : 1, a.in[0]);
}

std::vector<Type> infer_adam(const InferArgs& a) {
    check(a, 2);
    a.require(a.in[7] == Type{DType::i64, {}}, "step is i64[]");
    return {a.in[0], a.in[0], a.in[0]};
}

std::vector<Type> infer_ema(const InferArgs& a) {
    a.require(is_float(a.in[0].dtype) && a.in[0] == a.in[1], "e and w have one floating-point type");
    a.require(a.in[2] == Type{DType::boolean, {}}, "apply is bool[]");
    return {a.in[0]};
}

std::vector<Type> infer_global_norm(const InferArgs& a) {
    for (const Type& type : a.in)
        a.require(is_float(type.dtype) && type.dtype == a.in[0].dtype, "operands have one floating-point dtype");
    return {{a.in[0].dtype, {}}};
}

double elements(const Type& type) { return double(count(dims(type.shape))); }
template <int per_element>
double flops_of(const CostArgs& a) {
    return per_element * elements(a.in[0]);
}

double flops_norm(const CostArgs& a) {
    double total = 0;
    for (const Type& type : a.in) total += 2 * elements(type);
    return total;
}

const OpRow rows[] = {
    {"sgd_update", "stochastic gradient descent, with momentum", 5, 6, make_default<SgdAttrs>, infer_sgd,
     elementwise_axes, nullptr, flops_of<6>, Effect::update},
    {"adam_update", "Adam and AdamW", 8, 8, make_default<AdamAttrs>, infer_adam, elementwise_axes, nullptr,
     flops_of<14>, Effect::update},
    {"ema_update", "exponential moving average", 3, 3, make_default<EmaAttrs>, infer_ema, elementwise_axes, nullptr,
     flops_of<3>, Effect::update},
    {"global_norm", "root of the sum of squares of all elements", 1, -1, make_default<NoAttrs>, infer_global_norm,
     mixed_axes, nullptr, flops_norm},
};

} // namespace

std::span<const OpRow> update_ops() { return rows; }

} // namespace ds
