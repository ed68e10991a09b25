// Places of values: finds or makes the copy of a value that a kernel wants (layout, contiguity, packed form).
#include "base/error.h"
#include "plan/draft/draft.h"

namespace ds {

namespace {

/// Kernel::pack as a step of its own.
class PackKernel : public kernels::Kernel {
public:
    PackKernel(std::shared_ptr<const kernels::Kernel> owner, int packing)
        : owner_(std::move(owner)), packing_(packing) {
        scratch = owner_->packings[size_t(packing)].scratch;
    }
    void run(const kernels::Call& call) const override {
        owner_->pack(packing_, call.in[0], call.out[0].data, call.scratch);
    }

private:
    std::shared_ptr<const kernels::Kernel> owner_;
    int packing_;
};

/// Packed memory is opaque: its view says bytes.
TensorView byte_view(int64_t bytes) {
    TensorView view;
    view.dtype = DType::u8;
    view.shape = {bytes};
    view.strides = {1};
    return view;
}

} // namespace

int32_t Drafter::new_buffer(Where where, int32_t index, int64_t bytes) {
    Buffer b;
    b.where = where;
    b.index = index;
    b.bytes = bytes;
    draft_.buffers.push_back(b);
    return int32_t(draft_.buffers.size()) - 1;
}

Location Drafter::plain(int32_t buffer, const Dims& shape) const { return {buffer, 0, {}, contiguous_strides(shape)}; }

bool Drafter::contiguous(const Entry& entry, const Location& location) const {
    TensorView view;
    view.shape = entry.shape;
    view.strides = location.strides;
    view.layout = location.layout;
    return view.contiguous();
}

PlanOperand Drafter::operand(ValueId value, const Location& location) const {
    const Entry& e = entry(value);
    PlanOperand o;
    o.place = {draft_.buffers[size_t(location.buffer)].where, location.buffer, location.offset};
    o.view.dtype = e.dtype;
    o.view.shape = e.shape;
    o.view.strides = location.strides;
    o.view.layout = location.layout;
    o.value = value;
    return o;
}

void Drafter::push(Step step, size_t scratch) {
    draft_.scratch.push_back(scratch ? new_buffer(Where::arena, 0, int64_t(scratch)) : -1);
    draft_.plan.steps.push_back(std::move(step));
}

/// Adds a step that copies a value from one place to another ("copy": both plain; "reorder": layouts differ).
void Drafter::push_move(std::string_view op, ValueId value, const Location& from, const Location& to) {
    const Entry& e = entry(value);
    auto offered = [&](const Location& at) {
        kernels::Operand o;
        o.dtype = e.dtype;
        o.shape = e.shape;
        o.layout = at.layout;
        o.strides = at.strides;
        return o;
    };
    const kernels::Operand in[] = {offered(from)}, out[] = {offered(to)};
    const NoAttrs none;
    kernels::Choice choice = kernels::choose(registry_, kernels::Request{op, none, in, out, "", {}, {}, {}});
    Step step;
    step.kernel = std::move(choice.kernel);
    step.node = name_;
    step.op = op;
    step.kernel_name = choice.name;
    step.in = {operand(value, from)};
    step.out = {operand(value, to)};
    step.bytes = 2.0 * double(bytes(e.dtype, e.shape));
    const size_t scratch = step.kernel->scratch;
    push(std::move(step), scratch);
}

Location Drafter::require(ValueId value, Layout layout, bool dense) {
    const bool is_plain = layout.format == Format::plain;
    const Location* strided = nullptr;
    for (const Location& at : entry(value).at) {
        if (at.layout != layout) continue;
        if (!is_plain || contiguous(entry(value), at)) return at;
        strided = &at;
    }
    if (strided && !dense) return *strided;
    if (strided && entry(value).node) { // a view with gaps: its own kernel, or the same view of a dense source
        const Node& node = *entry(value).node;
        const Ids in = entry(value).node_in;
        if (node.op->name == "slice" || node.op->name == "transpose") {
            emit_kernel(node, in, {value}); // which may leave it in blocks
            const Location made = entry(value).at.back();
            return made.layout == layout ? made : moved(value, made, layout);
        }
        const Location source = require(in[0], {}, true);
        entry(value).at.push_back(*view_of(node, entry(in[0]).shape, entry(value).shape, source, entry(value).dtype));
        return entry(value).at.back();
    }
    return moved(value, is_plain ? entry(value).at[0] : require(value, {}, true), layout);
}

Location Drafter::moved(ValueId value, const Location& from, Layout layout) {
    Location to =
        plain(new_buffer(Where::arena, 0, bytes(entry(value).dtype, entry(value).shape, layout)), entry(value).shape);
    to.layout = layout;
    if (layout.format != Format::plain) to.strides.clear();
    push_move(from.layout == layout ? "copy" : "reorder", value, from, to);
    entry(value).at.push_back(to);
    return to;
}

PlanOperand Drafter::packed_operand(ValueId value, const std::shared_ptr<const kernels::Kernel>& kernel, int packing) {
    const kernels::Packing& p = kernel->packings[size_t(packing)];
    const auto known = entry(value).packed.find(p.format);
    PlanOperand packed;
    packed.value = value;
    packed.view = byte_view(p.bytes);
    if (known != entry(value).packed.end()) {
        packed.place = {draft_.buffers[size_t(known->second)].where, known->second, 0};
        return packed;
    }
    const bool once = entry(value).constant && entry(value).slot >= 0;
    const int32_t b = new_buffer(once ? Where::packed : Where::arena, int32_t(draft_.plan.packed.size()), p.bytes);
    packed.place = {draft_.buffers[size_t(b)].where, b, 0};
    if (once) {
        const std::string key = fmt::format("{} {} {}", options_.device, name(entry(value).dtype), p.format);
        draft_.plan.packed.push_back({entry(value).slot, key, p.bytes, kernel, packing, p.scratch});
        draft_.plan.packed_bytes += p.bytes;
    } else {
        Step step;
        step.kernel = std::make_shared<PackKernel>(kernel, packing);
        step.node = name_;
        step.op = "pack";
        step.kernel_name = p.format;
        step.in = {operand(value, require(value, {}, true))};
        step.out = {packed};
        step.bytes = double(bytes(entry(value).dtype, entry(value).shape) + p.bytes);
        push(std::move(step), p.scratch);
    }
    entry(value).packed[p.format] = b;
    return packed;
}

} // namespace ds
