#include "graph/behind.h"

#include <vector>

namespace ds {
namespace {

/// Which values a value is computed from; it is one of them.
std::vector<bool> values_behind(const Graph& graph, ValueId value) {
    std::vector<bool> seen(graph.values.size());
    std::vector<ValueId> todo{value};
    while (!todo.empty()) {
        const ValueId v = todo.back();
        todo.pop_back();
        if (v == no_value || seen[size_t(v)]) continue;
        seen[size_t(v)] = true;
        if (const NodeId n = graph.values[size_t(v)].node; n >= 0)
            todo.insert(todo.end(), graph.nodes[size_t(n)].in.begin(), graph.nodes[size_t(n)].in.end());
    }
    return seen;
}

} // namespace

std::set<std::string> inputs_behind(const Graph& graph, ValueId value, InputRole role) {
    const std::vector<bool> behind = values_behind(graph, value);
    std::set<std::string> names;
    for (const Input& input : graph.inputs)
        if (input.role == role && behind[size_t(input.value)]) names.insert(input.name);
    return names;
}

std::set<std::string> targets_behind(const Graph& graph, ValueId value) {
    return inputs_behind(graph, value, InputRole::target);
}

bool is_behind(const Graph& graph, ValueId source, ValueId value) {
    return values_behind(graph, value)[size_t(source)];
}

} // namespace ds
