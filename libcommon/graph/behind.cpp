#include "graph/behind.h"

namespace ds {

std::set<std::string> targets_behind(const Graph& graph, ValueId value) {
    std::set<std::string> targets;
    std::vector<bool> seen(graph.values.size());
    std::vector<ValueId> todo{value};
    while (!todo.empty()) {
        const ValueId v = todo.back();
        todo.pop_back();
        if (v == no_value || seen[size_t(v)]) continue;
        seen[size_t(v)] = true;
        for (const Input& input : graph.inputs)
            if (input.value == v && input.role == InputRole::target) targets.insert(input.name);
        if (const NodeId n = graph.values[size_t(v)].node; n >= 0)
            todo.insert(todo.end(), graph.nodes[size_t(n)].in.begin(), graph.nodes[size_t(n)].in.end());
    }
    return targets;
}

} // namespace ds
