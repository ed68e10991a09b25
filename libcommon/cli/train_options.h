// The options of ds-train, and the job that they state.
#pragma once

#include <optional>

#include "cli/groups.h"
#include "train/train_job.h"

namespace ds::cli {

struct TrainSettings {
    TrainJob job;
    Compilation compilation;
    std::vector<std::string> set, freeze, lr_scale;
    std::optional<int64_t> seed, epochs, steps, stop_after, shuffle_window, workers;
    LastBatch last_batch = LastBatch::keep;
    int64_t memory = 0;
    bool json = false, dry_run = false;
};

void train_options(Command& command, TrainSettings& settings);
/// The job, after the command line is resolved: a seed is drawn and said where none was given. Error(usage) for
/// combinations that make no sense.
TrainJob train_job(Command& command, TrainSettings& settings);

} // namespace ds::cli
