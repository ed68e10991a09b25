#include "graph/builder.h"

namespace ds {

std::vector<ValueId> Builder::emit(std::string_view op_name, AttrsPtr attrs, std::vector<ValueId> inputs) {
    const NodeId node = graph_.add_node(op(op_name), std::move(attrs), std::move(inputs), name_);
    return graph_.nodes[size_t(node)].out;
}

} // namespace ds
