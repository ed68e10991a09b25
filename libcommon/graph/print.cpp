// Prints graphs: the text that checkpoints store, and pictures for Graphviz.
#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "graph/text.h"

namespace ds {
namespace {

std::string indented(const std::string& block, const std::string& by) {
    std::string out;
    for (char c : block) {
        out += c;
        if (c == '\n') out += by;
    }
    return out;
}

/// Shortest text that reads back to the same double.
std::string number(double value) { return fmt::format("{}", value); }
std::string number(const Number& n) { return n.is_integer() ? std::to_string(n.integer()) : number(n.real()); }

std::string quoted(const std::string& raw) {
    std::string out = "\"";
    for (char c : raw) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

/// Names of inputs, slots and outputs: as they are where the parser takes them for a word, else in quotes.
std::string spelled(const std::string& name) {
    const bool is_word = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return (c < 128 && std::isalnum(c)) || c == '_' || c == '.' || c == '-' || c == '/' || c == '+';
    });
    return is_word && !name.empty() && name != "_" ? name : quoted(name); // "_" is an absent operand
}

template <class T, class F>
std::string list(const std::vector<T>& items, F&& print) {
    std::string out = "[";
    for (const T& item : items) out += (out.size() > 1 ? "," : "") + print(item);
    return out + "]";
}

struct Printer : FieldVisitor {
    std::string out;
    void put(const char* name, const std::string& value) {
        out += (out.empty() ? "" : " ") + std::string(name) + "=" + value;
    }
    void field(const char* n, bool& v) override { put(n, v ? "true" : "false"); }
    void field(const char* n, int64_t& v) override { put(n, std::to_string(v)); }
    void field(const char* n, double& v) override { put(n, number(v)); }
    void field(const char* n, std::string& v) override { put(n, quoted(v)); }
    void field(const char* n, DType& v) override { put(n, std::string(name(v))); }
    void field(const char* n, Dim& v) override { put(n, v.text()); }
    void field(const char* n, Shape& v) override { put(n, text(v)); }
    void field(const char* n, std::vector<int64_t>& v) override {
        put(n, list(v, [](int64_t x) { return std::to_string(x); }));
    }
    void field(const char* n, std::vector<Number>& v) override {
        put(n, list(v, [](const Number& x) { return number(x); }));
    }
    void field(const char* n, SubGraph& v) override { put(n, v ? "{\n" + text(*v) + "}" : "{}"); }
    void choice(const char* n, int& v, std::span<const std::string_view> names) override {
        put(n, std::string(names[size_t(v)]));
    }
};

/// How values are referred to: inputs and slots by name, the rest by %number in order of appearance.
std::vector<std::string> value_names(const Graph& graph) {
    std::vector<std::string> names(graph.values.size());
    for (const Input& input : graph.inputs) names[size_t(input.value)] = spelled(input.name);
    for (const Slot& slot : graph.slots) names[size_t(slot.value)] = spelled(slot.name);
    int next = 0;
    for (const Node& node : graph.nodes)
        for (ValueId v : node.out) names[size_t(v)] = "%" + std::to_string(next++);
    return names;
}

std::string input_line(const Graph& graph, const Input& input) {
    std::string line = fmt::format("input {}: {}", spelled(input.name), text(graph.type(input.value)));
    if (input.role != InputRole::data) line += fmt::format(" role={}", name(input.role));
    return line;
}

std::string slot_line(const Graph& graph, const Slot& slot) {
    std::string line = fmt::format("slot {}: {} kind={} init={}", spelled(slot.name), text(graph.type(slot.value)),
                                   name(slot.kind), slot.init.kind);
    if (slot.init.a != 0) line += "(" + number(slot.init.a) + ")";
    if (!slot.train) line += " train=false";
    if (!slot.decay) line += " decay=false";
    if (!slot.follows.empty()) line += " follows=" + spelled(slot.follows);
    if (!slot.axes.empty()) line += " axes=" + list(slot.axes, [](int64_t a) { return std::to_string(a); });
    return line;
}

std::string join(const std::vector<ValueId>& ids, const std::vector<std::string>& names) {
    std::string out;
    for (ValueId v : ids) out += (out.empty() ? "" : ", ") + (v == no_value ? "_" : names[size_t(v)]);
    return out;
}

std::string node_line(const Graph& graph, const Node& node, const std::vector<std::string>& names) {
    std::string line = fmt::format("{} = {}({})", join(node.out, names), node.op->name, join(node.in, names));
    const std::string attributes = text(*node.attrs);
    if (!attributes.empty()) line += " " + attributes;
    if (!node.after.empty()) {
        line += " waits_for=[";
        for (size_t i = 0; i < node.after.size(); ++i)
            line += (i ? "," : "") + names[size_t(graph.nodes[size_t(node.after[i])].out[0])];
        line += "]";
    }
    line += text(node.tags) + " : ";
    for (size_t i = 0; i < node.out.size(); ++i) line += (i ? ", " : "") + text(graph.type(node.out[i]));
    return line + " " + quoted(node.name);
}

} // namespace

