// The step of one node: which kernel takes it, in what form it reads its operands, where its outputs go.
#include <algorithm>

#include "base/error.h"
#include "ops/fused.h"
#include "plan/draft/draft.h"

namespace ds {

namespace {

/// A fused body as kernels see it.
struct FusedParts {
    std::vector<kernels::Part> parts;
    std::vector<int> results;
    std::vector<kernels::Operand> values;
};

FusedParts numbered(const Graph& body, const std::vector<kernels::Operand>& inputs) {
    FusedParts fused;
    fused.values = inputs;
    std::vector<int> number(body.values.size(), -1);
    for (size_t i = 0; i < body.inputs.size(); ++i) number[size_t(body.inputs[i].value)] = int(i);
    for (const Node& node : body.nodes) {
        kernels::Part part{node.op->name, node.attrs.get(), {}, {}};
        for (ValueId v : node.in) part.in.push_back(v == no_value ? -1 : number[size_t(v)]);
        for (ValueId v : node.out) {
            part.out.push_back(number[size_t(v)] = int(fused.values.size()));
            kernels::Operand o;
            o.dtype = body.type(v).dtype;
            o.shape = dims(body.type(v).shape);
            fused.values.push_back(std::move(o));
        }
        fused.parts.push_back(std::move(part));
    }
    for (const Output& o : body.outputs) fused.results.push_back(number[size_t(o.value)]);
    return fused;
}

kernels::Operand absent_operand() {
    kernels::Operand o;
    o.used = false;
    return o;
}

} // namespace

/// The place of an operand that kernels are asked about: as its producer left it, or a dense copy of a view with gaps.
Location Drafter::offered_place(ValueId value) const {
    const Entry& e = entry(value);
    if (e.at.empty()) bug("'{}' reads value {} that has no place yet", name_, value);
    if (e.at[0].layout.format == Format::plain && !contiguous(e, e.at[0]))
        for (const Location& at : e.at)
            if (contiguous(e, at)) return at;
    return e.at[0];
}

kernels::Operand Drafter::offer(ValueId value, const Location* at) const {
    const Entry& e = entry(value);
    kernels::Operand o;
    o.dtype = e.dtype;
    o.shape = e.shape;
    o.used = e.reads > 0;
    o.constant = e.constant;
    if (at) o.layout = at->layout;
    if (at) o.strides = at->strides;
    return o;
}

kernels::Choice Drafter::choose(const Node& node, const Ids& in, const Ids& out, const std::vector<Location>& places) {
    std::vector<kernels::Operand> offered, wanted;
    for (size_t i = 0; i < in.size(); ++i)
        offered.push_back(in[i] == no_value ? absent_operand() : offer(in[i], &places[i]));
    for (ValueId v : out) wanted.push_back(offer(v, nullptr));
    kernels::Request request{node.op->name, *node.attrs, offered, wanted, "", {}, {}, {}};
    FusedParts body;
    if (node.op->name == "fused") {
        body = numbered(*node.as<FusedAttrs>().body, offered);
        request.pattern = node.as<FusedAttrs>().pattern;
        request.parts = body.parts;
        request.results = body.results;
        request.values = body.values;
    }
    try {
        return kernels::choose(registry_, request, options_.math);
    } catch (const Error& error) {
        fail(error.code(), "node '{}': {}", name_, error.what());
    }
}

void Drafter::emit_kernel(const Node& node, const Ids& in, const Ids& out) {
    std::vector<Location> places;
    for (ValueId v : in) places.push_back(v == no_value ? Location{} : offered_place(v));
    kernels::Choice choice = choose(node, in, out, places);
    if (choice.kernel) {
        const std::string& which = choice.kernel->implementation;
        const std::string kernel =
            which.empty() ? std::string(choice.name) : fmt::format("{} ({})", choice.name, which);
        draft_.plan.explanations.push_back({name_, std::string(node.op->name), kernel, choice.refused});
        return push_step(node, in, out, places, std::move(choice));
    }
    draft_.plan.explanations.push_back({name_, std::string(node.op->name), "body, node by node", choice.refused});
    emit_body(node, in, out);
}

/// The output's place: the slot it is written to when nothing is lost by that, or a new buffer.
Location Drafter::output_location(ValueId out, int o, const kernels::Kernel& kernel,
                                  const std::vector<PlanOperand>& read) {
    const Entry& e = entry(out);
    const Layout layout = kernel.out_layout.empty() ? Layout{} : kernel.out_layout[size_t(o)];
    const auto write = direct_.find(out);
    if (write != direct_.end() && layout.format == Format::plain) {
        const Slot* slot = graph_.find_slot(graph_.writes[write->second].slot);
        const auto index = entry(slot->value).slot;
        if (may_overwrite(index, o, kernel, read)) {
            done_[write->second] = true;
            return plain(slot_buffer_[size_t(index)], e.shape);
        }
    }
    Location location = plain(new_buffer(Where::arena, 0, bytes(e.dtype, e.shape, layout)), e.shape);
    location.layout = layout;
    if (layout.format != Format::plain) location.strides.clear();
    return location;
}

/// True when each operand that lies in the slot may share memory with output `o`.
bool Drafter::may_overwrite(int32_t slot, int o, const kernels::Kernel& kernel,
                            const std::vector<PlanOperand>& read) const {
    for (size_t i = 0; i < read.size(); ++i) {
        if (read[i].place.index != slot_buffer_[size_t(slot)]) continue;
        const bool allowed =
            std::find(kernel.in_place.begin(), kernel.in_place.end(), std::pair(o, int(i))) != kernel.in_place.end();
        if (!allowed || read[i].place.offset != 0 || !read[i].view.contiguous()) return false;
    }
    return true;
}

/// The operand in the form that the kernel asks for; strides are those it was asked about, for it may have noted them.
PlanOperand Drafter::input_operand(ValueId value, size_t i, const Location& offered,
                                   const std::shared_ptr<const kernels::Kernel>& kernel) {
    if (value == no_value) return {}; // lies nowhere
    for (size_t p = 0; p < kernel->packings.size(); ++p)
        if (kernel->packings[p].input == int(i)) return packed_operand(value, kernel, int(p));
    const Layout layout = kernel->in_layout.empty() ? Layout{} : kernel->in_layout[i];
    const bool any_strides = !kernel->strided.empty() && kernel->strided[i];
    if (any_strides && layout == offered.layout) return operand(value, offered);
    return operand(value, require(value, layout, !any_strides));
}

PlanOperand Drafter::output_operand(ValueId value, int o, const kernels::Kernel& kernel,
                                    const std::vector<PlanOperand>& read) {
    if (entry(value).reads > 0) {
        const Location location = output_location(value, o, kernel, read);
        entry(value).at.push_back(location);
        return operand(value, location);
    }
    PlanOperand unused;
    unused.value = value;
    unused.view.dtype = entry(value).dtype;
    unused.view.shape = entry(value).shape;
    return unused;
}

void Drafter::measure(const Node& node, const Ids& in, const Ids& out, Step& step) const {
    std::vector<Type> in_types, out_types;
    for (ValueId v : in) in_types.push_back(v == no_value ? absent_type() : entry(v).type);
    for (ValueId v : out) out_types.push_back(entry(v).type);
    if (node.op->flops) step.flops = node.op->flops(CostArgs{*node.attrs, in_types, out_types});
    else if (!out.empty()) step.flops = double(count(entry(out[0]).shape));
    for (const PlanOperand& p : step.in)
        if (p.place.where != Where::nowhere) step.bytes += double(bytes(p.view.dtype, p.view.shape));
    for (const PlanOperand& p : step.out)
        if (p.place.where != Where::nowhere) step.bytes += double(bytes(p.view.dtype, p.view.shape));
}

/// Copies outputs that a direct write could not put into their slot: this node was ordered to be the last reader.
void Drafter::copy_to_slots(const Ids& out) {
    for (ValueId v : out) {
        const auto write = direct_.find(v);
        if (write == direct_.end() || done_[write->second]) continue;
        const ValueId slot = graph_.find_slot(graph_.writes[write->second].slot)->value;
        const Location to = plain(slot_buffer_[size_t(entry(slot).slot)], entry(v).shape);
        push_move("copy", v, require(v, {}, true), to);
        entry(v).at = {to};
        done_[write->second] = true;
    }
}

void Drafter::push_step(const Node& node, const Ids& in, const Ids& out, const std::vector<Location>& places,
                        kernels::Choice choice) {
    const std::shared_ptr<const kernels::Kernel> kernel = std::move(choice.kernel);
    Step step;
    step.kernel = kernel;
    step.attrs = node.attrs;
    step.node = name_;
    step.op = node.op->name;
    step.kernel_name = choice.name;
    for (size_t i = 0; i < in.size(); ++i) step.in.push_back(input_operand(in[i], i, places[i], kernel));
    for (size_t o = 0; o < out.size(); ++o) step.out.push_back(output_operand(out[o], int(o), *kernel, step.in));
    measure(node, in, out, step);
    push(std::move(step), kernel->scratch);
    copy_to_slots(out);
}

} // namespace ds
