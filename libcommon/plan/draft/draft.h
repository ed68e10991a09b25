// A plan before its memory is placed: steps whose operands name buffers. Made node by node in running order:
// each value knows the places where it lies (what its producer left, and copies in other layouts made since),
// and a kernel that wants it otherwise gets a reorder, a copy or a packed form, which later readers share.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "plan/draft/order.h"
#include "plan/plan.h"

namespace ds {

struct Buffer {
    Where where = Where::arena;
    int32_t index = 0; // slot, constant or packed
    int64_t bytes = 0;
    bool from_start = false, to_end = false; // inputs and outputs: alive before the first and after the last step
};

/// One place where a value lies.
struct Location {
    int32_t buffer = -1;
    int64_t offset = 0; // bytes
    Layout layout;
    Dims strides; // plain only
};

/// Steps and operands as in Plan, but PlanOperand::place.index is a buffer's number.
struct Draft {
    Plan plan;
    std::vector<Buffer> buffers;
    std::vector<int32_t> scratch; // by step: the buffer of its working memory, or -1
};

class Drafter {
public:
    Drafter(const Graph& graph, const Order& order, const PlanOptions& options);
    Draft run();

private:
    /// A value of the graph, or of a fused body that is written out.
    struct Entry {
        DType dtype = DType::f32;
        Dims shape;
        Type type;
        int reads = 0;
        bool constant = false;                 // the same in every run
        int32_t slot = -1;                     // the slot whose old value it is
        std::vector<Location> at;              // the producer's choice first
        std::map<std::string, int32_t> packed; // format -> buffer
        const Node* node = nullptr;            // of a view: what would make it anew
        std::vector<ValueId> node_in;
    };
    using Ids = std::vector<ValueId>;

    void add_inputs();
    void add_slots();
    void finish_outputs();
    void finish_writes();

    void emit(const Node& node, const Ids& in, const Ids& out);
    void emit_constant(const Node& node, ValueId out);
    bool emit_view(const Node& node, const Ids& in, const Ids& out);
    void emit_body(const Node& node, const Ids& in, const Ids& out);
    void emit_kernel(const Node& node, const Ids& in, const Ids& out);
    kernels::Choice choose(const Node& node, const Ids& in, const Ids& out, const std::vector<Location>& places);
    void push_step(const Node& node, const Ids& in, const Ids& out, const std::vector<Location>& places,
                   kernels::Choice choice);
    void push_move(std::string_view op, ValueId value, const Location& from, const Location& to);

    /// A place of the value in this layout, made if there is none.
    Location require(ValueId value, Layout layout, bool contiguous);
    /// Copies the value from one of its places to a new one.
    Location moved(ValueId value, const Location& from, Layout layout);
    PlanOperand packed_operand(ValueId value, const std::shared_ptr<const kernels::Kernel>& kernel, int packing);
    PlanOperand operand(ValueId value, const Location& location) const;
    PlanOperand input_operand(ValueId value, size_t i, const Location& offered,
                              const std::shared_ptr<const kernels::Kernel>& kernel);
    Location offered_place(ValueId value) const;
    kernels::Operand offer(ValueId value, const Location* at) const;
    PlanOperand output_operand(ValueId value, int o, const kernels::Kernel& kernel,
                               const std::vector<PlanOperand>& read);
    void measure(const Node& node, const Ids& in, const Ids& out, Step& step) const;
    void copy_to_slots(const Ids& out);
    void push(Step step, size_t scratch);
    Location output_location(ValueId out, int o, const kernels::Kernel& kernel, const std::vector<PlanOperand>& read);
    bool may_overwrite(int32_t slot, int o, const kernels::Kernel& kernel, const std::vector<PlanOperand>& read) const;

    int32_t new_buffer(Where where, int32_t index, int64_t bytes);
    Location plain(int32_t buffer, const Dims& shape) const;
    bool contiguous(const Entry& entry, const Location& location) const;
    Entry& entry(ValueId v) { return entries_[size_t(v)]; }
    const Entry& entry(ValueId v) const { return entries_[size_t(v)]; }

    const Graph& graph_;
    const Order& order_;
    const PlanOptions& options_;
    const kernels::Registry& registry_;
    Draft draft_;
    std::vector<Entry> entries_;
    std::vector<int32_t> slot_buffer_;
    std::map<ValueId, size_t> direct_; // value -> write that goes straight to its slot
    std::vector<bool> done_;           // by write
    std::string name_;                 // the user's name of the node in hand
};

/// Where the output of a node for which may_be_view() holds lies as a view of its input, if that is possible from `in`.
std::optional<Location> view_of(const Node& node, const Dims& in_shape, const Dims& out_shape, const Location& in,
                                DType dtype);

/// Gives every buffer its place: in-place reuse, liveness, offsets in the arena.
Plan place(Draft draft, const PlanOptions& options);

} // namespace ds
