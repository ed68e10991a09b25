// The unit of what an output is held to: its mean and deviation, which are statistics of the model (model/loss.h says
// how they are called), so that the network works on standardised numbers and the model speaks those of the data.
#pragma once

#include <string>

#include "graph/builder.h"

namespace ds {

struct TargetUnit {
    ValueId mean = no_value, deviation = no_value;
    /// A standardised value in the unit of the data: x * deviation + mean.
    ValueId of_data(Builder& builder, ValueId x) const;
};

/// The slots of a target's unit, added where they are not there: a value for each of C of a target [N,C,...], else one.
TargetUnit target_unit(Graph& graph, const std::string& target, const Type& type);

} // namespace ds
