// The options of ds-infer, and the requests that they state.
#pragma once

#include <optional>

#include "cli/groups.h"
#include "infer/generate.h"
#include "infer/predict.h"
#include "task/task.h"

namespace ds::cli {

struct InferSettings {
    std::string model, output, overlay, raw, layer, files_from, prompt, stop;
    std::vector<std::string> inputs, nearest;
    std::optional<int64_t> seed;
    ResizeRule resize = ResizeRule::none;
    Seed drawn; // as it was settled
    int64_t top = 1, batch = 0, tokens = 200, top_k = 0, memory = 0;
    double temperature = 1, top_p = 1, threshold = 0.5;
    bool json = false, lines = false, as_table = false, skip_bad = false, probabilities = false, any_bytes = false;
    Weights weights = Weights::as_measured;
    Compilation compilation;
};

void infer_options(Command& command, InferSettings& settings);
/// After the command line is resolved: Error(usage) for combinations that make no sense; draws a seed for text.
void settle_infer(Command& command, InferSettings& settings);
/// Error(usage) for options that say nothing about a model of this task.
void check_asked(const Command& command, const InferSettings& settings, const Task& task);
GenerateRequest generate_request(const InferSettings& settings);
/// `batch`: where none was asked for.
PredictRequest predict_request(const InferSettings& settings, int64_t batch);

} // namespace ds::cli
