#include "pass/derive/weigh_targets.h"

#include <map>

#include "base/error.h"
#include "graph/behind.h"
#include "ops/emit.h"
#include "pass/derive/train_mode.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

/// The sum over everything that makes an output; its operand has a row for each sample.
NodeId sum_of_rows(const Graph& graph, const Output& output, const Dim& batch) {
    const NodeId n = graph.values[size_t(output.value)].node;
    if (n >= 0 && graph.nodes[size_t(n)].op->name == "reduce") {
        const Node& node = graph.nodes[size_t(n)];
        const auto& attrs = node.as<ReduceAttrs>();
        const Shape& rows = graph.type(node.in[0]).shape;
        const bool all = attrs.axes.empty() || attrs.axes.size() == rows.size();
        if (attrs.kind == ReduceKind::sum && all && !rows.empty() && rows[0] == batch) return n;
    }
    fail(Exit::usage, "the model's output '{}' is no sum over samples, so they cannot be weighted", output.name);
}

std::vector<Output> losses_of(const Graph& graph) {
    std::vector<Output> losses;
    for (const Output& output : graph.outputs)
        if (graph.find_output(output.name + ".count")) losses.push_back(output);
    return losses;
}

/// Which weight the sums behind a loss take, by node.
std::map<NodeId, std::string> weights_of_sums(const Graph& graph, const std::set<std::string>& by_target) {
    const Dim batch = batch_size(graph);
    std::map<NodeId, std::string> weights;
    const auto losses = losses_of(graph);
    for (const Output& loss : losses) {
        const Output* count = graph.find_output(loss.name + ".count");
        if (loss.objective && losses.size() > 1) { // made of the others; its count is that of samples
            weights[sum_of_rows(graph, *count, batch)] = sample_weight;
            continue;
        }
        std::string weight = sample_weight;
        for (const std::string& target : targets_behind(graph, loss.value))
            if (by_target.contains(target)) weight = target_weight(target);
        weights[sum_of_rows(graph, loss, batch)] = weights[sum_of_rows(graph, *count, batch)] = weight;
    }
    return weights;
}

/// The weights as an input of the loss's type, shaped to go along with `rows`.
ValueId weight_input(Graph& graph, Builder& builder, const std::string& name, const Type& rows) {
    const bool of_samples = name == sample_weight;
    const Type type{rows.dtype, of_samples ? Shape{rows.shape[0]} : rows.shape};
    const Input* there = graph.find_input(name);
    const ValueId input = there ? there->value : graph.add_input(name, type, InputRole::control);
    if (!of_samples) return input;
    Shape along(rows.shape.size(), Dim(1));
    along[0] = rows.shape[0];
    return reshape(builder, input, along);
}

} // namespace

Graph weigh_targets(const Graph& graph, const std::set<std::string>& by_target) {
    const std::map<NodeId, std::string> weights = weights_of_sums(graph, by_target);
    Rewriter rewriter(graph);
    Builder& builder = rewriter.builder;
    std::map<ValueId, ValueId> unweighted; // count as it was, by its old value
    for (NodeId n = 0; n < NodeId(graph.nodes.size()); ++n) {
        const auto weight = weights.find(n);
        if (weight == weights.end()) {
            rewriter.copy(n);
            continue;
        }
        const Node& node = graph.nodes[size_t(n)];
        rewriter.replace(n);
        const ValueId terms = rewriter.at(node.in[0]);
        unweighted[node.out[0]] = sum(builder, terms);
        const ValueId w = weight_input(rewriter.result, builder, weight->second, graph.type(node.in[0]));
        rewriter.map(node.out[0], sum(builder, mul(builder, terms, w)));
    }
    Graph weighed = rewriter.finish();
    for (const Output& loss : losses_of(graph))
        weighed.add_output(loss.name + ".targets", unweighted.at(graph.find_output(loss.name + ".count")->value));
    return weighed;
}

} // namespace ds
