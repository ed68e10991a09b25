// Builds the dependency graph (operands, control edges, one order of collectives, and "every reader of a slot's
// old value before the node that overwrites it"), then schedules it three ways and keeps the one with the lowest
// estimated peak: as given; as given, but taking a ready node at once when it frees at least what it needs; and
// always the ready node that frees most.
#include "plan/draft/order.h"

#include <algorithm>
#include <limits>
#include <set>

#include "ops/elementwise.h"
#include "ops/fused.h"
#include "ops/shape_ops.h"

namespace ds {

namespace {

bool adds_nothing(const PadAttrs& pad) {
    auto zero = [](const Dim& d) { return d == Dim(0); };
    return std::all_of(pad.before.begin(), pad.before.end(), zero) &&
           std::all_of(pad.after.begin(), pad.after.end(), zero);
}

} // namespace

bool may_be_view(const Node& node) {
    const std::string_view op = node.op->name;
    if (op == "reshape" || op == "slice" || op == "transpose" || op == "dropout") return true;
    if (op == "unary") return node.as<UnaryAttrs>().kind == UnaryKind::identity;
    if (op == "pad") return adds_nothing(node.as<PadAttrs>());
    if (op != "fused") return false;
    const Graph& body = *node.as<FusedAttrs>().body;
    return std::any_of(body.nodes.begin(), body.nodes.end(), may_be_view);
}

namespace {

/// The nodes and the edges between them.
class Dependencies {
public:
    explicit Dependencies(const Graph& graph) : next_(graph.nodes.size()) {
        NodeId collective = -1;
        for (NodeId n = 0; n < NodeId(graph.nodes.size()); ++n) {
            const Node& node = graph.nodes[size_t(n)];
            for (ValueId v : node.in)
                if (v != no_value) add(graph.values[size_t(v)].node, n);
            for (NodeId before : node.after) add(before, n);
            if (node.op->effect != Effect::communicate) continue;
            add(collective, n);
            collective = n;
        }
    }

    void add(NodeId before, NodeId after) {
        if (before >= 0 && before != after) next_[size_t(before)].push_back(after);
    }

    const std::vector<NodeId>& next(NodeId n) const { return next_[size_t(n)]; }

    /// Every node that has to run after `n`, and `n`.
    std::vector<bool> downstream(NodeId n) const {
        std::vector<bool> seen(next_.size(), false);
        std::vector<NodeId> todo{n};
        seen[size_t(n)] = true;
        while (!todo.empty()) {
            const NodeId at = todo.back();
            todo.pop_back();
            for (NodeId after : next(at))
                if (!seen[size_t(after)]) {
                    seen[size_t(after)] = true;
                    todo.push_back(after);
                }
        }
        return seen;
    }

    std::vector<int> waits() const {
        std::vector<int> count(next_.size(), 0);
        for (const auto& list : next_)
            for (NodeId n : list) ++count[size_t(n)];
        return count;
    }

private:
    std::vector<std::vector<NodeId>> next_;
};

/// The value itself and everything that may be a view of it.
std::set<ValueId> aliases(const Graph& graph, const std::vector<std::vector<NodeId>>& readers, ValueId value) {
    std::set<ValueId> all{value};
    std::vector<ValueId> todo{value};
    while (!todo.empty()) {
        const ValueId v = todo.back();
        todo.pop_back();
        for (NodeId n : readers[size_t(v)]) {
            if (!may_be_view(graph.nodes[size_t(n)])) continue;
            for (ValueId out : graph.nodes[size_t(n)].out)
                if (all.insert(out).second) todo.push_back(out);
        }
    }
    return all;
}

/// Decides which writes may go straight to their slot, and adds the edges that make it so.
std::vector<bool> direct_writes(const Graph& graph, Dependencies& dependencies) {
    const auto readers = graph.readers();
    std::set<ValueId> kept; // read when everything has run
    for (const Output& o : graph.outputs) kept.insert(o.value);
    for (const Write& w : graph.writes) kept.insert(w.value);
    std::set<ValueId> taken;
    std::vector<bool> direct(graph.writes.size(), false);
    for (size_t i = 0; i < graph.writes.size(); ++i) {
        const ValueId value = graph.writes[i].value;
        const NodeId writer = graph.values[size_t(value)].node;
        if (writer < 0 || may_be_view(graph.nodes[size_t(writer)]) || taken.count(value)) continue;
        const std::set<ValueId> old = aliases(graph, readers, graph.find_slot(graph.writes[i].slot)->value);
        if (std::any_of(old.begin(), old.end(), [&](ValueId v) { return kept.count(v) != 0; })) continue;
        std::set<NodeId> before;
        for (ValueId v : old) before.insert(readers[size_t(v)].begin(), readers[size_t(v)].end());
        before.erase(writer);
        const std::vector<bool> after = dependencies.downstream(writer);
        if (std::any_of(before.begin(), before.end(), [&](NodeId n) { return after[size_t(n)]; })) continue;
        for (NodeId n : before) dependencies.add(n, writer);
        direct[i] = true;
        taken.insert(value);
    }
    return direct;
}

/// What an order costs: bytes that each node brings to life and bytes that die with it. Views share the
/// memory of their source, so bytes belong to the root of a chain of views.
class Ledger {
public:
    Ledger(const Graph& graph, const std::vector<bool>& direct) : graph_(graph), root_(graph.values.size()) {
        for (size_t v = 0; v < root_.size(); ++v) root_[v] = ValueId(v);
        for (const Node& node : graph.nodes)
            if (may_be_view(node) && node.op->name != "fused") root_[size_t(node.out[0])] = root_[size_t(node.in[0])];
        size_.assign(graph.values.size(), 0);
        left_.assign(graph.values.size(), 0);
        for (size_t v = 0; v < graph.values.size(); ++v)
            if (root_[v] == ValueId(v)) size_[v] = bytes(graph.values[v].type);
        for (const Slot& s : graph.slots) size_[size_t(s.value)] = 0;
        for (size_t i = 0; i < graph.writes.size(); ++i)
            if (direct[i]) size_[size_t(graph.writes[i].value)] = 0;
        for (const Node& node : graph.nodes) {
            std::set<ValueId> read;
            for (ValueId v : node.in)
                if (v != no_value) read.insert(root_[size_t(v)]);
            reads_.emplace_back(read.begin(), read.end());
        }
        for (const auto& read : reads_)
            for (ValueId root : read) ++left_[size_t(root)];
        for (const Output& o : graph.outputs) ++left_[size_t(root_[size_t(o.value)])];
        for (const Write& w : graph.writes) ++left_[size_t(root_[size_t(w.value)])];
        for (const Input& i : graph.inputs) alive_ += size_[size_t(i.value)];
        peak_ = alive_;
    }

