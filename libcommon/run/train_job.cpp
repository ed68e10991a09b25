#include "run/train_job.h"

#include <algorithm>
#include <chrono>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/signals.h"
#include "io/history.h"
#include "io/model.h"
#include "model/model_file.h"
#include "run/fine_tune.h"
#include "run/numbered_files.h"
#include "run/pictures.h"
#include "run/train_files.h"

namespace ds {
namespace {

/// All that one run needs, made ready.
struct Run {
    Model model;
    TrainData data;
    TrainOptions options;
    std::optional<RunState> from;
    HistoryRecord record;
    std::vector<std::string> history_before;
    std::unique_ptr<Trainer> trainer;
};

void make_model(const TrainJob& job, Run& run) {
    if (is_checkpoint(job.model)) {
        run.model = load_model(job.model);
        if (!job.set.empty() || job.label_smoothing > 0)
            fail(Exit::usage, "--set and --label-smoothing are for model files; {} is a checkpoint", job.model);
        start_fine_tuning(run.model, *run.data.train, job.head, run.options.seed);
        return;
    }
    if (job.head > 0)
        fail(Exit::usage, "--head replaces the classifier of a checkpoint; use --set classes={} with a model file",
             job.head);
    ModelRequest request;
    request.model = job.model;
    request.set = job.set;
    request.data = run.data.train->facts();
    request.label_smoothing = job.label_smoothing;
    BuiltModel built = build_model(request);
    run.model.graph = std::move(built.graph);
    run.model.task = std::move(built.task);
    take_data_description(run.model, *run.data.train);
    initialise(run.model.graph, *run.model.state, run.options.seed);
}

/// What would be ignored, or blacken whole images, is refused.
void check_augmentation(const Augmentation& how, const Model& model) {
    if (!how.any()) return;
    const Preprocessing all = Preprocessing::from_json(model.preprocessing_json, "the model's preprocessing");
    const auto image = std::ranges::find_if(all.columns, [](const auto& c) { return c.second.kind == "image"; });
    if (image == all.columns.end())
        fail(Exit::usage, "--flip, --crop and --cutout are for images; the model takes none");
    const Dims& shape = image->second.shape; // [C,H,W]
    const int64_t side = std::min(shape[1], shape[2]);
    if (how.crop >= side || how.cutout >= side)
        fail(Exit::usage, "--crop {} --cutout {}: both must be smaller than the images of {}x{}", how.crop, how.cutout,
             shape[1], shape[2]);
}

/// Whoever named no split may have forgotten it, and would train on what is held back.
void tell_of_splits(const DataSource& data) {
    const std::vector<std::string> splits = data.file().splits();
    if (!splits.empty() && data.split().empty())
        log::info(fmt::format("{} has the splits {}; all of its {} samples are trained on", data.name(),
                              fmt::join(splits, ", "), data.rows()));
}

void prepare_new(const TrainJob& job, Run& run) {
    run.options = job.options;
    run.data.train = std::make_shared<DataSource>(job.data);
    tell_of_splits(*run.data.train);
    if (!job.validation.empty()) run.data.validation = std::make_shared<DataSource>(job.validation);
    make_model(job, run);
    if (run.model.task == "classification" || run.model.task == "binary") check_targets(*run.data.train);
    check_augmentation(run.options.augmentation, run.model);
    if (run.model.task != "text" && run.options.tokens > 0)
        fail(Exit::usage, "--tokens is for text; the model's task is {}", run.model.task);
    if (run.model.task == "text" && run.options.tokens == 0) run.options.tokens = text_tokens(run.model);
    if (run.options.batch == 0) run.options.batch = run.model.task == "text" ? 16 : 128;
    if (run.model.task != "text" && run.options.batch > run.data.train->rows())
        fail(Exit::usage, "--batch {} is more than the {} samples of {}", run.options.batch, run.data.train->rows(),
             run.data.train->name());
}

/// Another end for a resumed run is fine where the learning rate so far does not depend on the end.
void change_end(const TrainJob& job, Run& run) {
    if (!job.end_steps && !job.end_epochs) return;
    if (run.options.schedule.depends_on_total() && !job.renew_schedule)
        fail(Exit::usage, "the run's schedule depends on its length: name a --schedule anew to give it another end");
    run.options.steps = job.end_steps.value_or(0);
    if (job.end_epochs) run.options.epochs = *job.end_epochs;
}

void prepare_resumed(const TrainJob& job, Run& run) {
    run.model = load_model(job.resume);
    if (run.model.run_state_json.empty()) fail(Exit::data, "{}: there is no run state in it to go on from", job.resume);
    const Json json = Json::parse(run.model.run_state_json, base_name(job.resume) + ": run state");
    run.options = TrainOptions::from_json(json.at("options"));
    run.from = RunState::from_json(json.at("run"));
    if (job.stop_after && *job.stop_after <= run.from->step)
        fail(Exit::usage, "the run is at step {} already; --stop-after {} is not beyond it", run.from->step,
             *job.stop_after);
    run.data.train = find_data(json.at("data"), job.data, "-d", job.resume);
    if (json.contains("validation"))
        run.data.validation = find_data(json.at("validation"), job.validation, "--val", job.resume);
    else if (!job.validation.empty() || !job.best.empty())
        fail(Exit::usage, "{}: the run has no validation; --val and --best are for its start", job.resume);
    if (job.renew_schedule) job.renew_schedule(run.options.schedule);
    change_end(job, run);
}

HistoryInput input_of(const DataSource& source) {
    return {source.name(), source.digest(), maker(source.file().history())};
}

void start_history(const TrainJob& job, Run& run) {
    std::vector<std::vector<std::string>> chains{run.data.train->file().history()};
    HistoryRecord& record = run.record;
    if (!run.model.digest.empty()) {
        chains.push_back(run.model.history);
        record.inputs.push_back({run.model.source, run.model.digest, maker(run.model.history)});
    }
    record.inputs.push_back(input_of(*run.data.train));
    if (run.data.validation) {
        chains.push_back(run.data.validation->file().history());
        record.inputs.push_back(input_of(*run.data.validation));
    }
    record.tool = "ds-train";
    record.version = job.version;
    record.arguments = job.arguments;
    record.options_json = job.record.dump();
    record.seed = run.options.seed;
    run.history_before = merge_history(chains);
}

Run prepare(const TrainJob& job) {
    Run run;
    if (job.resume.empty()) prepare_new(job, run);
    else prepare_resumed(job, run);
    if (run.from && (job.end_steps || job.end_epochs)) run.from->end = 0;
    run.trainer = std::make_unique<Trainer>(run.model, run.data, run.options, job.controls, run.from);
    start_history(job, run);
    return run;
}

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
    Saver(const TrainJob& job, Run& run) : job_(job), run_(run), numbered_(job.output) {}

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
    Run& run_;
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
    Run run = prepare(job);
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
    Run run = prepare(job);
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
    Run run = prepare(job);
    return explain(*run.trainer->plan());
}

} // namespace ds
