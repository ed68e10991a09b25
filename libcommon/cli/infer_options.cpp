#include "cli/infer_options.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "data/batch/source.h"

namespace ds::cli {
namespace {

constexpr size_t longest_prompt = 1 << 20; // bytes; a model sees the last of them, as many as its window has

} // namespace

void infer_options(Command& tool, InferSettings& s) {
    tool.positional("MODEL", s.model, "checkpoint, or - for stdin").files().required();
    tool.positional("INPUT", s.inputs, "images, .npy, CSV or data files; - is stdin").files();
    top_option(tool, s.top);
    tool.option("--raw", s.raw, "FILE", "write the outputs as they are to a .npy file").files().not_recorded();
    averaged_option(tool, s.averaged);
    batch_option(tool, s.batch);
    memory_option(tool, s.memory);
    json_option(tool, s.json);
    tool.group("Text");
    tool.option("--prompt", s.prompt, "TEXT", "go on from this text; - is stdin");
    tool.option("--tokens", s.tokens, "N", "how many tokens to make").range(0, 1e9);
    tool.option("--temperature", s.temperature, "T", "below 1: safer; above 1: wilder; 0: always the likeliest")
        .range(0, 100);
    tool.option("--top-k", s.top_k, "K", "draw from the K likeliest").range(1, 1e9).initially("all");
    tool.option("--stop", s.stop, "TEXT", "end before the model makes this text");
    seed_option(tool, s.seed);
    compilation_options(tool, s.compilation);
}

void settle_infer(Command& command, InferSettings& s) {
    const bool text = command.given("prompt");
    if (text && !s.inputs.empty()) fail(Exit::usage, "--prompt is for text and takes no INPUT");
    if (!text && s.inputs.empty())
        fail(Exit::usage, "there is nothing to do: give INPUT files, or --prompt for a model of text");
    if (text && (s.json || !s.raw.empty()))
        fail(Exit::usage, "--prompt makes text; --json and --raw are for INPUT files");
    if (s.json && s.raw == "-") fail(Exit::usage, "--json and --raw - are two results for one stdout");
    const auto from_stdin = [](const std::string& input) { return split_spec(input).first == "-"; };
    const auto given = std::count_if(s.inputs.begin(), s.inputs.end(), from_stdin);
    if (s.model == "-" && given > 0) fail(Exit::usage, "MODEL and INPUT cannot both be stdin");
    if (text && s.model == "-" && s.prompt == "-") fail(Exit::usage, "MODEL and --prompt cannot both be stdin");
    if (given > 1) fail(Exit::usage, "INPUT is stdin {} times; it can be read once", given);
    if (text && s.prompt == "-") s.prompt = read_file("-", longest_prompt);
    if (text && s.temperature != 0) settle_seed(command, s.seed);
}

GenerateRequest generate_request(const InferSettings& s) {
    GenerateRequest request;
    request.prompt = s.prompt;
    request.tokens = s.tokens;
    request.temperature = s.temperature;
    request.top_k = s.top_k;
    request.seed = uint64_t(s.seed.value_or(0));
    request.stop = s.stop;
    request.controls = run_controls(s.compilation, s.memory);
    return request;
}

PredictRequest predict_request(const InferSettings& s) {
    PredictRequest request;
    request.inputs = s.inputs;
    request.batch = s.batch;
    request.top = s.top;
    request.controls = run_controls(s.compilation, s.memory);
    return request;
}

} // namespace ds::cli
