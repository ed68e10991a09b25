// Measures a model on data, holds it to bounds, and compares it with another.
#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "cli/groups.h"
#include "cli/out.h"
#include "io/model.h"
#include "run/eval_report.h"
#include "run/pictures.h"

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
    options.batch = s.batch ? s.batch : model.task == "text" ? 16 : 256;
    return options;
}

Metrics measure(const Settings& s, const Model& loaded, const std::shared_ptr<const DataSource>& data) {
    const Model model = s.averaged ? with_average_weights(loaded) : loaded;
    Progress progress("evaluating", data->rows(), "samples");
    return evaluate(model, data, eval_options(s, model), [&](int64_t done, int64_t) { progress.update(done); });
}

Exit judge(const std::vector<BoundResult>& bounds, const Comparison* comparison, bool json) {
    bool held = true;
    for (const BoundResult& r : bounds) {
        held = held && r.held;
        if (!json)
            cli::out().print("{} {} {} {}: {:.4f}\n", r.held ? "held  " : "missed", r.bound.metric,
                             r.bound.is_minimum ? ">=" : "<=", r.bound.value, r.measured);
    }
    if (comparison && !json)
        cli::out().print("difference     {:+.4f}  [{:+.4f}, {:+.4f}]{}\n", comparison->difference, comparison->low,
                         comparison->high, comparison->significantly_worse() ? "  significantly worse" : "");
    return held && !(comparison && comparison->significantly_worse()) ? Exit::ok : Exit::negative;
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
        if (s.compilation.explain) {
            cli::out().write(explain_inference(model, eval_options(s, model)));
            return Exit::ok;
        }
        const auto data = std::make_shared<const DataSource>(s.data);
        const Metrics metrics = measure(s, model, data);
        const std::vector<BoundResult> results = check_bounds(metrics, bounds);
        std::optional<Comparison> comparison;
        if (!s.other.empty()) comparison = compare(metrics, measure(s, load_model(s.other), data), 1);

        if (!s.confusion.empty()) draw_confusion(metrics, model.labels, s.confusion);
        if (!s.predictions.empty()) write_file(s.predictions, predictions_csv(metrics, model.labels));

        if (s.predictions == "-")
            return judge(results, comparison ? &*comparison : nullptr, true); // stdout holds the CSV
        if (s.json) {
            Json json = to_json(metrics, model.labels);
            if (comparison) {
                Json difference = Json::object();
                difference.set("difference", comparison->difference)
                    .set("low", comparison->low)
                    .set("high", comparison->high);
                json.set("compare", difference);
            }
            cli::out().write(json.dump(2) + "\n");
        } else {
            cli::out().write(table(metrics));
            if (s.per_class && metrics.classes() > 0)
                cli::out().write("\n" + class_table(metrics, model.labels) + "\n" +
                                 confusion_table(metrics, model.labels));
        }
        return judge(results, comparison ? &*comparison : nullptr, s.json);
    });
}
