// Uses a model: classes of images, outputs for rows of data, text that goes on from a prompt.
#include "base/atomic_file.h"
#include "cli/infer_options.h"
#include "cli/out.h"
#include "infer/evaluator.h"
#include "io/checkpoint/model.h"

using namespace ds;

namespace {

Exit explain_kernels(const Model& model, const cli::InferSettings& s) {
    EvalOptions options;
    options.controls = cli::run_controls(s.compilation, s.memory);
    options.tokens = text_tokens(model);
    options.batch = task_of(model).windows ? 1 : s.batch;
    cli::out().write(explain_inference(model, options));
    return Exit::ok;
}

Exit generate_text(const Model& model, const cli::InferSettings& s) {
    generate(model, cli::generate_request(s), [](std::string_view bytes) {
        cli::out().write_content(bytes);
        cli::out().flush();
    });
    cli::out().write("\n");
    return Exit::ok;
}

Exit predict_inputs(const Model& model, const cli::InferSettings& s) {
    Predictions all;
    predict(model, cli::predict_request(s), [&](const Predictions& batch) {
        if (s.json || !s.raw.empty()) all.append(batch);
        if (s.json || s.raw == "-") return;
        cli::out().write(batch.text());
        cli::out().flush();
    });
    if (!s.raw.empty()) write_file(s.raw, all.npy());
    if (s.json && s.raw != "-") cli::out().write(all.json().dump(2) + "\n");
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv) {
    cli::Tool tool("ds-infer", "use a model on images, data or a prompt");
    tool.computes();
    cli::InferSettings s;
    cli::infer_options(tool, s);
    return cli::run(tool, argc, argv, [&] {
        cli::settle_infer(tool, s);
        if (s.raw == "-") cli::refuse_terminal("an array");
        const Model loaded = load_model(s.model);
        const Model model = s.averaged ? with_average_weights(loaded) : loaded;
        if (s.compilation.explain) return explain_kernels(model, s);
        return tool.given("prompt") ? generate_text(model, s) : predict_inputs(model, s);
    });
}