    /// Change of the bytes alive when node `n` runs now.
    int64_t change(NodeId n) const {
        const Node& node = graph_.nodes[size_t(n)];
        int64_t total = 0;
        for (ValueId v : node.out)
            if (left_[size_t(v)] > 0) total += size_[size_t(v)];
        for (ValueId root : reads_[size_t(n)])
            if (left_[size_t(root)] == 1) total -= size_[size_t(root)];
        return total;
    }

    void run(NodeId n) {
        const Node& node = graph_.nodes[size_t(n)];
        int64_t made = 0;
        for (ValueId v : node.out) made += size_[size_t(v)];
        peak_ = std::max(peak_, alive_ + made);
        alive_ += change(n);
        for (ValueId root : reads_[size_t(n)]) --left_[size_t(root)];
    }

    int64_t peak() const { return peak_; }

private:
    const Graph& graph_;
    std::vector<ValueId> root_;
    std::vector<std::vector<ValueId>> reads_; // by node: the roots of its operands, each once
    std::vector<int64_t> size_;               // of roots, in bytes; 0 for what lies outside the arena
    std::vector<int> left_;                   // reads still to come
    int64_t alive_ = 0, peak_ = 0;
};

enum class Rule { as_given, free_early, greedy };

NodeId pick(const std::set<NodeId>& ready, const Ledger& ledger, Rule rule) {
    if (rule == Rule::as_given) return *ready.begin();
    NodeId best = *ready.begin();
    int64_t best_change = std::numeric_limits<int64_t>::max();
    for (NodeId n : ready) {
        const int64_t change = ledger.change(n);
        if (change < best_change) {
            best = n;
            best_change = change;
        }
    }
    return rule == Rule::greedy || best_change <= 0 ? best : *ready.begin();
}

std::vector<NodeId> schedule(const Dependencies& dependencies, Ledger& ledger, Rule rule) {
    std::vector<int> waits = dependencies.waits();
    std::set<NodeId> ready;
    for (size_t n = 0; n < waits.size(); ++n)
        if (waits[n] == 0) ready.insert(NodeId(n));
    std::vector<NodeId> order;
    while (!ready.empty()) {
        const NodeId n = pick(ready, ledger, rule);
        ready.erase(n);
        ledger.run(n);
        order.push_back(n);
        for (NodeId after : dependencies.next(n))
            if (--waits[size_t(after)] == 0) ready.insert(after);
    }
    return order;
}

} // namespace

Order order_nodes(const Graph& graph, bool in_place) {
    Dependencies dependencies(graph);
    Order best;
    best.direct.assign(graph.writes.size(), false);
    if (in_place) best.direct = direct_writes(graph, dependencies);
    int64_t lowest = std::numeric_limits<int64_t>::max();
    for (Rule rule : {Rule::free_early, Rule::as_given, Rule::greedy}) {
        Ledger ledger(graph, best.direct);
        std::vector<NodeId> nodes = schedule(dependencies, ledger, rule);
        if (ledger.peak() >= lowest) continue;
        lowest = ledger.peak();
        best.nodes = std::move(nodes);
    }
    return best;
}

} // namespace ds
