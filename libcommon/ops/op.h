// The op table: one row per op with everything the rest of the house needs to know of it. A row lives
// in its family's file and is entered in the list of ops/table.cpp; plugins call register_op.
// Ops do not know devices: kernels are looked up by op name in kernels/.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/attrs.h"
#include "tensor/type.h"

namespace ds {

using ValueId = int32_t;
constexpr ValueId no_value = -1; // a gradient that is absent

/// What a node does beyond computing its outputs. Dead-code and common-subexpression passes respect it.
enum class Effect { none, update, communicate };

/// What a shape rule sees. Rules throw through `refuse`, and the caller adds the node's name and operands.
struct InferArgs {
    const Attrs& attrs;
    std::span<const Type> in; // absent operands behind the last present one are not listed
    template <class T>
    const T& as() const {
        return static_cast<const T&>(attrs);
    }
    bool has(size_t operand) const;                          // false for an optional operand that is absent
    [[noreturn]] void refuse(const std::string& rule) const; // Error(data) with the rule that is broken
    void require(bool condition, const char* rule) const {
        if (!condition) refuse(rule);
    }
};

/// Writes nodes: what gradient rules and model builders emit through.
class Emitter {
public:
    virtual ~Emitter() = default;
    virtual std::vector<ValueId> emit(std::string_view op, AttrsPtr attrs, std::vector<ValueId> inputs) = 0;
    virtual const Type& type(ValueId value) const = 0;
    ValueId emit1(std::string_view op, AttrsPtr attrs, std::vector<ValueId> inputs) {
        return emit(op, std::move(attrs), std::move(inputs))[0];
    }
};

/// What a gradient rule sees: dout[i] is the gradient of output i (no_value: nothing flows there);
/// the rule fills din[i] for each input with needs[i] (no_value: zero).
struct GradientArgs {
    Emitter& g;
    const AttrsPtr& attrs;
    std::span<const ValueId> in, out, dout;
    std::vector<bool> needs;
    std::vector<ValueId> din;
    template <class T>
    const T& as() const {
        return static_cast<const T&>(*attrs);
    }
};

/// What rules of costs and axes see; sizes are bound for costs. FLOPs count a multiply-add as two.
struct CostArgs {
    const Attrs& attrs;
    std::span<const Type> in, out;
    template <class T>
    const T& as() const {
        return static_cast<const T&>(attrs);
    }
};

struct AxisFlow;
using Flows = std::vector<std::vector<std::vector<AxisFlow>>>;

struct OpRow {
    std::string_view name;
    std::string_view doc;               // one line: what it computes
    int min_inputs = 1, max_inputs = 1; // max < 0: any number
    AttrsPtr (*default_attrs)() = nullptr;
    std::vector<Type> (*infer)(const InferArgs&) = nullptr;
    Flows (*axes)(const CostArgs&) = nullptr;   // how output axes follow input axes: ops/axes.h
    void (*gradient)(GradientArgs&) = nullptr;  // null: not differentiable
    double (*flops)(const CostArgs&) = nullptr; // null: one per output element
    Effect effect = Effect::none;
    uint32_t optional = 0; // bit i: operand i may be absent though others behind it are there

    bool may_lack(size_t operand) const { return operand < 32 && (optional >> operand & 1) != 0; }
};

/// What stands for the type of an absent operand: no value has it.
Type absent_type();

/// The row of an op, or null.
const OpRow* find_op(std::string_view name);
/// The row of an op; Error(data) that names the nearest known one.
const OpRow& op(std::string_view name);
/// All rows, in the list's order.
std::vector<const OpRow*> all_ops();
/// Adds a row (plugins); a bug when the name is taken. The row must outlive the process.
void register_op(const OpRow* row);

template <class T>
AttrsPtr make_default() {
    return attrs_of(T{});
}

} // namespace ds
