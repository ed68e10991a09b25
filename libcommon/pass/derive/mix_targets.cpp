#include "pass/derive/mix_targets.h"

#include "base/error.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

/// Whether the node compares logits [N,K] with an input of class numbers [N].
bool takes_classes(const Graph& graph, const Node& node) {
    if (node.op->name != "cross_entropy" || graph.type(node.in[1]).shape.size() != 1) return false;
    for (const Input& input : graph.inputs)
        if (input.value == node.in[1]) return input.role == InputRole::target;
    return false;
}

} // namespace

Graph mix_targets(const Graph& graph) {
    Rewriter rewriter(graph);
    ValueId mixed = no_value, target = no_value;
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        if (!takes_classes(graph, node)) {
            rewriter.copy(NodeId(n));
            continue;
        }
        const Type& logits = graph.type(node.in[0]);
        if (target != no_value && target != node.in[1])
            fail(Exit::usage, "--mixup and --cutmix are for models of one target; this one has several");
        target = node.in[1];
        if (mixed == no_value) mixed = rewriter.result.add_input(mixed_target, logits, InputRole::control);
        rewriter.builder.set_name(node.name);
        const std::vector<ValueId> out =
            rewriter.builder.emit("cross_entropy", node.attrs, {rewriter.at(node.in[0]), mixed});
        rewriter.map(node.out[0], out[0]);
        rewriter.map(node.out[1], out[1]);
    }
    if (mixed == no_value)
        fail(Exit::usage, "--mixup and --cutmix mix samples of one class each; the model's loss is for something else");
    return rewriter.finish();
}

} // namespace ds
