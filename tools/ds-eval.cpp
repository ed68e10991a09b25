// Measures a model on data, holds it to bounds, and compares it with another.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/progress.h"
#include "cli/groups.h"
#include "cli/out.h"
#include "data/batch/groups.h"
#include "data/batch/row_ids.h"
#include "data/batch/weights.h"
#include "infer/evaluator.h"
#include "infer/sample_sheet.h"
#include "io/checkpoint/model.h"
#include "report/eval_report.h"
#include "report/pictures.h"
#include "report/verdict.h"

using namespace ds;

namespace {

struct Settings {
    std::vector<std::string> data;
    std::string model, confusion, curves, sheet, other, metric, predictions, threshold = "0.5";
    std::vector<std::string> minima, maxima;
    int64_t batch = 0, memory = 0;
    bool json = false, per_class = false, probabilities = false;
    Weights weights = Weights::as_measured;
    cli::Compilation compilation;
};

void declare(cli::Tool& tool, Settings& s) {
    tool.positional("MODEL", s.model, "checkpoint, or - for stdin").files().required();
    cli::data_option(tool, s.data).required();
    tool.option("--min", s.minima, "METRIC=VALUE", "exit 1 when the metric is below this").pairs();
    tool.option("--max", s.maxima, "METRIC=VALUE", "exit 1 when the metric is above this").pairs();
    tool.option("--compare", s.other, "FILE", "exit 1 when significantly worse than this model").files();
    tool.option("--metric", s.metric, "NAME",
                "what --compare goes by; of several targets as in price.rmse, without it the first target's")
        .words(metric_names())
        .initially(deciding_metrics());
    tool.option("--threshold", s.threshold, "P",
                "yes or no, and labels: yes above this probability; auto: above that of the best f1");
    tool.flag("--per-class", s.per_class, "show each class, and which are taken for which");
    tool.option("--confusion", s.confusion, "FILE", "draw which classes are taken for which, as .png or .svg")
        .endings({".png", ".svg"})
        .not_recorded();
    tool.option("--curves", s.curves, "FILE", "draw ROC, precision and recall, and calibration, as .png or .svg")
        .endings({".png", ".svg"})
        .not_recorded();
    tool.option("--sheet", s.sheet, "FILE",
                "draw the first samples, what is true and what is predicted, as .png or .svg: of predictions that are "
                "pictures")
        .endings({".png", ".svg"})
        .not_recorded();
    tool.option("--predictions", s.predictions, "FILE", "write each sample's prediction as CSV").files().not_recorded();
    tool.flag("--probabilities", s.probabilities, "with --predictions: also a column for each class");
    cli::weights_option(tool, s.weights);
    cli::batch_option(tool, s.batch).initially("256; 16 for text and pixels");
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

/// By the data's ids; without one, by its number.
std::vector<std::string> sample_names(const DataSource& data, const RowIds& ids, const Batch& batch) {
    std::vector<std::string> all;
    for (int64_t s : batch.sample) {
        all.push_back(ids.at(data.file_row(s)));
        if (all.back().empty()) all.back() = std::to_string(s);
    }
    return all;
}

/// The names of the groups that a ranking is measured over; none where it takes all samples as one.
RowIds group_names(const Model& model, const DataSource& data) {
    const bool has_groups =
        std::ranges::any_of(model.graph.inputs, [](const Input& input) { return is_of_groups(input.name); });
    return RowIds(data.file(), task_of(model).ranks && has_groups ? group_column(data) : -1);
}

std::unique_ptr<Metrics> measure(const Settings& s, const Model& loaded, const std::shared_ptr<const DataSource>& data,
                                 PredictionTable* predictions = nullptr, const OutputNames& names = {},
                                 SampleSheet* sheet = nullptr) {
    const Model model = with_weights(loaded, s.weights);
    const EvalOptions options = eval_options(s, model);
    check_data(model, *data, options.tokens, false, options.controls.sizes);
    const RowIds ids(data->file()), groups = group_names(model, *data);
    Progress progress("evaluating", data->rows(), "samples");
    return evaluate(model, data, options, [&](const EvaluatedBatch& batch) {
        std::vector<std::string> of_groups;
        for (const int64_t row : batch.batch.sample)
            if (predictions && !groups.name().empty()) of_groups.push_back(groups.at(data->file_row(row)));
        if (predictions) predictions->add(batch.heads, sample_names(*data, ids, batch.batch), of_groups);
        if (sheet) sheet->add(batch.batch, batch.heads[0].output, *batch.heads[0].target, names);
        progress.update(batch.done);
    });
}

double parse_threshold(const std::string& text) {
    double value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 1))
        fail(Exit::usage, "--threshold takes a probability from 0 to 1, or auto, not '{}'", shown(text));
    return value;
}

/// The threshold that was asked for; auto: found on the samples that were measured.
double settle_threshold(const Settings& s, const Metrics& metrics) {
    if (s.threshold != "auto") return parse_threshold(s.threshold);
    const double best = metrics.spoilt() > 0 ? std::nan("") : metrics.best_threshold().value_or(std::nan(""));
    if (std::isnan(best) && metrics.spoilt() == 0)
        fail(Exit::data, "--threshold auto: no sample is a yes, so no threshold is best");
    return best;
}

