// Fusion: joins nodes that one kernel can run. Each pattern starts at an anchor node and follows single
// readers; a group is replaced at the place of its last member by one `fused` node that carries the
// group as its body. What the groups may look like is written in ops/fused.h.
#include <algorithm>

#include "ops/elementwise.h"
#include "ops/fused.h"
#include "pass/pass.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

struct Group {
    std::string pattern;
    std::vector<NodeId> members; // ascending
};

bool is_elementwise(const Node& node) {
    const std::string_view op = node.op->name;
    return op == "unary" || op == "unary_dx" || op == "binary" || op == "select" || op == "cast";
}

class Fuser {
public:
    explicit Fuser(const Graph& graph)
        : graph_(graph),
          readers_(graph.readers()),
          uses_(graph.use_counts()),
          group_of_(graph.nodes.size(), -1),
          waiting_(graph.nodes.size()) {
        for (size_t n = 0; n < graph.nodes.size(); ++n)
            for (NodeId before : graph.nodes[n].after) waiting_[size_t(before)].push_back(NodeId(n));
    }

    Graph run() {
        for (size_t n = 0; n < graph_.nodes.size(); ++n) find_at(NodeId(n), false);
        for (size_t n = 0; n < graph_.nodes.size(); ++n) find_at(NodeId(n), true);
        return rewrite();
    }

private:
    const Node& node(NodeId n) const { return graph_.nodes[size_t(n)]; }
    std::string_view op(NodeId n) const { return node(n).op->name; }
    bool is_free(NodeId n) const { return group_of_[size_t(n)] < 0 && node(n).after.empty(); }
    bool is_binary_add(NodeId n) const {
        return op(n) == "binary" && node(n).as<BinaryAttrs>().kind == BinaryKind::add &&
               graph_.type(node(n).in[0]) == graph_.type(node(n).in[1]);
    }
    /// The only reader of a value that nothing else uses, when it is still free; else -1.
    NodeId only_reader(ValueId v) const {
        if (uses_[size_t(v)] != 1 || readers_[size_t(v)].size() != 1) return -1;
        const NodeId reader = readers_[size_t(v)][0];
        return is_free(reader) ? reader : -1;
    }

    void find_at(NodeId n, bool chains) {
        if (!is_free(n)) return;
        if (chains) {
            if (is_elementwise(node(n))) take({"chain", chain_from(n)});
            return;
        }
        const std::string_view name = op(n);
        if (name == "conv2d" || name == "linear") take({"conv", with_tail(n)});
        else if (name == "batch_norm" || name == "batch_norm_train") take({"norm", with_tail(n)});
        else if (name == "layer_norm" || name == "rms_norm" || name == "group_norm") take({"norm", with_activation(n)});
        else if (name == "unary_dx") take({"norm_dx", norm_backward(n)});
    }
    /// The anchor, then the add of a residual, then an activation, as far as single readers lead.
    std::vector<NodeId> with_tail(NodeId anchor) const {
        std::vector<NodeId> members{anchor};
        NodeId next = only_reader(node(anchor).out[0]);
        if (next >= 0 && is_binary_add(next)) {
            members.push_back(next);
            next = only_reader(node(next).out[0]);
        }
        if (next >= 0 && is_activation(next)) members.push_back(next);
        return members;
    }
    std::vector<NodeId> with_activation(NodeId anchor) const {
        const NodeId next = only_reader(node(anchor).out[0]);
        if (next < 0 || !is_activation(next)) return {};
        return {anchor, next};
    }
    bool is_activation(NodeId n) const {
        return op(n) == "unary" && graph_.type(node(n).out[0]) == graph_.type(node(n).in[0]);
    }
    /// The derivative of a relu, then the first batch norm that reads it.
    std::vector<NodeId> norm_backward(NodeId mask) const {
        if (node(mask).as<UnaryAttrs>().kind != UnaryKind::relu) return {};
        for (NodeId reader : readers_[size_t(node(mask).out[0])])
            if (op(reader) == "batch_norm_dx" && is_free(reader) && node(reader).in[0] == node(mask).out[0])
                return {mask, reader};
        return {};
    }
    std::vector<NodeId> chain_from(NodeId first) const {
        std::vector<NodeId> members{first};
        const Shape& shape = graph_.type(node(first).out[0]).shape;
        for (NodeId next = only_reader(node(first).out[0]); next >= 0; next = only_reader(node(next).out[0])) {
            if (!is_elementwise(node(next)) || !(graph_.type(node(next).out[0]).shape == shape)) break;
            members.push_back(next);
        }
        return members;
    }

