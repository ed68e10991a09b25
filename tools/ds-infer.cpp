// Uses a model: classes of images, outputs for rows of data, text that goes on from a prompt.
#include <optional>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/infer_options.h"
#include "cli/out.h"
#include "infer/evaluator.h"
#include "infer/nearest.h"
#include "infer/picture_files.h"
#include "infer/prediction_file.h"
#include "io/checkpoint/model.h"

using namespace ds;

namespace {

Exit explain_kernels(const Model& model, const cli::InferSettings& s) {
    EvalOptions options;
    options.controls = cli::run_controls(s.compilation, s.memory);
    options.tokens = text_tokens(model);
    const Task& task = task_of(model);
    options.batch = task.windows ? 1 : s.batch ? s.batch : task.eval_batch;
    cli::out().write(explain_inference(model, options));
    return Exit::ok;
}

Exit generate_text(const Model& model, const cli::InferSettings& s) {
    bool told = false;
    generate(model, cli::generate_request(s), [&](std::string_view bytes) {
        if (!told) cli::tell_seed(s.drawn);
        told = true;
        cli::out().write_content(bytes);
        cli::out().flush();
    });
    cli::out().write("\n");
    return Exit::ok;
}

void tell(const PredictSummary& summary) {
    if (summary.passed_over)
        log::info(
            fmt::format("{} files in folders are no {}", summary.passed_over, summary.of_texts ? "texts" : "pictures"));
    if (!summary.bad) return;
    if (!summary.samples) fail(Exit::data, "nothing was predicted: all {} inputs are bad", summary.bad);
    log::warning(fmt::format("{} predicted, {} bad ones left out", summary.samples, summary.bad));
}

/// Where predictions go that are pictures.
std::optional<PictureFiles> picture_files(const Model& model, const cli::InferSettings& s, const std::string& place,
                                          bool overlay) {
    if (place.empty() || !(overlay || is_picture_place(place))) return {};
    const bool gives_pictures = predicts_pictures(model) && s.layer.empty();
    if (!gives_pictures && !overlay && !place.ends_with(".png")) return {}; // a folder is no place for a table
    if (!gives_pictures)
        fail(Exit::usage, "{} is for pictures, and the predictions of {} are none; give a file name such as out.csv",
             place, s.layer.empty() ? task_of(model).title() : "--layer");
    if (overlay && !task_of(model).classes)
        fail(Exit::usage, "--overlay draws masks over pictures; the model's task is {}", task_of(model).title());
    return std::optional<PictureFiles>(std::in_place, place, s.inputs, overlay);
}

Exit find_nearest(const Model& model, const cli::InferSettings& s) {
    const Nearest nearest(model, cli::predict_request(s, task_of(model).eval_batch), s.nearest);
    Json documents = Json::array();
    std::optional<AtomicFile> table;
    if (!s.output.empty()) table.emplace(s.output, Content::text);
    const auto write = [&](const std::string& lines) {
        if (table) table->write(std::as_bytes(std::span(lines)));
        else if (!s.json) cli::out().write_content(lines);
    };
    bool begun = false;
    tell(nearest.of_inputs([&](const std::string& input, const std::vector<NearRow>& rows) {
        if (!std::exchange(begun, true)) write(nearest_header());
        write(nearest_lines(input, rows));
        if (s.json) documents.push(nearest_json(input, rows));
    }));
    if (table) table->commit();
    if (s.json) cli::out().write(documents.dump(2) + "\n");
    return Exit::ok;
}

Exit predict_inputs(const Model& model, const cli::InferSettings& s) {
    Predictions all;
    Json documents = Json::array();
    std::optional<PictureFiles> pictures = picture_files(model, s, s.output, false),
                                overlays = picture_files(model, s, s.overlay, true);
    std::optional<PredictionFile> table;
    if (!s.output.empty() && !pictures) table.emplace(s.output);
    PredictRequest request = cli::predict_request(s, task_of(model).eval_batch);
    request.keep_pictures = pictures || overlays;
    const PredictSummary summary = predict(model, request, [&](const Predictions& batch) {
        if (table) table->add(batch);
        if (batch.is_bad) return;
        if (pictures) pictures->add(batch);
        if (overlays) overlays->add(batch);
        if (!s.raw.empty()) all.append(batch);
        const Json told = s.json ? batch.json() : Json::array(); // lives while its items are read
        for (const Json& one : told.items()) documents.push(one);
        if (s.json || s.raw == "-" || table || pictures || overlays) return;
        cli::out().write_content(batch.text());
        cli::out().flush();
    });
    tell(summary);
    if (table) table->commit();
    if (pictures) pictures->finish();
    if (overlays) overlays->finish();
    if (!s.raw.empty()) {
        const std::string array = all.npy();
        write_file(s.raw, std::as_bytes(std::span(array))); // in part it is of no use
    }
    if (s.json) cli::out().write(documents.dump(2) + "\n");
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
        cli::check_asked(tool, s, task_of(loaded));
        const Model model = with_weights(loaded, s.weights);
        if (s.compilation.explain) return explain_kernels(model, s);
        if (!s.nearest.empty()) return find_nearest(model, s);
        return tool.given("prompt") ? generate_text(model, s) : predict_inputs(model, s);
    });
}
