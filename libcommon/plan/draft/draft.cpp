// From graph to draft: inputs, slots, the nodes in running order, outputs and writes; see draft.h.
#include "plan/draft/draft.h"

#include <algorithm>

#include "base/error.h"
#include "ops/elementwise.h"
#include "ops/fused.h"

namespace ds {

Drafter::Drafter(const Graph& graph, const Order& order, const PlanOptions& options)
    : graph_(graph),
      order_(order),
      options_(options),
      registry_(options.registry ? *options.registry : kernels::registry(options.device)) {}

Draft Drafter::run() {
    const std::vector<int> reads = graph_.use_counts();
    for (size_t v = 0; v < graph_.values.size(); ++v) {
        Entry e;
        e.type = graph_.values[v].type;
        e.dtype = e.type.dtype;
        e.shape = dims(e.type.shape);
        e.reads = reads[v];
        entries_.push_back(std::move(e));
        draft_.plan.value_names.push_back(graph_.value_name(ValueId(v)));
    }
    add_inputs();
    add_slots();
    for (NodeId n : order_.nodes) {
        const Node& node = graph_.nodes[size_t(n)];
        name_ = node.name;
        emit(node, node.in, node.out);
    }
    finish_outputs();
    finish_writes();
    return std::move(draft_);
}

void Drafter::add_inputs() {
    for (const Input& input : graph_.inputs) {
        Entry& e = entry(input.value);
        const int32_t b = new_buffer(Where::arena, 0, bytes(e.dtype, e.shape));
        draft_.buffers[size_t(b)].from_start = true;
        e.at.push_back(plain(b, e.shape));
        draft_.plan.inputs[input.name] = operand(input.value, e.at[0]);
    }
}

void Drafter::add_slots() {
    std::set<std::string> written;
    for (const Write& w : graph_.writes) written.insert(w.slot);
    draft_.plan.written.assign(written.begin(), written.end());
    for (size_t s = 0; s < graph_.slots.size(); ++s) {
        const Slot& slot = graph_.slots[s];
        Entry& e = entry(slot.value);
        const int64_t size = bytes(e.dtype, e.shape);
        const int32_t b = new_buffer(Where::slot, int32_t(s), size);
        slot_buffer_.push_back(b);
        e.at.push_back(plain(b, e.shape));
        e.slot = int32_t(s);
        e.constant = written.count(slot.name) == 0;
        draft_.plan.slots.push_back(slot.name);
        draft_.plan.slot_types.push_back(e.type);
        draft_.plan.slot_bytes += size;
    }
    done_.assign(graph_.writes.size(), false);
    for (size_t w = 0; w < graph_.writes.size(); ++w)
        if (order_.direct[w]) direct_[graph_.writes[w].value] = w;
}

void Drafter::emit(const Node& node, const Ids& in, const Ids& out) {
    const bool used = std::any_of(out.begin(), out.end(), [&](ValueId v) { return entry(v).reads > 0; });
    if (!used && node.op->effect == Effect::none) return;
    if (node.op->name == "constant") return emit_constant(node, out[0]);
    if (may_be_view(node) && emit_view(node, in, out)) return;
    emit_kernel(node, in, out);
}

void Drafter::emit_constant(const Node& node, ValueId out) {
    const auto& attrs = node.as<ConstantAttrs>();
    Entry& e = entry(out);
    Tensor tensor(e.dtype, e.shape);
    auto fill = [&]<class T>(T*) {
        T* data = tensor.as<T>();
        for (int64_t i = 0; i < tensor.size(); ++i)
            data[i] = attrs.values[attrs.values.size() == 1 ? 0 : size_t(i)].to<T>();
    };
    switch (e.dtype) {
    case DType::f64: fill(static_cast<double*>(nullptr)); break;
    case DType::f32: fill(static_cast<float*>(nullptr)); break;
    case DType::i64: fill(static_cast<int64_t*>(nullptr)); break;
    case DType::i32: fill(static_cast<int32_t*>(nullptr)); break;
    case DType::i8: fill(static_cast<int8_t*>(nullptr)); break;
    case DType::u8: fill(static_cast<uint8_t*>(nullptr)); break;
    case DType::boolean: fill(static_cast<bool*>(nullptr)); break;
    default: fail(Exit::unavailable, "constant '{}': no constants of type {}", name_, name(e.dtype));
    }
    const auto index = int32_t(draft_.plan.constants.size());
    draft_.plan.constant_bytes += int64_t(tensor.byte_size());
    e.at.push_back(plain(new_buffer(Where::constant, index, int64_t(tensor.byte_size())), e.shape));
    e.constant = true;
    draft_.plan.constants.push_back(std::move(tensor));
}

bool Drafter::emit_view(const Node& node, const Ids& in, const Ids& out) {
    if (node.op->name == "fused") return false;
    const Entry from = entry(in[0]);
    Entry& to = entry(out[0]);
    for (const Location& at : from.at)
        if (auto view = view_of(node, from.shape, to.shape, at, from.dtype)) to.at.push_back(std::move(*view));
    if (to.at.empty()) {
        const Location at = require(in[0], {}, true);
        if (auto view = view_of(node, from.shape, to.shape, at, from.dtype))
            entry(out[0]).at.push_back(std::move(*view));
    }
    Entry& made = entry(out[0]);
    if (made.at.empty()) return false;
    made.constant = from.constant;
    made.node = &node;
    made.node_in = in;
    return true;
}

/// Writes out a fused node that no kernel takes. Values of the body become entries behind the graph's own.
void Drafter::emit_body(const Node& node, const Ids& in, const Ids& out) {
    const Graph& body = *node.as<FusedAttrs>().body;
    const std::vector<std::vector<NodeId>> readers = body.readers();
    Ids ids(body.values.size(), no_value);
    for (size_t i = 0; i < body.inputs.size(); ++i) ids[size_t(body.inputs[i].value)] = in[i];
    for (size_t o = 0; o < body.outputs.size(); ++o) {
        ValueId& id = ids[size_t(body.outputs[o].value)];
        if (id == no_value) id = out[o];
    }
    for (size_t v = 0; v < body.values.size(); ++v) {
        if (ids[v] != no_value) {
            if (body.values[v].node >= 0) entry(ids[v]).reads += int(readers[v].size());
            continue;
        }
        Entry e;
        e.type = body.values[v].type;
        e.dtype = e.type.dtype;
        e.shape = dims(e.type.shape);
        e.reads = int(readers[v].size());
        ids[v] = ValueId(entries_.size());
        entries_.push_back(std::move(e));
        draft_.plan.value_names.push_back(name_ + "." + body.value_name(ValueId(v)));
    }
    // The order keeps whole nodes apart only: a slot that several nodes of the body read is written at the end.
    for (ValueId v : out) {
        const auto write = direct_.find(v);
        if (write == direct_.end()) continue;
        const ValueId slot = graph_.find_slot(graph_.writes[write->second].slot)->value;
        const int32_t buffer = slot_buffer_[size_t(entry(slot).slot)];
        size_t old_reads = 0;
        for (const Input& input : body.inputs)
            for (const Location& at : entry(ids[size_t(input.value)]).at)
                if (at.buffer == buffer) old_reads += readers[size_t(input.value)].size();
        if (old_reads > 1) direct_.erase(write);
    }
    for (const Node& n : body.nodes) {
        Ids from, to;
        for (ValueId v : n.in) from.push_back(v == no_value ? no_value : ids[size_t(v)]);
        for (ValueId v : n.out) to.push_back(ids[size_t(v)]);
        emit(n, from, to);
    }
    for (size_t o = 0; o < body.outputs.size(); ++o) { // outputs that are inputs, or one value twice
        const ValueId id = ids[size_t(body.outputs[o].value)];
        if (id != out[o]) entry(out[o]).at = entry(id).at;
    }
}

void Drafter::finish_outputs() {
    std::set<int32_t> overwritten; // slots that finish_writes() fills
    for (size_t w = 0; w < graph_.writes.size(); ++w)
        if (!done_[w])
            overwritten.insert(slot_buffer_[size_t(entry(graph_.find_slot(graph_.writes[w].slot)->value).slot)]);
    auto keep = [&](ValueId v) {
        Location at = require(v, {}, true);
        if (overwritten.count(at.buffer)) {
            const Location copy =
                plain(new_buffer(Where::arena, 0, bytes(entry(v).dtype, entry(v).shape)), entry(v).shape);
            push_move("copy", v, at, copy);
            entry(v).at = {copy};
            at = copy;
        }
        return at;
    };
    for (const Output& output : graph_.outputs) {
        name_ = output.name;
        const Location at = keep(output.value);
        draft_.buffers[size_t(at.buffer)].to_end = true;
        draft_.plan.outputs[output.name] = operand(output.value, at);
    }
    for (size_t w = 0; w < graph_.writes.size(); ++w) {
        const Write& write = graph_.writes[w];
        name_ = write.slot;
        if (!done_[w] && graph_.find_slot(write.slot)->value == write.value) done_[w] = true; // it stays as it is
        if (!done_[w]) keep(write.value);
    }
}

void Drafter::finish_writes() {
    for (size_t w = 0; w < graph_.writes.size(); ++w) {
        if (done_[w]) continue;
        const Write& write = graph_.writes[w];
        name_ = write.slot;
        const ValueId slot = graph_.find_slot(write.slot)->value;
        push_move("copy", write.value, require(write.value, {}, true),
                  plain(slot_buffer_[size_t(entry(slot).slot)], entry(slot).shape));
    }
}

} // namespace ds