    /// True when all that reads or awaits a member comes after the last one.
    bool can_move_to_last(const Group& group) const {
        const NodeId last = group.members.back();
        for (NodeId member : group.members)
            for (NodeId waiting : waiting_[size_t(member)])
                if (waiting < last) return false;
        for (NodeId member : group.members)
            for (ValueId v : node(member).out)
                for (NodeId reader : readers_[size_t(v)])
                    if (reader < last && !contains(group, reader)) return false;
        return true;
    }
    static bool contains(const Group& group, NodeId n) {
        return std::find(group.members.begin(), group.members.end(), n) != group.members.end();
    }
    void take(Group group) {
        if (group.members.size() < 2) return;
        std::sort(group.members.begin(), group.members.end());
        const bool is_one_kind = std::all_of(group.members.begin(), group.members.end(), [&](NodeId member) {
            return node(member).tags == node(group.members.front()).tags;
        });
        if (!is_one_kind || !can_move_to_last(group)) return;
        for (NodeId member : group.members) group_of_[size_t(member)] = int(groups_.size());
        groups_.push_back(std::move(group));
    }

    bool read_outside(ValueId v, const Group& group) const {
        int inside = 0;
        for (NodeId member : group.members)
            inside += int(std::count(node(member).in.begin(), node(member).in.end(), v));
        return uses_[size_t(v)] > inside;
    }
    /// Replaces a group by one node in the graph being written.
    void emit(Rewriter& rewriter, const Group& group) const {
        Graph body;
        body.name = group.pattern;
        std::vector<ValueId> inputs, outputs, inner(graph_.values.size(), no_value);
        for (NodeId member : group.members) {
            for (ValueId v : node(member).in)
                if (v != no_value && inner[size_t(v)] == no_value) {
                    inner[size_t(v)] = body.add_input("in" + std::to_string(inputs.size()), graph_.type(v));
                    inputs.push_back(v);
                }
            std::vector<ValueId> in;
            for (ValueId v : node(member).in) in.push_back(v == no_value ? no_value : inner[size_t(v)]);
            const NodeId made = body.add_node(*node(member).op, node(member).attrs, in, node(member).name);
            for (size_t i = 0; i < node(member).out.size(); ++i)
                inner[size_t(node(member).out[i])] = body.nodes[size_t(made)].out[i];
        }
        for (NodeId member : group.members)
            for (ValueId v : node(member).out)
                if (read_outside(v, group)) {
                    body.add_output("out" + std::to_string(outputs.size()), inner[size_t(v)]);
                    outputs.push_back(v);
                }
        FusedAttrs attrs;
        attrs.pattern = group.pattern;
        attrs.body = std::make_shared<const Graph>(std::move(body));
        rewriter.replace(group.members);
        const std::vector<ValueId> made = rewriter.builder.emit("fused", attrs_of(attrs), rewriter.at(inputs));
        for (size_t i = 0; i < outputs.size(); ++i) rewriter.map(outputs[i], made[i]);
    }
    Graph rewrite() const {
        Rewriter rewriter(graph_);
        for (size_t n = 0; n < graph_.nodes.size(); ++n) {
            const int g = group_of_[n];
            if (g < 0) rewriter.copy(NodeId(n));
            else if (groups_[size_t(g)].members.back() == NodeId(n)) emit(rewriter, groups_[size_t(g)]);
        }
        return rewriter.finish();
    }

    const Graph& graph_;
    const std::vector<std::vector<NodeId>> readers_;
    const std::vector<int> uses_;
    std::vector<int> group_of_;
    std::vector<std::vector<NodeId>> waiting_; // by node: those that wait for it
    std::vector<Group> groups_;
};

} // namespace

Graph fuse(Graph graph) { return Fuser(graph).run(); }

} // namespace ds
