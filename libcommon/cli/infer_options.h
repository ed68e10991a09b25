// The options of ds-infer, and the requests that they state.
#pragma once

#include <optional>

#include "cli/groups.h"
#include "infer/generate.h"
#include "infer/predict.h"

namespace ds::cli {

struct InferSettings {
    std::string model, raw, prompt, stop;
    std::vector<std::string> inputs;
    std::optional<int64_t> seed;
    int64_t top = 1, batch = 256, tokens = 200, top_k = 0, memory = 0;
    double temperature = 1;
    bool json = false, averaged = false;
    Compilation compilation;
};

void infer_options(Command& command, InferSettings& settings);
/// After the command line is resolved: Error(usage) for combinations that make no sense; draws a seed for text.
void settle_infer(Command& command, InferSettings& settings);
GenerateRequest generate_request(const InferSettings& settings);
PredictRequest predict_request(const InferSettings& settings);

} // namespace ds::cli
