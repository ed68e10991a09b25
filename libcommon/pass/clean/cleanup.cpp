// Clean-up passes: identities, common subexpressions, dead code.
#include <set>
#include <unordered_map>

#include "graph/text.h"
#include "ops/elementwise.h"
#include "ops/shape_ops.h"
#include "pass/pass.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

/// The one value of a constant that fills its shape with it.
bool is_constant(const Graph& graph, ValueId v, double value) {
    const NodeId producer = graph.values[size_t(v)].node;
    if (producer < 0 || graph.nodes[size_t(producer)].op->name != "constant") return false;
    const auto& attrs = graph.nodes[size_t(producer)].as<ConstantAttrs>();
    return attrs.values.size() == 1 && attrs.values[0].real() == value;
}

/// The operand that a node passes on unchanged, or no_value. A node that waits for others makes its readers wait.
ValueId passes_on(const Graph& graph, const Node& node) {
    if (node.out.size() != 1 || node.in.empty() || !node.after.empty()) return no_value;
    ValueId through = no_value;
    const std::string_view op = node.op->name;
    if (op == "dropout") through = node.in[0]; // stored graphs mean inference; train_mode has replaced the others
    else if (op == "unary") {
        const auto& a = node.as<UnaryAttrs>();
        if (a.kind == UnaryKind::identity || (a.kind == UnaryKind::affine && a.alpha == 1 && a.beta == 0))
            through = node.in[0];
    } else if (op == "reshape" || op == "broadcast" || op == "cast" || op == "slice") {
        through = node.in[0];
    } else if (op == "binary") {
        const BinaryKind kind = node.as<BinaryAttrs>().kind;
        const double neutral = kind == BinaryKind::mul || kind == BinaryKind::div ? 1 : 0;
        const bool has_neutral =
            kind == BinaryKind::mul || kind == BinaryKind::div || kind == BinaryKind::add || kind == BinaryKind::sub;
        const bool commutes = kind == BinaryKind::mul || kind == BinaryKind::add;
        if (has_neutral && is_constant(graph, node.in[1], neutral)) through = node.in[0];
        else if (has_neutral && commutes && is_constant(graph, node.in[0], neutral)) through = node.in[1];
    }
    const bool same_type = through != no_value && graph.type(through) == graph.type(node.out[0]);
    return same_type ? through : no_value;
}

/// Drops inputs that are not alive, and slots that are neither alive, written nor followed by one that is.
void drop_unread(Graph& graph, const std::vector<bool>& alive) {
    std::erase_if(graph.inputs, [&](const Input& input) { return !alive[size_t(input.value)]; });
    std::set<std::string> wanted;
    for (const Write& write : graph.writes) wanted.insert(write.slot);
    for (const Gradient& gradient : graph.gradients) wanted.insert(gradient.slot);
    for (const Slot& slot : graph.slots)
        if (alive[size_t(slot.value)]) wanted.insert(slot.name);
    for (size_t before = 0; before != wanted.size();) {
        before = wanted.size();
        for (const Slot& slot : graph.slots)
            if (!slot.follows.empty() && wanted.count(slot.name)) wanted.insert(slot.follows);
    }
    std::erase_if(graph.slots, [&](const Slot& slot) { return !wanted.count(slot.name); });
}

} // namespace

Graph remove_identities(Graph graph) {
    Rewriter rewriter(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        const ValueId through = passes_on(graph, node);
        if (through != no_value) rewriter.map(node.out[0], rewriter.at(through));
        else rewriter.copy(NodeId(n));
    }
    return rewriter.finish();
}

Graph eliminate_common(Graph graph) {
    Rewriter rewriter(graph);
    std::unordered_map<std::string, NodeId> seen; // op, attributes and operands -> first node of the source
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        std::string key(node.op->name);
        key += " " + text(*node.attrs) + text(node.tags);
        for (ValueId v : rewriter.at(node.in)) key += " " + std::to_string(v);
        const bool may_join = node.op->effect == Effect::none && node.after.empty();
        const auto [first, is_new] = seen.emplace(key, NodeId(n));
        if (is_new || !may_join) {
            rewriter.copy(NodeId(n));
            continue;
        }
        const Node& same = graph.nodes[size_t(first->second)];
        for (size_t i = 0; i < node.out.size(); ++i) rewriter.map(node.out[i], rewriter.at(same.out[i]));
    }
    return rewriter.finish();
}

Graph eliminate_dead(Graph graph) {
    std::vector<bool> alive(graph.values.size());
    for (const Output& output : graph.outputs) alive[size_t(output.value)] = true;
    for (const Write& write : graph.writes) alive[size_t(write.value)] = true;
    for (const Gradient& gradient : graph.gradients) alive[size_t(gradient.value)] = true;
    std::vector<bool> keep(graph.nodes.size()), awaited(graph.nodes.size());
    for (size_t n = graph.nodes.size(); n-- > 0;) {
        const Node& node = graph.nodes[n];
        const bool is_effect = node.op->effect != Effect::none;
        bool wanted = node.op->effect == Effect::communicate || (is_effect && awaited[n]); // other ranks wait for it
        for (ValueId v : node.out) wanted = wanted || alive[size_t(v)];
        if (wanted || awaited[n]) // an effect that a node which goes waited for still comes before whoever waits
            for (NodeId before : node.after) awaited[size_t(before)] = true;
        if (!wanted) continue;
        keep[n] = true;
        for (ValueId v : node.in)
            if (v != no_value) alive[size_t(v)] = true;
    }
    drop_unread(graph, alive);
    return filter_nodes(graph, keep);
}

} // namespace ds
