// Several nodes as one, made by the fusion pass only.
//   fused(inputs...) -> outputs of the body
// `pattern` names what kernels look for; the body is the unfused graph, run as it is where no kernel takes the node.
//   "conv"     conv2d | linear (with its bias), then add of a residual?, then unary?
//   "norm"     batch_norm | batch_norm_train, then add of a residual?, then unary?
//              or layer_norm | rms_norm | group_norm, then unary
//   "norm_dx"  unary_dx of a relu, then batch_norm_dx (the masked dy may be an output too)
//   "chain"    elementwise ops (unary, unary_dx, binary, select, cast) of one result shape, operands broadcast
#pragma once

#include "ops/attrs.h"

namespace ds {

struct FusedAttrs : AttrsOf<FusedAttrs> {
    std::string pattern;
    SubGraph body;
    void visit(FieldVisitor& v) override {
        v.field("pattern", pattern);
        v.field("body", body);
    }
};

// What only graph/ can tell of a body (it defines them, in graph/body.cpp).
struct InferArgs;
struct CostArgs;
struct AxisFlow;
/// The types of the body's outputs; refuses when its inputs' types are not the node's.
std::vector<Type> body_types(const Graph& body, const InferArgs& args);
double body_flops(const Graph& body);
/// Axes that the body keeps from its inputs to its outputs; all others are mixed.
std::vector<std::vector<std::vector<AxisFlow>>> body_flows(const Graph& body, const CostArgs& args);

} // namespace ds