std::string text(const Attrs& attrs) {
    Printer printer;
    attrs.clone()->visit(printer); // the visitor takes fields by reference; a copy keeps attrs immutable
    return printer.out;
}

std::string text(const Tags& tags) {
    std::string out;
    if (tags.frozen) out += " frozen=true";
    if (tags.recompute) out += " recompute=true";
    if (tags.stage >= 0) out += fmt::format(" stage={}", tags.stage);
    return out;
}

std::string text(const Graph& graph) {
    const std::vector<std::string> names = value_names(graph);
    std::string out = "graph " + quoted(graph.name) + " {\n";
    auto line = [&](const std::string& content) { out += "  " + indented(content, "  ") + "\n"; };
    for (const Input& input : graph.inputs) line(input_line(graph, input));
    for (const Slot& slot : graph.slots) line(slot_line(graph, slot));
    for (const Node& node : graph.nodes) line(node_line(graph, node, names));
    for (const Output& output : graph.outputs)
        line(fmt::format("output {} = {}{}", spelled(output.name), names[size_t(output.value)],
                         output.objective ? " objective=true" : ""));
    for (const Write& write : graph.writes)
        line(fmt::format("write {} = {}", spelled(write.slot), names[size_t(write.value)]));
    for (const Gradient& gradient : graph.gradients)
        line(fmt::format("gradient {} = {}", spelled(gradient.slot), names[size_t(gradient.value)]));
    return out + "}\n";
}

std::string dot(const Graph& graph) {
    auto escaped = [](std::string s) {
        for (size_t i = 0; (i = s.find('"', i)) != std::string::npos; i += 2) s.insert(i, "\\");
        return s;
    };
    std::string out = "digraph " + quoted(graph.name) + " {\n  rankdir=TB; node [shape=box fontname=\"sans-serif\"];\n";
    for (const Input& input : graph.inputs)
        out += fmt::format("  v{} [label=\"{}\\n{}\" shape=oval];\n", input.value, escaped(input.name),
                           text(graph.type(input.value)));
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        std::string slots;
        for (ValueId v : node.in)
            for (const Slot& slot : graph.slots)
                if (slot.value == v) slots += "\\n" + escaped(slot.name) + " " + text(graph.type(v));
        out += fmt::format("  n{} [label=\"{}\\n{}{}\"];\n", n, escaped(node.name), node.op->name, slots);
        for (ValueId v : node.in) {
            if (v == no_value) continue;
            const NodeId producer = graph.values[size_t(v)].node;
            if (producer >= 0) out += fmt::format("  n{} -> n{} [label=\"{}\"];\n", producer, n, text(graph.type(v)));
            else if (slots.empty() || std::any_of(graph.inputs.begin(), graph.inputs.end(),
                                                  [&](const Input& i) { return i.value == v; }))
                out += fmt::format("  v{} -> n{};\n", v, n);
        }
    }
    for (const Output& output : graph.outputs) {
        out +=
            fmt::format("  o_{0} [label=\"{1}\" shape=oval];\n", &output - graph.outputs.data(), escaped(output.name));
        const NodeId producer = graph.values[size_t(output.value)].node;
        out += producer >= 0 ? fmt::format("  n{} -> o_{};\n", producer, &output - graph.outputs.data())
                             : fmt::format("  v{} -> o_{};\n", output.value, &output - graph.outputs.data());
    }
    return out + "}\n";
}

} // namespace ds
