// Text from a model, token after token (bytes). The whole context is computed each time: there is no cache yet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "exec/controls.h"
#include "state/model.h"

namespace ds {

struct GenerateRequest {
    std::string prompt;
    int64_t tokens = 200;
    double temperature = 1; // 0: always the likeliest
    int64_t top_k = 0;      // draw from the k likeliest; 0: from all
    uint64_t seed = 0;
    std::string stop; // end when what was made ends with this; it is not shown
    RunControls controls;
};

/// Calls `on_text` with each piece as it is made, the prompt first. Error(usage) when the model does not take text.
void generate(const Model& model, const GenerateRequest& request, const std::function<void(std::string_view)>& on_text);

} // namespace ds
