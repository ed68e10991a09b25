#include "pass/derive/freeze.h"

namespace ds {

Graph freeze(Graph graph, const std::set<std::string>& parameters) {
    std::set<ValueId> frozen;
    for (Slot& slot : graph.slots)
        if (parameters.count(slot.name)) {
            slot.train = false;
            frozen.insert(slot.value);
        }
    for (Node& node : graph.nodes)
        if (node.op->name == "batch_norm" && frozen.count(node.in[1])) node.tags.frozen = true;
    return graph;
}

} // namespace ds
