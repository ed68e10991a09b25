// Batch-norm folding for inference: y = scale*(conv(x, w) + b - mean)*rstd + bias is a convolution with
// w' = w*scale*rstd per output channel and b' = (b - mean)*scale*rstd + bias. Both are derived slots: computed once for
// all who run the model, beside the weights that others may be reading.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "ops/norm.h"
#include "pass/pass.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

const Slot* slot_of(const Graph& graph, ValueId v) {
    for (const Slot& slot : graph.slots)
        if (slot.value == v) return &slot;
    return nullptr;
}

/// A batch norm and the layer before it whose output only it reads.
struct Pair {
    const Node* layer = nullptr;
    const Slot *weight = nullptr, *bias = nullptr; // of the layer; bias may be absent
    const Slot* norm[4] = {};                      // scale, bias, mean, var
};

bool find_pair(const Graph& graph, const Node& node, const std::vector<int>& uses, Pair& pair) {
    const NodeId producer = graph.values[size_t(node.in[0])].node;
    if (producer < 0 || uses[size_t(node.in[0])] != 1) return false;
    pair.layer = &graph.nodes[size_t(producer)];
    if (pair.layer->op->name != "conv2d" && pair.layer->op->name != "linear") return false;
    if (!(pair.layer->tags == node.tags) || !pair.layer->after.empty() || !node.after.empty()) return false;
    if (pair.layer->op->name == "linear" && graph.type(node.in[0]).shape.size() != 2)
        return false; // channels are not last
    pair.weight = slot_of(graph, pair.layer->in[1]);
    if (!pair.weight || uses[size_t(pair.weight->value)] != 1)
        return false; // a shared weight keeps its meaning elsewhere
    if (pair.layer->in.size() > 2 && !(pair.bias = slot_of(graph, pair.layer->in[2]))) return false;
    for (size_t i = 0; i < 4; ++i)
        if (!(pair.norm[i] = slot_of(graph, node.in[i + 1]))) return false;
    const DType dtype = graph.type(pair.weight->value).dtype;
    return dtype == DType::f32 || dtype == DType::f64;
}

template <class T>
void multiply_in(const State& state, const Pair& pair, double eps, Tensor& weight, Tensor& bias) {
    const T *scale = state.at(pair.norm[0]->name).as<T>(), *shift = state.at(pair.norm[1]->name).as<T>();
    const T *mean = state.at(pair.norm[2]->name).as<T>(), *var = state.at(pair.norm[3]->name).as<T>();
    const T* before = pair.bias ? state.at(pair.bias->name).as<T>() : nullptr;
    const int64_t channels = bias.size(), per_channel = weight.size() / channels;
    for (int64_t c = 0; c < channels; ++c) {
        const double factor = double(scale[c]) / std::sqrt(double(var[c]) + eps);
        for (int64_t i = 0; i < per_channel; ++i)
            weight.as<T>()[c * per_channel + i] = T(weight.as<T>()[c * per_channel + i] * factor);
        bias.as<T>()[c] = T(((before ? double(before[c]) : 0) - double(mean[c])) * factor + double(shift[c]));
    }
}

template <class T>
std::vector<Tensor> folded(const State& state, const Pair& pair, double eps) {
    Tensor weight = state.at(pair.weight->name).clone();
    Tensor bias(weight.dtype(), {weight.shape()[0]});
    multiply_in<T>(state, pair, eps, weight, bias);
    return {weight, bias};
}

std::string unused_name(const Graph& graph, std::string name) {
    while (graph.find_slot(name) || graph.find_input(name)) name += '_';
    return name;
}

Slot folded_slot(const Graph& graph, const Slot& weight, const std::string& suffix) {
    Slot slot = weight;
    slot.name = unused_name(graph, weight.name + suffix);
    slot.train = slot.decay = false;
    slot.init = {};
    return slot;
}

/// Puts weight and bias of a pair into the layer.
void derive(State& layer, const Pair& pair, double eps, const Slot& weight, const Slot& bias) {
    std::vector<std::string> sources{pair.weight->name};
    for (const Slot* slot : pair.norm) sources.push_back(slot->name);
    if (pair.bias) sources.push_back(pair.bias->name);
    const bool is_double = layer.at(pair.weight->name).dtype() == DType::f64;
    layer.derive({weight.name, bias.name}, fmt::format("fold-bn eps={}", eps), sources,
                 [&] { return is_double ? folded<double>(layer, pair, eps) : folded<float>(layer, pair, eps); });
}

} // namespace

Graph fold_batch_norm(Graph graph, State& layer) {
    const std::vector<int> uses = graph.use_counts();
    std::vector<bool> layer_is_folded(graph.nodes.size()), is_awaited(graph.nodes.size());
    for (const Node& node : graph.nodes)
        for (NodeId before : node.after) is_awaited[size_t(before)] = true;
    std::vector<Pair> pairs(graph.nodes.size());
    for (size_t n = 0; n < graph.nodes.size(); ++n)
        if (graph.nodes[n].op->name == "batch_norm" && find_pair(graph, graph.nodes[n], uses, pairs[n]) &&
            !is_awaited[size_t(pairs[n].layer - graph.nodes.data())]) // whoever waits may come before the norm
            layer_is_folded[size_t(pairs[n].layer - graph.nodes.data())] = true;
        else pairs[n].layer = nullptr;
    Rewriter rewriter(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Pair& pair = pairs[n];
        if (layer_is_folded[n]) continue;
        if (!pair.layer) {
            rewriter.copy(NodeId(n));
            continue;
        }
        const Type type = graph.type(pair.weight->value);
        const Type bias_type{type.dtype, {type.shape[0]}};
        const Slot weight_slot = folded_slot(rewriter.result, *pair.weight, ".folded"),
                   bias_slot = folded_slot(rewriter.result, *pair.weight, ".folded_bias");
        derive(layer, pair, graph.nodes[n].as<BatchNormAttrs>().eps, weight_slot, bias_slot);
        const ValueId w = rewriter.result.add_slot(weight_slot, type),
                      b = rewriter.result.add_slot(bias_slot, bias_type);
        rewriter.replace(std::array{NodeId(pair.layer - graph.nodes.data()), NodeId(n)});
        rewriter.map(graph.nodes[n].out[0], rewriter.builder.emit1(pair.layer->op->name, pair.layer->attrs,
                                                                   {rewriter.at(pair.layer->in[0]), w, b}));
    }
    return rewriter.finish();
}

} // namespace ds
