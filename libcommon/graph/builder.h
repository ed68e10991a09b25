// Writes nodes into a Graph under the name of the node that they are made for. What to write: ops/emit.h.
#pragma once

#include "graph/graph.h"

namespace ds {

class Builder : public Emitter {
public:
    explicit Builder(Graph& graph) : graph_(graph) {}
    std::vector<ValueId> emit(std::string_view op, AttrsPtr attrs, std::vector<ValueId> inputs) override;
    const Type& type(ValueId value) const override { return graph_.type(value); }
    Graph& graph() { return graph_; }
    /// What nodes emitted from now on are called, how they are tagged, and what they wait for.
    void set_name(std::string name) { name_ = std::move(name); }
    void set_tags(const Tags& tags) { tags_ = tags; }
    void set_after(std::vector<NodeId> after) { after_ = std::move(after); }
    const std::string& name() const { return name_; }

private:
    Graph& graph_;
    std::string name_;
    Tags tags_;
    std::vector<NodeId> after_;
};

} // namespace ds
