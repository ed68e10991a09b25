#include "pass/derive/train_mode.h"

#include "base/error.h"
#include "ops/loss.h"
#include "ops/random.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

ValueId control(Graph& graph, const std::string& name, Type type) {
    const Input* there = graph.find_input(name);
    return there ? there->value : graph.add_input(name, std::move(type), InputRole::control);
}

const std::string& slot_name(const Graph& graph, ValueId v) {
    for (const Slot& slot : graph.slots)
        if (slot.value == v) return slot.name;
    fail(Exit::data, "node reads '{}' as a running statistic, which is no slot", graph.value_name(v));
}

void train_batch_norm(Rewriter& rewriter, const Node& node) {
    const std::vector<ValueId> out = rewriter.builder.emit("batch_norm_train", node.attrs, rewriter.at(node.in));
    rewriter.map(node.out[0], out[0]);
    rewriter.result.writes.push_back({slot_name(rewriter.source, node.in[3]), out[3]});
    rewriter.result.writes.push_back({slot_name(rewriter.source, node.in[4]), out[4]});
}

void train_dropout(Rewriter& rewriter, const Node& node) {
    Graph& graph = rewriter.result;
    const ValueId seed = control(graph, "seed", {DType::i64, {}});
    const ValueId step = control(graph, "step", {DType::i64, {}});
    const ValueId sample = control(graph, "sample", {DType::i64, {batch_size(rewriter.source)}});
    rewriter.map(node.out[0],
                 rewriter.builder.emit1("dropout_train", node.attrs, {rewriter.at(node.in[0]), seed, step, sample}));
}

void smooth_labels(Rewriter& rewriter, const Node& node, double smoothing) {
    CrossEntropyAttrs attrs = node.as<CrossEntropyAttrs>();
    if (attrs.smoothing == 0) attrs.smoothing = smoothing;
    rewriter.builder.set_name(node.name);
    const std::vector<ValueId> out = rewriter.builder.emit("cross_entropy", attrs_of(attrs), rewriter.at(node.in));
    for (size_t i = 0; i < out.size(); ++i) rewriter.map(node.out[i], out[i]);
}

} // namespace

Dim batch_size(const Graph& graph) {
    for (const Input& input : graph.inputs)
        if (input.role == InputRole::data && !graph.type(input.value).shape.empty())
            return graph.type(input.value).shape[0];
    fail(Exit::data, "graph '{}' has no data input", graph.name);
}

Graph train_mode(const Graph& graph, double label_smoothing) {
    Rewriter rewriter(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        const bool is_norm = node.op->name == "batch_norm";
        const bool drops = node.op->name == "dropout" && node.as<DropoutAttrs>().p > 0;
        const bool smooths = node.op->name == "cross_entropy" && label_smoothing > 0;
        if (node.tags.frozen || !(is_norm || drops || smooths)) {
            rewriter.copy(NodeId(n));
            continue;
        }
        rewriter.replace(NodeId(n));
        if (is_norm) train_batch_norm(rewriter, node);
        else if (drops) train_dropout(rewriter, node);
        else smooth_labels(rewriter, node, label_smoothing);
    }
    return rewriter.finish();
}

} // namespace ds
