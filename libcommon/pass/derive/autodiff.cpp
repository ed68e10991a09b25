#include "pass/derive/autodiff.h"

#include <map>

#include "base/error.h"
#include "graph/builder.h"
#include "ops/emit.h"

namespace ds {
namespace {

class Reverse {
public:
    explicit Reverse(const Graph& forward) : graph_(forward), builder_(graph_), needs_(forward.values.size()) {
        gradient_.assign(forward.values.size(), {});
    }

    Graph run() {
        const Output& objective = find_objective();
        mark_needed();
        builder_.set_name("gradient");
        const ValueId one = scalar(builder_, graph_.type(objective.value).dtype, 1);
        add_gradient(objective.value, one);
        for (NodeId n = NodeId(node_count_) - 1; n >= 0; --n) back(n);
        std::map<std::string, ValueId> totals; // updates come in the order of the names
        for (const Slot& slot : graph_.slots)
            if (wanted(slot))
                if (const ValueId total = summed(slot.value); total != no_value) totals[slot.name] = total;
        graph_.gradients.clear();
        for (const auto& [slot, total] : totals) graph_.gradients.push_back({slot, total});
        return std::move(graph_);
    }

private:
    static bool wanted(const Slot& slot) { return slot.kind == SlotKind::parameter && slot.train; }

    const Output& find_objective() const {
        for (const Output& output : graph_.outputs)
            if (output.objective) return output;
        fail(Exit::data, "graph '{}' has no objective to differentiate", graph_.name);
    }
    /// A value needs a gradient when a wanted parameter reaches it.
    void mark_needed() {
        node_count_ = graph_.nodes.size();
        for (const Slot& slot : graph_.slots)
            if (wanted(slot)) needs_[size_t(slot.value)] = true;
        for (const Node& node : graph_.nodes) {
            bool any = false;
            for (ValueId v : node.in) any = any || (v != no_value && needs_[size_t(v)]);
            for (ValueId v : node.out) needs_[size_t(v)] = any && is_float(graph_.type(v).dtype);
        }
    }
    void add_gradient(ValueId v, ValueId gradient) { gradient_[size_t(v)].push_back(gradient); }
    ValueId summed(ValueId v) {
        std::vector<ValueId>& parts = gradient_[size_t(v)];
        if (parts.empty()) return no_value;
        ValueId total = parts[0];
        for (size_t i = 1; i < parts.size(); ++i) total = add(builder_, total, parts[i]);
        parts = {total};
        return total;
    }
    void back(NodeId n) {
        const Node node = graph_.nodes[size_t(n)]; // a copy: emitting grows the vector
        bool reached = false, needed = false;
        for (ValueId v : node.out) reached = reached || !gradient_[size_t(v)].empty();
        std::vector<bool> needs;
        for (ValueId v : node.in) {
            needs.push_back(v != no_value && needs_[size_t(v)]);
            needed = needed || needs.back();
        }
        if (!reached || !needed) return;
        if (!node.op->gradient) fail(Exit::data, "node '{}': {} has no gradient", node.name, node.op->name);
        builder_.set_name(node.name);
        builder_.set_tags({.stage = node.tags.stage});
        std::vector<ValueId> dout;
        for (ValueId v : node.out) dout.push_back(summed(v));
        GradientArgs args{
            builder_, node.attrs, node.in, node.out, dout, needs, std::vector<ValueId>(node.in.size(), no_value)};
        node.op->gradient(args);
        for (size_t i = 0; i < node.in.size(); ++i)
            if (needs[i] && args.din[i] != no_value) add_gradient(node.in[i], args.din[i]);
    }

    Graph graph_;
    Builder builder_;
    size_t node_count_ = 0;
    std::vector<bool> needs_;
    std::vector<std::vector<ValueId>> gradient_; // of the forward graph's values; parts to be summed
};

} // namespace

Graph differentiate(const Graph& graph) { return Reverse(graph).run(); }

} // namespace ds
