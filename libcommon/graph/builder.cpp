#include "graph/builder.h"

namespace ds {

std::vector<ValueId> Builder::emit(std::string_view op_name, AttrsPtr attrs, std::vector<ValueId> inputs) {
    Node& node = graph_.nodes[size_t(graph_.add_node(op(op_name), std::move(attrs), std::move(inputs), name_))];
    node.tags = tags_;
    node.after = after_;
    return node.out;
}

} // namespace ds
