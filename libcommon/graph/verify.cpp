#include "graph/verify.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "graph/init.h"

namespace ds {
namespace {

class Verifier {
public:
    Verifier(const Graph& graph, const std::string& what) : graph_(graph), what_(what), defined_(graph.values.size()) {}

    void run() {
        for (const Input& input : graph_.inputs) declare(input.name, input.value);
        for (const Slot& slot : graph_.slots) declare(slot.name, slot.value);
        for (const Slot& slot : graph_.slots) check_slot(slot);
        for (size_t n = 0; n < graph_.nodes.size(); ++n) check_node(NodeId(n));
        for (const Output& output : graph_.outputs) check_output(output);
        for (const Write& write : graph_.writes) check_write(write);
        for (const Gradient& gradient : graph_.gradients) check_gradient(gradient);
    }

private:
    template <class... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
        fail(Exit::data, "{}: graph '{}': {}", what_, graph_.name, fmt::format(format, std::forward<Args>(args)...));
    }
    void declare(const std::string& name, ValueId value) {
        if (name.empty() || !names_.insert(name).second) refuse("the name '{}' stands for two things", name);
        define(value, name);
        if (graph_.values[size_t(value)].node >= 0) refuse("'{}' is also made by a node", name);
    }
    void define(ValueId value, const std::string& name) {
        if (value < 0 || size_t(value) >= defined_.size()) refuse("'{}' has no value", name);
        if (defined_[size_t(value)]) refuse("the value of '{}' is defined twice", name);
        const Type& type = graph_.type(value);
        if (type.shape.size() > size_t(max_rank))
            refuse("'{}' has {} axes; {} are allowed", name, type.shape.size(), max_rank);
        int64_t size = 1;
        for (const Dim& d : type.shape) {
            if (!d.known()) continue;
            if (d.value() < 0) refuse("'{}' has a negative size: {}", name, text(type));
            if (__builtin_mul_overflow(size, std::max<int64_t>(d.value(), 1), &size) || size > (int64_t{1} << 56))
                refuse("'{}' is too large: {}", name, text(type));
        }
        defined_[size_t(value)] = true;
    }
    void check_slot(const Slot& slot) const {
        if (!find_init(slot.init.kind))
            refuse("slot '{}' has the unknown initialisation '{}'", slot.name, slot.init.kind);
        if (slot.follows.empty()) return;
        const Slot* parameter = graph_.find_slot(slot.follows);
        if (!parameter) refuse("slot '{}' follows '{}', which does not exist", slot.name, slot.follows);
        const size_t rank = graph_.type(parameter->value).shape.size();
        for (int64_t axis : slot.axes)
            if (axis < 0 || size_t(axis) >= rank)
                refuse("slot '{}' follows axis {} of '{}'", slot.name, axis, slot.follows);
    }
    void check_node(NodeId id) {
        const Node& node = graph_.nodes[size_t(id)];
        std::vector<Type> types;
        for (size_t i = 0; i < node.in.size(); ++i) {
            const ValueId v = node.in[i];
            const bool is_absent = v == no_value && node.op->may_lack(i);
            if (!is_absent && (v < 0 || size_t(v) >= defined_.size() || !defined_[size_t(v)]))
                refuse("node '{}' ({}) reads a value before it is made", node.name, node.op->name);
            types.push_back(operand_type(graph_, v));
        }
        if (!node.in.empty() && node.in.back() == no_value)
            refuse("node '{}' ({}) ends with an absent operand", node.name, node.op->name);
        if (node.tags.stage < -1) refuse("node '{}' is of stage {}", node.name, node.tags.stage);
        for (NodeId other : node.after)
            if (other < 0 || other >= id) refuse("node '{}' waits for a node that does not come before it", node.name);
        check_types(node, types);
        for (size_t i = 0; i < node.out.size(); ++i) {
            define(node.out[i], node.name);
            const Value& value = graph_.values[size_t(node.out[i])];
            if (value.node != id || value.output != int32_t(i))
                refuse("an output of node '{}' names another producer", node.name);
        }
        for (const SubGraph& body : bodies_of(node)) Verifier(*body, what_).run();
    }
    void check_types(const Node& node, const std::vector<Type>& types) const {
        const int n = int(types.size());
        if (n < node.op->min_inputs || (node.op->max_inputs >= 0 && n > node.op->max_inputs))
            refuse("node '{}' ({}) has {} inputs", node.name, node.op->name, n);
        std::vector<Type> inferred;
        try {
            inferred = node.op->infer({*node.attrs, types});
        } catch (const Error& error) {
            std::string list;
            for (size_t i = 0; i < types.size(); ++i)
                list += (i ? ", " : "") +
                        (node.in[i] == no_value ? "_" : graph_.value_name(node.in[i]) + " " + text(types[i]));
            refuse("node '{}' ({} of {}): {}", node.name, node.op->name, list, error.what());
        }
        if (inferred.size() != node.out.size())
            refuse("node '{}' ({}) has {} outputs", node.name, node.op->name, node.out.size());
        for (size_t i = 0; i < inferred.size(); ++i)
            if (!(inferred[i] == graph_.type(node.out[i])))
                refuse("node '{}' ({}) gives {}, not {}", node.name, node.op->name, text(inferred[i]),
                       text(graph_.type(node.out[i])));
    }
    void check_output(const Output& output) {
        if (!outputs_.insert(output.name).second) refuse("two outputs are named '{}'", output.name);
        if (output.value < 0 || size_t(output.value) >= defined_.size() || !defined_[size_t(output.value)])
            refuse("output '{}' is a value that nothing makes", output.name);
        if (!output.objective) return;
        const Type& type = graph_.type(output.value);
        if (!type.shape.empty() || !is_float(type.dtype))
            refuse("the objective '{}' is {}, not one number", output.name, text(type));
        if (!graph_.find_output(output.name + ".count"))
            refuse("the objective '{0}' has no output '{0}.count'", output.name);
    }
    void check_write(const Write& write) {
        const Slot* slot = graph_.find_slot(write.slot);
        if (!slot) refuse("'{}' is written and is no slot", write.slot);
        if (!written_.insert(write.slot).second) refuse("slot '{}' is written twice", write.slot);
        if (write.value < 0 || size_t(write.value) >= defined_.size() || !defined_[size_t(write.value)])
            refuse("slot '{}' is written with a value that nothing makes", write.slot);
        if (!(graph_.type(write.value) == graph_.type(slot->value)))
            refuse("slot '{}' is {} and is written with {}", write.slot, text(graph_.type(slot->value)),
                   text(graph_.type(write.value)));
    }

