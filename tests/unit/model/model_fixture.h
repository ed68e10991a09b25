// Small model files, and what is built of them.
#pragma once

#include <string>
#include <vector>

#include "model/model_file.h"

namespace ds::testing {

inline BuiltModel built(const std::string& text, const ModelRequest& request = {}) {
    return build_model(Yaml::parse(text, "m.yaml"), "m", request);
}

/// The parameters and statistics as "name[shape]".
inline std::vector<std::string> slots(const Graph& graph) {
    std::vector<std::string> list;
    for (const Slot& slot : graph.slots) list.push_back(slot.name + text(graph.type(slot.value).shape));
    return list;
}

inline std::string with_layers(const std::string& layers, const std::string& input = "x: \"f32[N,8]\"") {
    return "inputs: {" + input + "}\nlayers:\n" + layers + "loss: {kind: cross_entropy, target: label}\n";
}

} // namespace ds::testing
