#include "train/train_job.h"

#include <algorithm>
#include <chrono>
#include <new>

#include "base/error.h"
#include "base/signals.h"
#include "data/batch/batcher.h"
#include "data/batch/source.h"
#include "io/checkpoint/model.h"
#include "io/history.h"
#include "train/numbered_files.h"
#include "train/target_weights.h"
#include "train/train_files.h"
#include "train/train_plot.h"
#include "train/train_run.h"
#include "train/train_summary.h"

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

/// The options that a State is made by. Where the run was cut short, and by what, is told by its words and step.
std::string options_of(const Json& record) {
    Json kept = Json::object();
    for (const auto& [name, value] : record.members())
        if (name != "time" && name != "stop-after") kept.set(name, value);
    return kept.dump();
}

/// Saves checkpoints of a run.
class Saver {
public:
    Saver(const TrainJob& job, TrainRun& run) : job_(job), run_(run), numbered_(job.output) {
        if (job.keep <= 0) return;
        std::vector<std::string> all{job.model, job.best, job.log, job.plot};
        for (const auto& files : {job.data, job.validation}) all.insert(all.end(), files.begin(), files.end());
        for (const std::string& named : all)
            if (!named.empty() && numbered_.step_of(split_spec(named).first) >= 0)
                fail(Exit::usage, "{} has a name that --keep may write; choose another --output", named);
        if (run.from)
            numbered_.take_over(run.from->step, [&](const auto& path) { return is_of_run(path, run.resumed_json); });
    }

    /// What every checkpoint from here on says of the last validation.
    void note(const Validation& validation) {
        Json values = Json::object();
        run_.model.measured = {run_.options.optimizer.ema_decay > 0 ? "averaged" : "trained", validation.step};
        for (const auto& [name, value] : validation.metrics.values()) values.set("val_" + name, value);
        run_.record.metrics_json = values.dump();
    }
    std::string save(const std::string& path) {
        describe_run(run_.model, run_.data, run_.options, run_.trainer->state());
        run_.record.options_json = options_of(job_.record);
        run_.record.arguments = words_until(job_.arguments, run_.trainer->state());
        run_.record.arguments.insert(run_.record.arguments.begin(), run_.decided.begin(), run_.decided.end());
        run_.model.history = run_.history_before;
        run_.model.history.push_back(write_record(run_.record));
        return save_model(run_.model, path);
    }
    /// Returns the file's digest.
    std::string save() { return save(job_.output); }
    /// Every --save-every steps: the output itself and, with --keep, the same under a numbered name.
    void save_periodically(const StepReport& report) {
        if (job_.save_every <= 0 || report.step % job_.save_every != 0 || job_.output == "-") return;
        save();
        if (job_.keep <= 0) return;
        if (!numbered_.link(report.step)) save(numbered_.path(report.step));
        numbered_.keep_last(job_.keep, report.step);
    }
    /// After a failure: the State is that of the last good step, and is kept, so that nothing of the run is lost. What
    /// to say of it; "" when there is nothing to keep or no way to: the first trouble is the one to tell.
    std::string rescue() {
        const int64_t step = run_.trainer->state().step;
        if (step == 0 || job_.output == "-") return "";
        try {
            save();
        } catch (const std::exception&) {
            return "";
        }
        return fmt::format("; {} holds the model of step {}", job_.output, step);
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

/// A file that was asked for and is not there is an error, where a signal or a limit did not come before it.
void check_best(const TrainJob& job, const TrainRun& run) {
    const bool validated = run.trainer->state().bad_validations > 0;
    if (!job.best.empty() && validated && run.trainer->state().best_step == 0)
        fail(Exit::data,
             "--best: no validation has a {}, so none was best; {} was saved. See its metrics for one to name by "
             "--metric",
             run.options.metric, job.output);
}

} // namespace

int run_train_job(TrainJob job) {
    TrainRun run(job);
    TrainReport report(job.log, run.from ? std::optional(run.from->step) : std::nullopt, job.print);
    Saver saver(job, run);
    if (job.on_ready) job.on_ready();
    const auto start = std::chrono::steady_clock::now();
    TrainObserver observer;
    observer.on_step = [&](const StepReport& step) { report.on_step(step); };
    observer.on_validation = [&](const Validation& validation) {
        report.on_validation(validation);
        saver.note(validation);
        if (validation.is_best && !job.best.empty()) saver.save(job.best);
    };
    observer.after_step = [&](const StepReport& step) {
        saver.save_periodically(step);
        if (signals::take_save_request() && job.output != "-") saver.save();
    };
    observer.stop = [&](const StepReport& step) { return reason_to_stop(job, step, start); };
    signals::Graceful graceful;
    std::string reason;
    try {
        reason = run.trainer->run(observer);
    } catch (const Error& error) {
        if (error.code() == Exit::bug) throw;
        throw Error(error.code(), error.what() + saver.rescue());
    } catch (const std::bad_alloc&) {
        fail(Exit::io, "out of memory; use a smaller --batch or model{}", saver.rescue());
    }
    report.on_end(reason);
    run.trainer->step().tell_profile();
    const std::string digest = saver.save();
    if (!job.plot.empty()) draw_training(report, job.plot);
    report.close();
    if (job.summary) job.summary(train_summary(run, report, job.output, digest, reason));
    check_best(job, run);
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
    const TargetWeights& weights = run.trainer->weights();
    const std::string weighed = fmt::format(
        "{}{}{}", weights.samples ? "samples" : "", weights.samples && !weights.classes.empty() ? " and " : "",
        weights.classes.empty() ? "" : "classes (" + run.options.class_weight + ")");
    const std::vector<InputBinding> bindings = training_bindings(run.model, *run.data.train, run.options);
    const int64_t windows = samples_of(*run.data.train, bindings);
    const std::string samples = task_of(run.model).windows
                                    ? fmt::format("{} windows of {} tokens", windows, run.options.tokens)
                                    : fmt::format("{} samples", windows);
    return fmt::format(
        "model        {}, {} parameters\ndata         {}, {}{}, {} beside the reader\n{}steps        {}, batch "
        "{}{}\n"
        "one step     {:.2f} GFLOP in {} plan steps\npeak memory  {:.1f} MiB: arena {:.1f}, state "
        "{:.1f}, constants {:.1f}, batches {:.1f}\n",
        run.model.graph.name, parameters, run.data.train->name(), samples,
        run.options.shuffle_window > 0 ? fmt::format(", mixed in windows of {} MiB", run.options.shuffle_window >> 20)
                                       : "",
        run.trainer->workers() == 1 ? "1 worker" : fmt::format("{} workers", run.trainer->workers()),
        weights.any() ? fmt::format("weights      of {}\n", weighed) : "", run.trainer->state().end, run.options.batch,
        run.options.accumulate > 1 ? fmt::format(" x {}", run.options.accumulate) : "", total * 1e-9,
        plan->steps.size(), double(memory.total()) / 0x1p20, double(memory.arena) / 0x1p20,
        double(memory.state) / 0x1p20, double(memory.constants) / 0x1p20, double(memory.batches) / 0x1p20);
}

std::string explain_train_job(TrainJob job) {
    TrainRun run(job);
    return explain(*run.trainer->plan());
}

} // namespace ds
