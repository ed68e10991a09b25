#include "run/train_job.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/signals.h"
#include "io/history.h"
#include "io/model.h"
#include "run/numbered_files.h"
#include "run/pictures.h"
#include "run/train_files.h"
#include "run/train_run.h"

namespace ds {
namespace {

/// The words that make a State of step `state.step` again: a run that was cut short is one with --stop-after.
std::vector<std::string> words_until(const std::vector<std::string>& words, const RunState& state) {
    std::vector<std::string> kept;
    for (const std::string& word : words)
        if (!word.starts_with("--time") && !word.starts_with("--stop-after")) kept.push_back(word);
    if (state.step < state.end) kept.push_back(fmt::format("--stop-after={}", state.step));
    return kept;
}

/// Saves checkpoints of a run.
class Saver {
public:
    Saver(const TrainJob& job, TrainRun& run) : job_(job), run_(run), numbered_(job.output) {}

    void save(const std::string& path, const Metrics* metrics) {
        describe_run(run_.model, run_.data, run_.options, run_.trainer->state());
        if (metrics) {
            Json values = Json::object();
            for (const auto& [name, value] : metrics->values()) values.set("val_" + name, value);
            run_.record.metrics_json = values.dump();
        }
        run_.record.arguments = words_until(job_.arguments, run_.trainer->state());
        run_.model.history = run_.history_before;
        run_.model.history.push_back(write_record(run_.record));
        save_model(run_.model, path);
    }
    /// Every --save-every steps: the output itself and, with --keep, the same under a numbered name.
    void save_periodically(const StepReport& report) {
        if (job_.save_every <= 0 || report.step % job_.save_every != 0 || job_.output == "-") return;
        save(job_.output, nullptr);
        if (job_.keep <= 0) return;
        const std::string name = numbered_.path(report.step);
        if (!numbered_.link(job_.output, name)) save(name, nullptr);
        numbered_.keep_last(job_.keep, report.step);
    }

private:
    const TrainJob& job_;
    TrainRun& run_;
    NumberedFiles numbered_;
};

/// Why to stop after this step, or "".
std::string reason_to_stop(const TrainJob& job, const StepReport& report, std::chrono::steady_clock::time_point start) {
    if (signals::stop_requested()) return "a signal";
    if (job.stop_after && report.step >= *job.stop_after) return fmt::format("--stop-after {}", *job.stop_after);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (job.time_limit > 0 && seconds >= job.time_limit) return "--time is up";
    return "";
}

} // namespace

int run_train_job(TrainJob job) {
    TrainRun run(job);
    TrainReport report(job.log, run.from ? std::optional(run.from->step) : std::nullopt, job.print);
    Saver saver(job, run);
    std::optional<Metrics> last;
    const auto start = std::chrono::steady_clock::now();
    TrainObserver observer;
    observer.on_step = [&](const StepReport& step) { report.on_step(step); };
    observer.on_validation = [&](const Validation& validation) {
        report.on_validation(validation);
        last = validation.metrics;
        if (validation.is_best && !job.best.empty()) saver.save(job.best, &validation.metrics);
    };
    observer.after_step = [&](const StepReport& step) {
        saver.save_periodically(step);
        if (signals::take_save_request() && job.output != "-") saver.save(job.output, nullptr);
    };
    observer.stop = [&](const StepReport& step) { return reason_to_stop(job, step, start); };
    signals::Graceful graceful;
    std::string reason;
    try {
        reason = run.trainer->run(observer);
    } catch (const Error& error) {
        // The State is that of the last good step: kept, so that nothing of the run is lost.
        if (error.code() == Exit::bug || run.trainer->state().step == 0 || job.output == "-") throw;
        try {
            saver.save(job.output, last ? &*last : nullptr);
        } catch (const Error&) {
            throw error; // the first trouble is the one to tell
        }
        throw Error(error.code(), fmt::format("{}; {} holds the model of step {}", error.what(), job.output,
                                              run.trainer->state().step));
    }
    report.on_end(reason);
    run.trainer->step().tell_profile();
    saver.save(job.output, last ? &*last : nullptr);
    if (!job.plot.empty()) draw_training(report, job.plot);
    report.close();
    return signals::stop_requested() ? 128 + signals::stop_signal() : 0;
}

std::string describe_train_job(TrainJob job) {
    TrainRun run(job);
    const std::shared_ptr<const Plan> plan = run.trainer->plan();
    const MemoryNeed& memory = run.trainer->memory();
    int64_t parameters = 0;
    for (const Slot& slot : run.model.graph.slots)
        if (slot.kind == SlotKind::parameter) parameters += count(dims(run.model.graph.type(slot.value).shape));
    double total = 0;
    for (const Step& step : plan->steps) total += step.flops;
    return fmt::format("model        {}, {} parameters\ndata         {}, {} samples\nsteps        {}, batch {}{}\n"
                       "one step     {:.2f} GFLOP in {} plan steps\npeak memory  {:.1f} MiB: arena {:.1f}, state "
                       "{:.1f}, constants {:.1f}\n",
                       run.model.graph.name, parameters, run.data.train->name(), run.data.train->rows(),
                       run.trainer->state().end, run.options.batch,
                       run.options.accumulate > 1 ? fmt::format(" x {}", run.options.accumulate) : "", total * 1e-9,
                       plan->steps.size(), double(memory.total()) / 0x1p20, double(memory.arena) / 0x1p20,
                       double(memory.state) / 0x1p20, double(memory.constants) / 0x1p20);
}

std::string explain_train_job(TrainJob job) {
    TrainRun run(job);
    return explain(*run.trainer->plan());
}

} // namespace ds
