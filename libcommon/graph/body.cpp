// Bodies of nodes: what the op table asks of them.
#include "graph/graph.h"
#include "ops/fused.h"

namespace ds {

SubGraph body_of(const Node& node) {
    const auto* fused = dynamic_cast<const FusedAttrs*>(node.attrs.get());
    return fused ? fused->body : nullptr;
}

std::vector<Type> body_types(const Graph& body, const InferArgs& args) {
    args.require(body.slots.empty() && body.writes.empty(), "a body has neither slots nor writes");
    args.require(body.inputs.size() == args.in.size(), "the body has as many inputs as the node");
    for (size_t i = 0; i < args.in.size(); ++i) {
        const Type& inner = body.type(body.inputs[i].value);
        if (!(inner == args.in[i]))
            args.refuse("the body's input " + std::to_string(i) + " is " + text(inner) + ", not " + text(args.in[i]));
    }
    std::vector<Type> types;
    for (const Output& output : body.outputs) types.push_back(body.type(output.value));
    return types;
}

double body_flops(const Graph& body) {
    double total = 0;
    for (const Node& node : body.nodes) total += flops(body, node);
    return total;
}

double flops(const Graph& graph, const Node& node) {
    std::vector<Type> in, out;
    for (ValueId v : node.in) in.push_back(graph.type(v));
    for (ValueId v : node.out) out.push_back(graph.type(v));
    if (node.op->flops) return node.op->flops({*node.attrs, in, out});
    return double(count(dims(out[0].shape)));
}

} // namespace ds