    void check_gradient(const Gradient& gradient) {
        const Slot* slot = graph_.find_slot(gradient.slot);
        if (!slot) refuse("the gradient of '{}' is given, which is no slot", gradient.slot);
        if (!differentiated_.insert(gradient.slot).second) refuse("slot '{}' has two gradients", gradient.slot);
        if (gradient.value < 0 || size_t(gradient.value) >= defined_.size() || !defined_[size_t(gradient.value)])
            refuse("the gradient of '{}' is a value that nothing makes", gradient.slot);
        if (!(graph_.type(gradient.value) == graph_.type(slot->value)))
            refuse("slot '{}' is {} and its gradient {}", gradient.slot, text(graph_.type(slot->value)),
                   text(graph_.type(gradient.value)));
    }

    const Graph& graph_;
    const std::string& what_;
    std::vector<bool> defined_;
    std::set<std::string> names_, outputs_, written_, differentiated_;
};

/// Replaces symbols in every field of an attribute struct.
struct AttributeBinder : AttrsReader { // of a copy: its fields are written
    using AttrsReader::field;
    const Binding& binding;
    explicit AttributeBinder(const Binding& b) : binding(b) {}
    void field(const char*, Dim& d) override { d = d.bind(binding); }
    void field(const char*, Shape& s) override { s = ds::bind(s, binding); }
    void field(const char*, SubGraph& g) override {
        if (g) g = std::make_shared<const Graph>(ds::bind(*g, binding));
    }
};

/// Finds the symbols in every field of an attribute struct.
struct AttributeSymbols : AttrsReader {
    using AttrsReader::field;
    std::map<std::string, int>& found;
    explicit AttributeSymbols(std::map<std::string, int>& f) : found(f) {}
    void field(const char*, Dim& d) override { d.collect_symbols(found); }
    void field(const char*, Shape& s) override {
        for (const Dim& d : s) d.collect_symbols(found);
    }
    void field(const char*, SubGraph& g) override {
        if (g) collect(*g, found);
    }
    static void collect(const Graph& graph, std::map<std::string, int>& found) {
        AttributeSymbols reader(found);
        for (const Input& input : graph.inputs) reader.shape(graph.type(input.value).shape);
        for (const Slot& slot : graph.slots) reader.shape(graph.type(slot.value).shape);
        for (const Node& node : graph.nodes) reader.read(*node.attrs);
    }

private:
    void shape(const Shape& s) {
        for (const Dim& d : s) d.collect_symbols(found);
    }
};

} // namespace

void verify(const Graph& graph, const std::string& what) { Verifier(graph, what).run(); }

Graph bind(const Graph& graph, const Binding& binding) {
    Graph bound = graph;
    for (const Input& input : bound.inputs) {
        Type& type = bound.values[size_t(input.value)].type;
        type.shape = ds::bind(type.shape, binding);
    }
    for (const Slot& slot : bound.slots) {
        Type& type = bound.values[size_t(slot.value)].type;
        type.shape = ds::bind(type.shape, binding);
    }
    for (Node& node : bound.nodes) {
        std::shared_ptr<Attrs> attrs = node.attrs->clone();
        AttributeBinder binder(binding);
        attrs->visit(binder);
        node.attrs = attrs;
        std::vector<Type> types;
        for (ValueId v : node.in) types.push_back(operand_type(bound, v));
        std::vector<Type> inferred;
        try {
            inferred = node.op->infer({*node.attrs, types});
        } catch (const Error& error) {
            fail(error.code(), "node '{}' ({}) with the sizes asked for: {}", node.name, node.op->name, error.what());
        }
        for (size_t i = 0; i < inferred.size(); ++i) bound.values[size_t(node.out[i])].type = inferred[i];
    }
    return bound;
}

std::vector<std::string> symbols(const Graph& graph) {
    std::map<std::string, int> found;
    AttributeSymbols::collect(graph, found);
    std::vector<std::string> names;
    for (const auto& [name, unused] : found) names.push_back(name);
    return names;
}

} // namespace ds
