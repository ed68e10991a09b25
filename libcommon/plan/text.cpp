// A plan as text: one numbered line a step, like straight-line code, and what it needs at the end.
//   12: a+0x4000 f32[128,64,14,14]:c16 = cpu.onednn.conv2d(a+0x0, packed:conv2.weight, conv2.bias)  # block1.conv  0.12
//   GFLOP
#include <fmt/format.h>

#include "plan/plan.h"

namespace ds {

namespace {

std::string place_text(const Plan& plan, const PlanOperand& operand) {
    const Place& place = operand.place;
    const std::string offset = place.offset ? fmt::format("+{:#x}", place.offset) : "";
    switch (place.where) {
    case Where::nowhere: return "_";
    case Where::arena: return fmt::format("a+{:#x}", place.offset);
    case Where::slot: return plan.slots[size_t(place.index)] + offset;
    case Where::constant: return fmt::format("constant{}{}", place.index, offset);
    case Where::packed: break;
    }
    return "packed:" + plan.slots[size_t(plan.packed[size_t(place.index)].slot)];
}

std::string type_text(const TensorView& view) {
    std::string out = std::string(name(view.dtype)) + text(view.shape);
    if (view.layout.format == Format::blocked) return out + fmt::format(":c{}", view.layout.block);
    return view.contiguous() ? out : out + ":strided";
}

/// The place, and how it is read where that is not plain.
std::string input_text(const Plan& plan, const PlanOperand& operand) {
    std::string out = place_text(plan, operand);
    if (operand.view.layout.format == Format::blocked) return out + fmt::format(":c{}", operand.view.layout.block);
    if (operand.place.where != Where::packed && !operand.view.contiguous())
        out += ":strides" + text(operand.view.strides);
    return out;
}

std::string step_text(const Plan& plan, size_t number) {
    const Step& step = plan.steps[number];
    std::string left, right;
    for (const PlanOperand& o : step.out) {
        left += (left.empty() ? "" : ", ") + place_text(plan, o);
        if (o.place.where != Where::nowhere) left += " " + type_text(o.view);
    }
    for (const PlanOperand& i : step.in) right += (right.empty() ? "" : ", ") + input_text(plan, i);
    if (step.kernel->scratch) right += fmt::format("; scratch a+{:#x} {}", step.scratch_offset, step.kernel->scratch);
    const std::string kernel = step.op == "pack" ? "pack<" + step.kernel_name + ">" : step.kernel_name;
    std::string line = fmt::format("{}: {} = {}({})  # {}", number, left, kernel, right, step.node);
    if (step.flops >= 1e6) line += fmt::format("  {:.3g} GFLOP", step.flops / 1e9);
    return line;
}

} // namespace

std::string text(const Plan& plan) {
    std::string out;
    for (const auto& [name, input] : plan.inputs)
        out += fmt::format("input {}: {} {}\n", name, place_text(plan, input), type_text(input.view));
    for (size_t i = 0; i < plan.steps.size(); ++i) out += step_text(plan, i) + "\n";
    for (const auto& [name, output] : plan.outputs)
        out += fmt::format("output {}: {} {}\n", name, place_text(plan, output), type_text(output.view));
    out +=
        fmt::format("peak {} bytes: arena {} (lower bound {}), State {}, packed {}, constants {}\n", plan.peak_bytes(),
                    plan.arena_bytes, plan.lower_bound, plan.slot_bytes, plan.packed_bytes, plan.constant_bytes);
    return out;
}

std::string explain(const Plan& plan) {
    std::string out;
    for (const Explanation& e : plan.explanations) {
        out += fmt::format("{} ({}): {}\n", e.node, e.op, e.kernel);
        for (const std::string& reason : e.refused) out += "    " + reason + "\n";
    }
    return out;
}

} // namespace ds
