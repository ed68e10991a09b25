// A training job as the command line states it: where the model and the data come from, what is written and
// when. It makes or loads the model, runs the trainer, and saves checkpoints.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/exit.h"
#include "train/train_report.h"

namespace ds {

struct TrainJob {
    // What is trained
    std::string model;                      // a name, a YAML file or a checkpoint; empty with --resume
    std::map<std::string, std::string> set; // parameters of a model file
    int64_t head = 0;                       // fine-tuning: a new classifier of this many classes; 0: keep
    std::string init_from;                  // a checkpoint whose weights are taken by name and shape
    std::string resume;                     // a checkpoint to go on from
    // On what
    std::vector<std::string> data, validation; // files, or splits of them; several are one data set
    // How
    TrainOptions options;
    bool batch_asked = false;              // by a person; else it may be less than it says, as small data demand
    std::optional<int64_t> shuffle_window; // not given: where the data are more than the machine's memory
    std::optional<kernels::Math> math;     // given: by a resumed run only as it was
    int workers = -1;                      // see TrainData
    bool workers_asked = false;            // for this run alone: they must have work
    bool warmup_asked = false;             // by a person; else it may be longer than a short run
    std::optional<LastBatch> last_batch;   // not given: kept where the model can take it
    RunControls controls;
    std::optional<int64_t> end_steps, end_epochs;  // with --resume: another end
    std::function<void(Schedule&)> renew_schedule; // with --resume: the schedule is named anew; what is not given stays
    std::optional<int64_t> stop_after;
    double time_limit = 0; // seconds; 0: none
    // What is written
    std::string output, best, log, plot;
    int64_t save_every = 0, keep = 0;
    // For the history: what the tool was told
    std::string version;
    std::vector<std::string> arguments;
    Json record;
    std::function<void(const std::string&)> print; // stdout
    std::function<void(const Json&)> summary;      // told at the end what came of it; may be empty
    std::function<void()> on_ready;                // nothing is refused from here on
};

/// Runs the job. Errors leave what was saved last in place. Returns 128 + n after a signal.
int run_train_job(TrainJob job);

/// What the job would need, without running: plan size, parameters, MACs, steps. For --dry-run.
std::string describe_train_job(TrainJob job);
/// Every node's kernel and why those before it refused. For --explain.
std::string explain_train_job(TrainJob job);

} // namespace ds
