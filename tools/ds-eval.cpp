// Measures a model on data, holds it to bounds, and compares it with another.
#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/groups.h"
#include "cli/out.h"
#include "infer/evaluator.h"
#include "io/checkpoint/model.h"
#include "report/eval_report.h"
#include "report/pictures.h"
#include "report/verdict.h"

using namespace ds;

namespace {

struct Settings {
    std::string model, data, confusion, other, predictions;
    std::vector<std::string> minima, maxima;
    int64_t batch = 0, memory = 0;
    bool json = false, per_class = false, averaged = false;
    cli::Compilation compilation;
};

void declare(cli::Tool& tool, Settings& s) {
    tool.positional("MODEL", s.model, "checkpoint, or - for stdin").files().required();
    cli::data_option(tool, s.data).required();
    tool.option("--min", s.minima, "METRIC=VALUE", "exit 1 when the metric is below this").pairs();
    tool.option("--max", s.maxima, "METRIC=VALUE", "exit 1 when the metric is above this").pairs();
    tool.option("--compare", s.other, "FILE", "exit 1 when significantly worse than this model").files();
    tool.flag("--per-class", s.per_class, "show each class, and which are taken for which");
    tool.option("--confusion", s.confusion, "FILE", "draw which classes are taken for which, as .png or .svg")
        .endings({".png", ".svg"})
        .not_recorded();
    tool.option("--predictions", s.predictions, "FILE", "write each sample's prediction as CSV").files().not_recorded();
    cli::averaged_option(tool, s.averaged);
    cli::batch_option(tool, s.batch).initially("256; 16 for text");
    cli::memory_option(tool, s.memory);
    cli::json_option(tool, s.json);
    cli::compilation_options(tool, s.compilation);
}

EvalOptions eval_options(const Settings& s, const Model& model) {
    EvalOptions options;
    options.controls = cli::run_controls(s.compilation, s.memory);
    options.tokens = text_tokens(model);
    options.batch = s.batch ? s.batch : task_of(model).eval_batch;
    return options;
}

std::unique_ptr<Metrics> measure(const Settings& s, const Model& loaded, const std::shared_ptr<const DataSource>& data,
                                 PredictionTable* predictions = nullptr) {
    const Model model = s.averaged ? with_average_weights(loaded) : loaded;
    const EvalOptions options = eval_options(s, model);
    check_data(model, *data, options.tokens, false, options.controls.sizes);
    Progress progress("evaluating", data->rows(), "samples");
    return evaluate(model, data, options, [&](const EvaluatedBatch& batch) {
        if (predictions) predictions->add(batch.output, batch.target, batch.batch.size);
        progress.update(batch.done);
    });
}

/// What the model's task has no answer for is refused before the work.
void check_asked(const Settings& s, const Task& task, const std::vector<Bound>& bounds) {
    for (const Bound& bound : bounds) task.metric(bound.metric);
    if (!s.confusion.empty() && !task.classes)
        fail(Exit::usage, "--confusion needs classes; the model's task is {}", task.name);
    if (!s.predictions.empty() && !task.printing) fail(Exit::usage, "--predictions: there are none for {}", task.name);
}

/// What the evaluation says, in the one form that was asked for.
void tell(const Settings& s, const std::string& data, const OutputNames& names, const Metrics& metrics,
          const Verdict& verdict) {
    if (s.json) {
        Json json = to_json(metrics, data, names);
        add_verdict(json, verdict);
        cli::out().write(json.dump(2) + "\n");
    } else if (s.predictions == "-") {
        for (const std::string& line : verdict_lines(verdict)) log::info(line); // stdout holds the CSV
    } else {
        cli::out().write(table(metrics, data));
        if (s.per_class && metrics.classes() > 0)
            cli::out().write("\n" + class_table(metrics, names) + "\n" + confusion_table(metrics, names));
        for (const std::string& line : verdict_lines(verdict)) cli::out().write(line + "\n");
    }
}

} // namespace

int main(int argc, char** argv) {
    cli::Tool tool("ds-eval", "measure a model on data");
    tool.computes();
    Settings s;
    declare(tool, s);
    return cli::run(tool, argc, argv, [&] {
        std::vector<Bound> bounds;
        for (const std::string& text : s.minima) bounds.push_back(parse_bound(text, true));
        for (const std::string& text : s.maxima) bounds.push_back(parse_bound(text, false));
        if (s.json && s.predictions == "-")
            fail(Exit::usage, "--json and --predictions - are two results for one stdout");

        const Model model = load_model(s.model);
        const Task& task = task_of(model);
        check_asked(s, task, bounds);
        if (s.compilation.explain) {
            cli::out().write(explain_inference(model, eval_options(s, model)));
            return Exit::ok;
        }
        const auto data = std::make_shared<const DataSource>(s.data);
        const std::optional<Model> other = s.other.empty() ? std::nullopt : std::optional(load_model(s.other));
        if (other && other->task != model.task)
            fail(Exit::usage, "--compare: {} is a model for {} and {} for {}", s.other, other->task, s.model,
                 model.task);
        OutputNames names;
        names.labels = model.labels;
        PredictionTable predictions(task, names);
        const auto metrics = measure(s, model, data, s.predictions.empty() ? nullptr : &predictions);
        Verdict verdict;
        verdict.bounds = check_bounds(*metrics, bounds);
        if (other) verdict.comparison = compare(*metrics, *measure(s, *other, data), task.metric(task.deciding), 1);

        if (!s.confusion.empty()) draw_confusion(*metrics, names, s.confusion);
        if (!s.predictions.empty()) write_file(s.predictions, predictions.csv());
        tell(s, data->name(), names, *metrics, verdict);
        return verdict.held() ? Exit::ok : Exit::negative;
    });
}
