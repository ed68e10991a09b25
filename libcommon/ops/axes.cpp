#include "ops/axes.h"

namespace ds {

FlowWriter::FlowWriter(const CostArgs& args) : args_(args) {
    std::vector<std::vector<AxisFlow>> inputs;
    for (const Type& type : args.in) inputs.emplace_back(type == absent_type() ? 0 : type.shape.size());
    flows_.assign(args.out.size(), inputs);
}

void FlowWriter::keep(size_t output, size_t input, size_t axis, size_t output_axis) {
    flows_[output][input][axis] = {Follow::kept, int64_t(output_axis)};
}

void FlowWriter::sum(size_t output, size_t input, size_t axis, size_t number) {
    flows_[output][input][axis] = {Follow::summed, int64_t(number)};
}

void FlowWriter::split(size_t output, size_t input, size_t axis, size_t first_output_axis) {
    flows_[output][input][axis] = {Follow::split, int64_t(first_output_axis)};
}

void FlowWriter::merge(size_t output, size_t input, size_t axis, size_t output_axis) {
    flows_[output][input][axis] = {Follow::merged, int64_t(output_axis)};
}

void FlowWriter::keep_range(size_t output, size_t input, size_t first, size_t last, size_t output_first) {
    for (size_t a = first; a < last; ++a) keep(output, input, a, output_first + a - first);
}

void FlowWriter::keep_broadcast(size_t output, size_t input) {
    const Shape &from = args_.in[input].shape, &to = args_.out[output].shape;
    const size_t behind = to.size() - from.size(); // axes are matched from the last one backwards
    for (size_t a = 0; a < rank(input); ++a)
        if (from[a] == to[a + behind]) keep(output, input, a, a + behind);
}

Flows elementwise_axes(const CostArgs& args) {
    FlowWriter flows(args);
    for (size_t o = 0; o < args.out.size(); ++o)
        for (size_t i = 0; i < args.in.size(); ++i) flows.keep_broadcast(o, i);
    return flows.take();
}

Flows mixed_axes(const CostArgs& args) { return FlowWriter(args).take(); }

} // namespace ds
