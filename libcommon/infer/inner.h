// The value of an inner layer as an output of a model: an embedding of what goes in, say.
#pragma once

#include <string>
#include <vector>

#include "state/model.h"

namespace ds {

/// What a layer's values are called where nobody reads the name: no name of a graph has a blank.
constexpr const char* inner_output = "the layer's";

/// The model with one more output, which is called `output`: the value that the layer of that name gives, or that the
/// graph's text calls by that number (%17). The State is shared. Error(usage) naming the nearest layer and all of them,
/// or those that have the name; or when the value has no row for each sample or an open size.
Model with_layer_output(const Model& model, const std::string& layer, const std::string& output);

/// The model with these outputs alone, and the inputs that they need. The State is shared.
Model with_outputs_only(const Model& model, const std::vector<std::string>& outputs);

} // namespace ds
