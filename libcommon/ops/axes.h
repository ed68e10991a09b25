// How the axes of an op's outputs follow those of its inputs: the one rule that batching, and whatever splits values
// along an axis, reads. For each output, each axis of each input is
//   kept    in an output axis: slice i of that axis is made of the slices i of all input axes kept in it, and of the
//           whole of the inputs that have none
//   summed  over: the output is a sum of what each slice gives, plus what depends on none; axes of several inputs with
//           one number are summed over together
//   split   into output axes from the one given on, or merged with its neighbours into the one given; row-major
//   mixed   in another way (normalised over, convolved along, looked up, of size 1 and repeated)
// Rules take symbolic sizes, too.
#pragma once

#include <vector>

#include "ops/op.h"

namespace ds {

enum class Follow { mixed, kept, summed, split, merged };

struct AxisFlow {
    Follow how = Follow::mixed;
    int64_t axis = -1; // of the output; summed: the number of the sum
};

/// By output, input and axis of the input. An absent operand has no axes.
using Flows = std::vector<std::vector<std::vector<AxisFlow>>>;

/// What rules are written with: everything is mixed until it is said otherwise.
class FlowWriter {
public:
    explicit FlowWriter(const CostArgs& args);
    size_t rank(size_t input) const { return flows_[0][input].size(); }
    size_t inputs() const { return flows_[0].size(); }

    void keep(size_t output, size_t input, size_t axis, size_t output_axis);
    void sum(size_t output, size_t input, size_t axis, size_t number);
    void split(size_t output, size_t input, size_t axis, size_t first_output_axis);
    void merge(size_t output, size_t input, size_t axis, size_t output_axis);
    /// Axes [first, last) of the input are the same ones of the output, shifted.
    void keep_range(size_t output, size_t input, size_t first, size_t last, size_t output_first);
    /// The input broadcasts to the output by NumPy's rule, or is as large.
    void keep_broadcast(size_t output, size_t input);
    Flows take() { return std::move(flows_); }

private:
    const CostArgs& args_;
    Flows flows_;
};

/// Every input broadcasts to every output.
Flows elementwise_axes(const CostArgs& args);
/// Nothing can be said.
Flows mixed_axes(const CostArgs& args);

} // namespace ds
