// Bodies of nodes: what the op table asks of them.
#include <optional>
#include <set>

#include "graph/graph.h"
#include "ops/axes.h"
#include "ops/fused.h"

namespace ds {

namespace {

struct BodyFinder : AttrsReader {
    using AttrsReader::field;
    std::vector<SubGraph> bodies;
    void field(const char*, SubGraph& body) override {
        if (body) bodies.push_back(body);
    }
};

} // namespace

std::vector<SubGraph> bodies_of(const Node& node) {
    BodyFinder finder;
    finder.read(*node.attrs);
    return std::move(finder.bodies);
}

Type operand_type(const Graph& graph, ValueId v) { return v == no_value ? absent_type() : graph.type(v); }

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

namespace {

/// What one axis of a body's output is made of: for each input the axes of it that were met, whole_axis for all of it.
class Trace {
public:
    static constexpr int64_t whole_axis = -1;

    explicit Trace(const Graph& body) : body_(body), met_(body.values.size()) {}

    /// The axis of each input that is kept in this axis of the value, whole_axis for none; nothing when an input comes
    /// in two ways, or the axis is made inside (convolved along, repeated): then its slices differ by their place.
    std::optional<std::vector<int64_t>> run(ValueId value, int64_t axis) {
        meet(value, axis);
        while (!todo_.empty()) {
            const auto [v, at] = todo_.back();
            todo_.pop_back();
            if (body_.values[size_t(v)].node >= 0) step(v, at);
        }
        if (is_made_inside_) return std::nullopt;
        std::vector<int64_t> kept;
        for (const Input& input : body_.inputs) {
            const std::set<int64_t>& axes = met_[size_t(input.value)];
            if (axes.size() > 1) return std::nullopt;
            kept.push_back(axes.empty() ? whole_axis : *axes.begin());
        }
        return kept;
    }

private:
    void meet(ValueId v, int64_t axis) {
        if (v != no_value && met_[size_t(v)].insert(axis).second) todo_.emplace_back(v, axis);
    }
    void step(ValueId v, int64_t axis) {
        const Value& value = body_.values[size_t(v)];
        const Node& node = body_.nodes[size_t(value.node)];
        std::vector<Type> in, out;
        for (ValueId operand : node.in) in.push_back(operand_type(body_, operand));
        for (ValueId made : node.out) out.push_back(body_.type(made));
        const Flows flows = node.op->axes({*node.attrs, in, out});
        bool is_kept = axis == whole_axis;
        for (size_t i = 0; i < node.in.size(); ++i) {
            int64_t from = whole_axis;
            const std::vector<AxisFlow>& all = flows[size_t(value.output)][i];
            for (size_t d = 0; d < all.size() && axis != whole_axis; ++d)
                if (all[d].how == Follow::kept && all[d].axis == axis) from = int64_t(d);
            is_kept |= from != whole_axis;
            meet(node.in[i], from);
        }
        is_made_inside_ |= !is_kept;
    }

    const Graph& body_;
    std::vector<std::set<int64_t>> met_; // by value
    std::vector<std::pair<ValueId, int64_t>> todo_;
    bool is_made_inside_ = false;
};

} // namespace

Flows body_flows(const Graph& body, const CostArgs& args) {
    FlowWriter flows(args);
    for (size_t o = 0; o < body.outputs.size(); ++o)
        for (size_t axis = 0; axis < args.out[o].shape.size(); ++axis) {
            const auto kept = Trace(body).run(body.outputs[o].value, int64_t(axis));
            for (size_t i = 0; kept && i < kept->size(); ++i)
                if ((*kept)[i] != Trace::whole_axis) flows.keep(o, i, size_t((*kept)[i]), axis);
        }
    return flows.take();
}

double flops(const Graph& graph, const Node& node) {
    std::vector<Type> in, out;
    for (ValueId v : node.in) in.push_back(operand_type(graph, v));
    for (ValueId v : node.out) out.push_back(graph.type(v));
    if (node.op->flops) return node.op->flops({*node.attrs, in, out});
    return double(count(dims(out[0].shape)));
}

} // namespace ds
