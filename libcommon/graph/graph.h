// Graph: what is computed. Values and nodes, no memory. Nodes lie in a vector in an order that respects
// their inputs; everything is named by integer index; a Graph is a plain value that can be copied.
// Purely functional: inputs and State slots are read, outputs and next values of slots are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/op.h"

namespace ds {

using NodeId = int32_t;

struct Value {
    Type type;
    NodeId node = -1; // producer; -1 for inputs and slots
    int32_t output = 0;
};

/// What passes leave as it is. Nodes of different tags are neither joined nor fused.
struct Tags {
    bool frozen = false;    // training runs the node as inference does
    bool recompute = false; // a second time, to save memory, what another node has computed
    int64_t stage = -1;     // of a pipeline; -1: none
    bool operator==(const Tags&) const = default;
};

struct Node {
    const OpRow* op = nullptr;
    AttrsPtr attrs;
    std::vector<ValueId> in, out; // in: no_value for an optional operand that is absent and has others behind it
    std::string name;             // the user's name for it ("block1.conv"), kept through passes
    std::vector<NodeId> after;    // control edges: nodes that must run before
    Tags tags;
    template <class T>
    const T& as() const {
        return static_cast<const T&>(*attrs);
    }
};

/// What an input is for. `data` and `target` are bound to data columns; `weight` is a weight per sample;
/// `control` changes between steps (learning rate, step number, seed).
enum class InputRole { data, target, weight, control };

struct Input {
    std::string name;
    ValueId value = no_value;
    InputRole role = InputRole::data;
};

/// What a State slot holds.
enum class SlotKind { parameter, statistic, moment, ema, accumulator, cache };

/// How a slot starts: a row of graph/init.h, and the number that it takes (0 for none).
struct Init {
    std::string kind = "zeros";
    double a = 0;
    bool operator==(const Init&) const = default;
};

struct Slot {
    std::string name; // "block1.conv.weight"
    ValueId value = no_value;
    SlotKind kind = SlotKind::parameter;
    Init init;
    bool train = true;         // parameters: gets a gradient
    bool decay = true;         // parameters: weight decay applies
    std::string follows;       // the parameter whose shape it follows (moments, EMA, statistics); "" for none
    std::vector<int64_t> axes; // for each own axis, the axis of that parameter; empty: all, in order
};

/// `objective` marks what training minimises: the loss is a sum over targets, and the output named
/// `<name>.count` counts the valid ones.
struct Output {
    std::string name;
    ValueId value = no_value;
    bool objective = false;
};

/// The next value of a slot.
struct Write {
    std::string slot;
    ValueId value = no_value;
};

/// The gradient of the objective with respect to a parameter: what autodiff leaves and the optimizer takes, and passes
/// between them (clipping, all-reduce) rewrite.
struct Gradient {
    std::string slot;
    ValueId value = no_value;
};

class Graph {
public:
    std::string name;
    std::vector<Value> values;
    std::vector<Node> nodes;
    std::vector<Input> inputs;
    std::vector<Slot> slots;
    std::vector<Output> outputs;
    std::vector<Write> writes;
    std::vector<Gradient> gradients;

    ValueId add_input(std::string name, Type type, InputRole role = InputRole::data);
    ValueId add_slot(Slot slot, Type type);
    /// Appends a node; infers its output types. Error(data) naming the node, its operands and the broken rule.
    NodeId add_node(const OpRow& op, AttrsPtr attrs, std::vector<ValueId> in, std::string name);
    void add_output(std::string name, ValueId value, bool objective = false);

    const Type& type(ValueId v) const { return values[size_t(v)].type; }
    const Input* find_input(std::string_view name) const;
    const Slot* find_slot(std::string_view name) const;
    const Output* find_output(std::string_view name) const;
    /// The number of reads of each value by nodes, outputs, writes and gradients.
    std::vector<int> use_counts() const;
    /// The nodes that read each value.
    std::vector<std::vector<NodeId>> readers() const;
    /// The name a person knows a value by: input, slot, or producer's name and output number.
    std::string value_name(ValueId v) const;
};

/// Every graph that an attribute of the node holds (the body of a fused node).
std::vector<SubGraph> bodies_of(const Node& node);
/// The type that shape and cost rules see for an optional operand that is absent.
Type operand_type(const Graph& graph, ValueId v);
/// Floating-point operations of a node whose sizes are bound; a multiply-add counts as two.
double flops(const Graph& graph, const Node& node);

std::string_view name(SlotKind kind);
std::string_view name(InputRole role);

} // namespace ds
