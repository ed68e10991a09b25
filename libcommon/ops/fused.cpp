#include "ops/fused.h"

#include "ops/axes.h"
#include "ops/families.h"

namespace ds {
namespace {

std::vector<Type> infer_fused(const InferArgs& a) {
    const auto& attrs = a.as<FusedAttrs>();
    a.require(attrs.body != nullptr, "has a body");
    return body_types(*attrs.body, a);
}

double flops_fused(const CostArgs& a) { return body_flops(*a.as<FusedAttrs>().body); }

Flows axes_fused(const CostArgs& a) { return body_flows(*a.as<FusedAttrs>().body, a); }

const OpRow rows[] = {
    {"fused", "several nodes as one, with the nodes as its body", 0, -1, make_default<FusedAttrs>, infer_fused,
     axes_fused, nullptr, flops_fused},
};

} // namespace

std::span<const OpRow> fused_ops() { return rows; }

} // namespace ds
