#include "graph/batching.h"

#include <optional>

#include "ops/axes.h"
#include "ops/elementwise.h"

namespace ds {
namespace {

class Tracer {
public:
    Tracer(const Graph& graph, const Dim& batch) : graph_(graph), batch_(batch), places_(graph.values.size()) {}

    std::vector<SamplePlace> run() {
        for (const Input& input : graph_.inputs) {
            const Shape& shape = graph_.type(input.value).shape;
            if (!shape.empty() && shape[0] == batch_) places_[size_t(input.value)] = {SamplePlace::apart, 0, 1};
        }
        for (const Node& node : graph_.nodes) trace(node);
        return std::move(places_);
    }

private:
    void trace(const Node& node) {
        std::vector<Type> in, out;
        for (ValueId v : node.in) in.push_back(operand_type(graph_, v));
        for (ValueId v : node.out) out.push_back(graph_.type(v));
        const Flows flows = node.op->axes ? node.op->axes({*node.attrs, in, out}) : mixed_axes({*node.attrs, in, out});
        for (size_t o = 0; o < node.out.size(); ++o) places_[size_t(node.out[o])] = place(node, flows[o], node.out[o]);
    }

    SamplePlace place(const Node& node, const std::vector<std::vector<AxisFlow>>& flows, ValueId out) const {
        bool any = false;
        std::optional<SamplePlace> all;
        for (size_t i = 0; i < node.in.size(); ++i) {
            if (node.in[i] == no_value || at(node.in[i]).kind == SamplePlace::shared) continue;
            const SamplePlace one = follow(node, flows[i], i, out);
            if (any && !same(*all, one)) return {SamplePlace::mixed};
            any = true;
            all = one;
        }
        if (!any) return alike(node, flows, out);
        if (all->kind == SamplePlace::apart && !others_are_whole(node, flows, all->axis)) return {SamplePlace::mixed};
        if (all->kind == SamplePlace::total) all->axis = -1;
        return *all;
    }

    /// Where the samples of one operand go.
    SamplePlace follow(const Node& node, const std::vector<AxisFlow>& flows, size_t operand, ValueId out) const {
        const SamplePlace& from = at(node.in[operand]);
        if (from.kind != SamplePlace::apart) return {SamplePlace::mixed};
        const AxisFlow& flow = flows[size_t(from.axis)];
        const Shape &shape = graph_.type(node.in[operand]).shape, &to = graph_.type(out).shape;
        switch (flow.how) {
        case Follow::kept: return {SamplePlace::apart, flow.axis, from.block};
        case Follow::summed: return {SamplePlace::total, flow.axis, 1}; // the number of the sum, to be compared
        case Follow::merged: {
            Dim block = from.block;
            for (size_t d = 0; d < flows.size(); ++d) {
                if (flows[d].how != Follow::merged || flows[d].axis != flow.axis || int64_t(d) == from.axis) continue;
                if (int64_t(d) < from.axis && !(shape[d] == Dim(1))) return {SamplePlace::mixed}; // not the outermost
                block = block * shape[d];
            }
            return {SamplePlace::apart, flow.axis, block};
        }
        case Follow::split:
            if (!divides(batch_, to[size_t(flow.axis)])) return {SamplePlace::mixed};
            return {SamplePlace::apart, flow.axis, exact_div(to[size_t(flow.axis)], batch_)};
        case Follow::mixed: break;
        }
        return {SamplePlace::mixed};
    }

    /// A value that no sample has a part in, yet has an axis for them: all of its slices are alike there.
    SamplePlace alike(const Node& node, const std::vector<std::vector<AxisFlow>>& flows, ValueId out) const {
        const bool is_filled = node.op->name == "constant" && node.as<ConstantAttrs>().values.size() == 1;
        if (!is_filled && node.op->name != "broadcast") return {};
        const Shape& shape = graph_.type(out).shape;
        for (size_t d = 0; d < shape.size(); ++d)
            if (shape[d] == batch_ && !batch_.known() && (is_filled || !is_kept(flows[0], int64_t(d))))
                return {SamplePlace::apart, int64_t(d), 1};
        return {};
    }

    bool others_are_whole(const Node& node, const std::vector<std::vector<AxisFlow>>& flows, int64_t axis) const {
        for (size_t i = 0; i < node.in.size(); ++i)
            if (node.in[i] != no_value && at(node.in[i]).kind == SamplePlace::shared && is_kept(flows[i], axis))
                return false;
        return true;
    }

    static bool is_kept(const std::vector<AxisFlow>& flows, int64_t axis) {
        for (const AxisFlow& flow : flows)
            if (flow.how == Follow::kept && flow.axis == axis) return true;
        return false;
    }
    static bool same(const SamplePlace& a, const SamplePlace& b) {
        return a.kind == b.kind && a.axis == b.axis && a.block == b.block;
    }
    const SamplePlace& at(ValueId v) const { return places_[size_t(v)]; }

    const Graph& graph_;
    const Dim& batch_;
    std::vector<SamplePlace> places_;
};

} // namespace

std::vector<SamplePlace> sample_places(const Graph& graph, const Dim& batch) { return Tracer(graph, batch).run(); }

NodeId where_mixed(const Graph& graph, const std::vector<SamplePlace>& places, ValueId value) {
    for (;;) {
        const NodeId producer = graph.values[size_t(value)].node;
        if (producer < 0 || places[size_t(value)].kind != SamplePlace::mixed) return -1;
        ValueId before = no_value;
        for (ValueId v : graph.nodes[size_t(producer)].in)
            if (before == no_value && v != no_value && places[size_t(v)].kind == SamplePlace::mixed) before = v;
        if (before == no_value) return producer;
        value = before;
    }
}

} // namespace ds
