#include "graph/graph.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace ds {
namespace {

constexpr std::array<std::string_view, 6> slot_kinds{"parameter", "statistic", "moment", "ema", "accumulator", "cache"};
constexpr std::array<std::string_view, 4> input_roles{"data", "target", "weight", "control"};

template <class List>
auto* find_named(List& list, std::string_view name) {
    const auto it = std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
    return it == list.end() ? nullptr : &*it;
}

std::string operand_types(const Graph& graph, const std::vector<ValueId>& in) {
    std::string list;
    for (ValueId v : in)
        list += (list.empty() ? "" : ", ") + (v == no_value ? "_" : graph.value_name(v) + " " + text(graph.type(v)));
    return list;
}

std::vector<Type> infer_node(const Graph& graph, const OpRow& row, const Attrs& attrs, const std::vector<ValueId>& in,
                             const std::string& name) {
    std::vector<Type> types;
    for (ValueId v : in) types.push_back(operand_type(graph, v));
    try {
        const int n = int(in.size());
        if (n < row.min_inputs || (row.max_inputs >= 0 && n > row.max_inputs))
            fail(Exit::data, "takes {} to {} inputs, not {}", row.min_inputs,
                 row.max_inputs < 0 ? std::string("any number of") : std::to_string(row.max_inputs), n);
        for (size_t i = 0; i < in.size(); ++i)
            if (in[i] == no_value && !row.may_lack(i)) fail(Exit::data, "needs operand {}", i);
        return row.infer({attrs, types});
    } catch (const Error& error) {
        fail(error.code(), "node '{}' ({} of {}): {}", name, row.name, operand_types(graph, in), error.what());
    }
}

} // namespace

std::string_view name(SlotKind kind) { return slot_kinds[size_t(kind)]; }
std::string_view name(InputRole role) { return input_roles[size_t(role)]; }

ValueId Graph::add_input(std::string input_name, Type type, InputRole role) {
    values.push_back({std::move(type), -1, 0});
    inputs.push_back({std::move(input_name), ValueId(values.size() - 1), role});
    return inputs.back().value;
}

ValueId Graph::add_slot(Slot slot, Type type) {
    values.push_back({std::move(type), -1, 0});
    slot.value = ValueId(values.size() - 1);
    slots.push_back(std::move(slot));
    return slots.back().value;
}

NodeId Graph::add_node(const OpRow& row, AttrsPtr attrs, std::vector<ValueId> in, std::string node_name) {
    while (!in.empty() && in.back() == no_value) in.pop_back();
    for (ValueId v : in)
        if (v != no_value && (v < 0 || size_t(v) >= values.size()))
            bug("node '{}' ({}) reads a value that does not exist", node_name, row.name);
    const std::vector<Type> types = infer_node(*this, row, *attrs, in, node_name);
    const NodeId id = NodeId(nodes.size());
    Node node{&row, std::move(attrs), std::move(in), {}, std::move(node_name), {}, {}};
    for (const Type& type : types) {
        node.out.push_back(ValueId(values.size()));
        values.push_back({type, id, int32_t(node.out.size() - 1)});
    }
    nodes.push_back(std::move(node));
    return id;
}

void Graph::add_output(std::string output_name, ValueId value, bool objective) {
    outputs.push_back({std::move(output_name), value, objective});
}

const Input* Graph::find_input(std::string_view n) const { return find_named(inputs, n); }
const Slot* Graph::find_slot(std::string_view n) const { return find_named(slots, n); }
const Output* Graph::find_output(std::string_view n) const { return find_named(outputs, n); }

std::vector<int> Graph::use_counts() const {
    std::vector<int> counts(values.size());
    for (const Node& node : nodes)
        for (ValueId v : node.in)
            if (v != no_value) ++counts[size_t(v)];
    for (const Output& output : outputs) ++counts[size_t(output.value)];
    for (const Write& write : writes) ++counts[size_t(write.value)];
    for (const Gradient& gradient : gradients) ++counts[size_t(gradient.value)];
    return counts;
}

std::vector<std::vector<NodeId>> Graph::readers() const {
    std::vector<std::vector<NodeId>> lists(values.size());
    for (size_t n = 0; n < nodes.size(); ++n)
        for (ValueId v : nodes[n].in)
            if (v != no_value && (lists[size_t(v)].empty() || lists[size_t(v)].back() != NodeId(n)))
                lists[size_t(v)].push_back(NodeId(n));
    return lists;
}

std::string Graph::value_name(ValueId v) const {
    const Value& value = values[size_t(v)];
    if (value.node >= 0) {
        const Node& node = nodes[size_t(value.node)];
        return node.out.size() == 1 ? node.name : fmt::format("{}[{}]", node.name, value.output);
    }
    for (const Input& input : inputs)
        if (input.value == v) return input.name;
    for (const Slot& slot : slots)
        if (slot.value == v) return slot.name;
    return fmt::format("value {}", v);
}

} // namespace ds