/// Whoever named no split may have forgotten it, and would measure what was trained on.
void tell_of_splits(const DataSource& data) {
    const std::vector<std::string> splits = data.file().splits();
    if (!splits.empty() && data.split().empty())
        log::info(fmt::format("{} has the splits {}; all of its {} {} are measured", data.name(),
                              fmt::join(splits, ", "), data.rows(), data.rows_are()));
}

/// Weights are for training; whoever made them may expect otherwise.
void tell_of_weights(const DataSource& data) {
    if (const int column = weight_column(data); column >= 0)
        log::info(fmt::format("{}: every sample counts once; the weights '{}' are for training", data.name(),
                              data.file().columns()[size_t(column)].name));
}

/// What is not a number was measured for nothing.
void refuse_spoilt(const std::string& model, const Metrics& metrics) {
    if (metrics.spoilt() > 0)
        fail(
            Exit::data,
            "{}: its outputs for {} of {} samples are not finite, the first of them sample {}; its weights or the data "
            "are spoilt",
            model, metrics.spoilt(), metrics.samples(), metrics.first_spoilt());
}

/// There is something to say of each class, or of each label.
bool shows_classes(const Task& task) {
    return std::ranges::any_of(parts_of(task), [](const TaskPart& part) {
        return part.task->classes || part.task->target == TargetMeaning::zero_or_one;
    });
}

/// What the model's task has no answer for is refused before the work.
void check_asked(const Settings& s, const Task& task, const std::vector<Bound>& bounds) {
    for (const Bound& bound : bounds) task.metric(bound.metric);
    if (!task.metric(s.metric.empty() ? task.deciding : s.metric).of_samples)
        fail(Exit::usage, "--metric: {} is of all samples together and cannot be compared; take another one", s.metric);
    if (!s.metric.empty() && s.other.empty())
        fail(Exit::usage, "--metric is for --compare; --min and --max name their own");
    if (s.threshold != "0.5" && !task.has_threshold())
        fail(Exit::usage, "--threshold is for yes or no; the model's task is {}", task.title());
    if (s.threshold != "auto") parse_threshold(s.threshold);
    if (!s.curves.empty() && !task.has_curves) fail(Exit::usage, "--curves: there are none for {}", task.title());
    if (s.probabilities && (s.predictions.empty() || !task.tells_likeliest()))
        fail(Exit::usage, "--probabilities is for the --predictions of classes");
    if (s.per_class && !shows_classes(task))
        fail(Exit::usage, "--per-class needs classes or labels; the model's task is {}", task.title());
    if (!s.confusion.empty() && !task.classes)
        fail(Exit::usage, "--confusion needs classes; the model's task is {}", task.title());
    if (!s.predictions.empty() && !task.printing)
        fail(Exit::usage, "--predictions: there are none for {}", task.title());
}

Comparison compare_with(const Settings& s, const Model& other, const std::shared_ptr<const DataSource>& data,
                        const Metrics& metrics) {
    const auto others = measure(s, other, data);
    if (metrics.spoilt() == 0) refuse_spoilt(s.other, *others);
    others->set_threshold(s.threshold == "auto" ? settle_threshold(s, *others) : metrics.threshold());
    const Task& task = metrics.task();
    return compare(metrics, *others, task.metric(s.metric.empty() ? task.deciding : s.metric), 1);
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
        if (s.per_class && metrics.spoilt() == 0) cli::out().write(class_tables(metrics, names));
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
            fail(Exit::usage, "--compare: {} is a model for {} and {} for {}", s.other, task_of(*other).title(),
                 s.model, task.title());
        if (other && text_tokens(*other) != text_tokens(model))
            fail(Exit::usage,
                 "--compare: {} reads windows of {} tokens and {} of {}, so their losses are of other texts", s.other,
                 text_tokens(*other), s.model, text_tokens(model));
        tell_of_splits(*data);
        tell_of_weights(*data);
        const OutputNames names = output_names(model, 0.5, 1, s.probabilities);
        std::optional<PredictionTable> predictions;
        if (!s.predictions.empty()) {
            const std::string id = RowIds(data->file()).name();
            predictions.emplace(task, names, id.empty() ? "sample" : id, group_names(model, *data).name());
        }
        std::optional<SampleSheet> sheet;
        if (!s.sheet.empty()) sheet.emplace(model);
        const auto metrics =
            measure(s, model, data, predictions ? &*predictions : nullptr, names, sheet ? &*sheet : nullptr);
        metrics->set_threshold(settle_threshold(s, *metrics));
        Verdict verdict;
        verdict.bounds = check_bounds(*metrics, bounds);
        if (other) verdict.comparison = compare_with(s, *other, data, *metrics);

        if (metrics->spoilt() > 0) tell(s, data->name(), names, *metrics, verdict);
        refuse_spoilt(s.model, *metrics);
        if (!s.confusion.empty()) draw_confusion(*metrics, names, s.confusion);
        if (sheet) sheet->draw(s.sheet);
        if (!s.curves.empty()) draw_curves(*metrics, s.curves);
        if (predictions) write_file(s.predictions, predictions->csv(metrics->threshold()));
        tell(s, data->name(), names, *metrics, verdict);
        return verdict.held() ? Exit::ok : Exit::negative;
    });
}
