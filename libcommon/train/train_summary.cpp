#include "train/train_summary.h"

#include "io/history.h"

namespace ds {

Json train_summary(const TrainRun& run, const TrainReport& report, const std::string& output, const std::string& digest,
                   const std::string& reason) {
    const RunState& state = run.trainer->state();
    Json json = Json::object();
    json.set("model", run.model.graph.name).set("task", run.model.task).set("output", output).set("digest", digest);
    json.set("step", state.step).set("planned_steps", state.end).set("stopped", reason);
    json.set("seed", std::to_string(run.options.seed));
    if (!report.training.empty()) json.set("loss", report.smooth_loss());
    json.set("metrics", Json::parse(run.record.metrics_json, "the run's metrics"));
    if (!run.model.measured.weights.empty())
        json.set("metrics_weights", run.model.measured.weights).set("metrics_step", run.model.measured.step);
    if (state.best_step > 0) json.set("best_step", state.best_step);
    return json.set("samples_per_second", report.samples_per_second()).set("waited_share", report.waited_share());
}

} // namespace ds
