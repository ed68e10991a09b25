// Text from a model, token after token (bytes). The whole context is computed each time: there is no cache yet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "exec/controls.h"
#include "infer/sampling.h"
#include "state/model.h"

namespace ds {

struct GenerateRequest {
    std::string prompt;
    int64_t tokens = 200;
    Sampling sampling;
    uint64_t seed = 0;
    bool any_bytes = false; // else only bytes that go on as UTF-8 are drawn, where the prompt is UTF-8
    std::string stop;       // end when what was made ends with this; it is not shown
    RunControls controls;
};

/// Calls `on_text` with each piece as it is made, the prompt first. Text that is UTF-8 comes in whole characters, and
/// ends with one: of a last character that has not all of its bytes, none is given. Error(usage) when the model does
/// not take text.
void generate(const Model& model, const GenerateRequest& request, const std::function<void(std::string_view)>& on_text);

} // namespace ds
