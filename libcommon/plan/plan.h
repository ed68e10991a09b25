// Plan: how a graph is computed here. A flat list of steps for one device and one binding of the symbolic
// sizes: kernel, operands, offsets in one arena; the peak is known before anything runs. Plans bind State by
// name and hold no memory but their constants.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "kernels/kernel.h"
#include "state/state.h"

namespace ds {

/// Where an operand lies.
enum class Where { nowhere, arena, slot, constant, packed };

struct Place {
    Where where = Where::nowhere;
    int32_t index = 0;  // slot, constant or packed: index in the plan's list
    int64_t offset = 0; // bytes: in the arena, or (views) in the slot or constant
};

struct PlanOperand {
    Place place;
    TensorView view; // data is null: the executor adds its addresses
    ValueId value = no_value;
};

struct Step {
    std::shared_ptr<const kernels::Kernel> kernel;
    AttrsPtr attrs; // null for steps the planner added
    std::vector<PlanOperand> in, out;
    int64_t scratch_offset = 0;
    std::string node;        // the user's name
    std::string op;          // "conv2d", or "reorder", "pack", "copy" for steps the planner added
    std::string kernel_name; // "cpu.onednn.conv2d"
    double flops = 0, bytes = 0;
};

/// A parameter in a kernel's own format, cached by State across plans and executors.
struct PackedSlot {
    int32_t slot = 0;
    std::string key; // all that the bytes depend on: device, the slot's element type, the kernel's format
    int64_t bytes = 0;
    std::shared_ptr<const kernels::Kernel> kernel;
    int packing = 0;
    size_t scratch = 0;
};

/// Why a node got its kernel.
struct Explanation {
    std::string node, op, kernel;
    std::vector<std::string> refused;
};

struct Plan {
    std::vector<Step> steps;
    std::map<std::string, PlanOperand> inputs, outputs; // fixed addresses in the arena (outputs may be slots)
    std::vector<std::string> slots;                     // State slots by index
    std::vector<Type> slot_types;
    std::vector<std::string> written; // slots whose memory the plan changes
    std::vector<Tensor> constants;
    std::vector<PackedSlot> packed;
    std::vector<Explanation> explanations;
    std::vector<std::string> value_names; // by PlanOperand::value: what a person knows it by
    int64_t arena_bytes = 0;
    int64_t lower_bound = 0; // of the arena, from liveness alone
    int64_t slot_bytes = 0, constant_bytes = 0, packed_bytes = 0;
    int64_t peak_bytes() const { return arena_bytes + slot_bytes + constant_bytes + packed_bytes; }
};

struct PlanOptions {
    std::string device = "cpu";
    const kernels::Registry* registry = nullptr; // kernels to choose from instead of the device's own
    kernels::Math math = kernels::Math::fast;
    bool in_place = true; // false: every node gets fresh memory (tests)
    bool reuse = true;    // false: no two buffers share memory (--eager, tests)
    /// Bytes; 0: none. Error(unavailable) when peak_bytes() and what is beside it are above: the need, and the batch N
    /// that fits.
    int64_t memory_limit = 0;
    /// Bytes that a run with these sizes needs beside its plan, for batches of data; none: nothing.
    std::function<int64_t(const Binding& sizes)> beside;
};

/// `graph` must be verified; its symbols must all be in `binding`.
std::shared_ptr<const Plan> make_plan(const Graph& graph, const Binding& binding, const PlanOptions& options = {});

/// The largest size of `symbol`, at most the one in `binding`, that needs no more than options.memory_limit;
/// 0 when not even 1 fits. Tells a user whose batch does not fit which one would.
int64_t largest_fitting(const Graph& graph, Binding binding, const std::string& symbol, PlanOptions options);

/// The plan as a numbered list that reads like straight-line code.
std::string text(const Plan& plan);
/// Which kernel each node got, and why the ones before it in the list refused.
std::string explain(const Plan& plan);

} // namespace ds
