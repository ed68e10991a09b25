#include "cli/infer_options.h"

#include "base/atomic_file.h"
#include "base/error.h"
#include "infer/input_files.h"

namespace ds::cli {
namespace {

constexpr size_t longest_prompt = 1 << 20; // bytes; a model sees the last of them, as many as its window has

} // namespace

void infer_options(Command& tool, InferSettings& s) {
    tool.positional("MODEL", s.model, "checkpoint, or - for stdin").files().required();
    tool.positional("INPUT", s.inputs, "images or texts, folders of them, .npy, CSV or data files; - is stdin")
        .files()
        .patterns();
    tool.option("--files-from", s.files_from, "FILE", "a list of further INPUTs, a line each (or NUL); - is stdin")
        .files();
    tool.option(
            "-o,--output", s.output, "FILE",
            "write predictions as CSV, those of tables behind their rows (- is stdout); those that are pictures, such "
            "as masks, as FOLDER/ or FILE.png")
        .files()
        .or_folder()
        .not_recorded();
    tool.option("--overlay", s.overlay, "FOLDER", "write the pictures under the colours of their masks (or FILE.png)")
        .files()
        .or_folder()
        .not_recorded();
    tool.option("--top", s.top, "N", "show the N likeliest classes; with --nearest, the N nearest rows")
        .range(1, 1 << 20);
    tool.option("--threshold", s.threshold, "P", "yes or no, and labels: say yes above this probability").range(0, 1);
    tool.option("--raw", s.raw, "FILE", "write the outputs as they are to a .npy file").files().not_recorded();
    tool.flag("--probabilities", s.probabilities, "with --output: also a column for each class");
    tool.option("--layer", s.layer, "NAME",
                "give the values of this layer, not the outputs (ds-info --graph names and numbers them)");
    tool.flag("--lines", s.lines, "each line of an INPUT is a text: one prediction for each line");
    tool.flag(
        "--as-table", s.as_table,
        "an INPUT is a table (CSV): for a model of texts, which takes what is not called .csv or .tsv for a text");
    tool.option(
            "--nearest", s.nearest, "FILE",
            "the rows of this data file (or FILE:SPLIT) that are nearest to each input, as CSV: --top of them, by the "
            "cosine of what an embedding, two towers or --layer make of both")
        .files()
        .patterns();
    tool.flag("--skip-bad", s.skip_bad, "go on behind an input, or a row of a table, that is no good, and count them");
    resize_option(tool, s.resize, "how pictures get the model's size, where it does not say so itself");
    weights_option(tool, s.weights);
    batch_option(tool, s.batch).initially("256; 16 for pixels");
    memory_option(tool, s.memory);
    json_option(tool, s.json);
    tool.group("Text");
    tool.option("--prompt", s.prompt, "TEXT", "go on from this text; - is stdin").or_stdin();
    tool.option("--tokens", s.tokens, "N", "how many tokens to make").range(0, 1e9);
    tool.option("--temperature", s.temperature, "T", "below 1: safer; above 1: wilder; 0: always the likeliest")
        .range(0, 100);
    tool.option("--top-k", s.top_k, "K", "draw from the K likeliest").range(1, 1e9).initially("all");
    tool.option("--top-p", s.top_p, "P", "of those, from the fewest likeliest whose probabilities reach P together")
        .range(1e-9, 1);
    tool.flag("--bytes", s.any_bytes,
              "draw any byte; else only those that go on as UTF-8, after a prompt that is UTF-8");
    tool.option("--stop", s.stop, "TEXT", "end before the model makes this text");
    seed_option(tool, s.seed);
    compilation_options(tool, s.compilation);
}

void settle_infer(Command& command, InferSettings& s) {
    const bool text = command.given("prompt"), listed = !s.files_from.empty();
    if (text && (listed || !s.inputs.empty())) fail(Exit::usage, "--prompt is for text and takes no INPUT");
    if (!text && !listed && s.inputs.empty())
        fail(Exit::usage, "there is nothing to do: give INPUT files, or --prompt for a model of text");
    if (text)
        for (const char* option : {"json", "raw", "output", "overlay", "layer", "nearest", "lines", "as-table",
                                   "skip-bad", "probabilities", "top", "threshold", "resize"})
            if (command.given(option)) fail(Exit::usage, "--prompt makes text; --{} is for INPUT files", option);
    if (!text)
        for (const char* option : {"tokens", "temperature", "top-k", "top-p", "stop", "bytes", "seed"})
            if (command.given(option)) fail(Exit::usage, "--{} is for text; give --prompt", option);
    if (s.lines && s.as_table)
        fail(Exit::usage, "an input is of texts, a line each, or a table: --lines or --as-table");
    for (const char* option : {"raw", "overlay", "probabilities", "threshold"})
        if (!s.nearest.empty() && command.given(option))
            fail(Exit::usage, "--nearest gives rows of data; --{} is for predictions", option);
    if (int(s.json) + int(s.raw == "-") + int(s.output == "-") > 1)
        fail(Exit::usage, "--json, --raw - and --output - are several results for one stdout");
    if (s.probabilities && s.output.empty()) fail(Exit::usage, "--probabilities are columns of --output");
    if (command.given("top") && s.nearest.empty() && !s.json && (!s.output.empty() || s.raw == "-"))
        fail(Exit::usage, "--top is for the lines on stdout and for --json; --output has --probabilities");
    if (listed) {
        const std::vector<std::string> files = listed_files(s.files_from);
        if (files.empty() && s.inputs.empty()) fail(Exit::data, "{}: the list is empty", input_name(s.files_from));
        s.inputs.insert(s.inputs.end(), files.begin(), files.end());
    }
    if (text && s.prompt == "-") s.prompt = read_file("-", longest_prompt);
    if (text && s.temperature != 0) s.drawn = settle_seed(command, s.seed);
}

void check_asked(const Command& command, const InferSettings& s, const Task& task) {
    for (const char* option : {"top", "probabilities", "threshold"}) {
        if (!command.given(option) || !s.nearest.empty()) continue;
        if (!s.layer.empty()) fail(Exit::usage, "--layer gives numbers; --{} is for the model's own outputs", option);
        if (option == std::string_view("threshold") && !task.has_threshold())
            fail(Exit::usage, "--threshold is for yes or no; the model's task is {}", task.title());
        if (option != std::string_view("threshold") && !task.tells_likeliest())
            fail(Exit::usage, "--{} is for classes of samples; the model's task is {}", option, task.title());
    }
}

GenerateRequest generate_request(const InferSettings& s) {
    GenerateRequest request;
    request.prompt = s.prompt;
    request.tokens = s.tokens;
    request.sampling = {s.temperature, s.top_k, s.top_p};
    request.any_bytes = s.any_bytes;
    request.seed = uint64_t(s.seed.value_or(0));
    request.stop = s.stop;
    request.controls = run_controls(s.compilation, s.memory);
    return request;
}

PredictRequest predict_request(const InferSettings& s, int64_t batch) {
    PredictRequest request;
    request.inputs = s.inputs;
    request.batch = s.batch ? s.batch : batch;
    request.top = s.top;
    request.probabilities = s.probabilities;
    request.layer = s.layer;
    request.lines = s.lines;
    request.as_table = s.as_table;
    request.skip_bad = s.skip_bad;
    request.threshold = s.threshold;
    if (s.resize != ResizeRule::none) request.resize = s.resize;
    request.controls = run_controls(s.compilation, s.memory);
    return request;
}

} // namespace ds::cli
