// The options of ds-train, and the job that they state.
#pragma once

#include <optional>

#include "cli/groups.h"
#include "run/train_job.h"

namespace ds::cli {

struct TrainSettings {
    TrainJob job;
    PassOptions passes;
    std::vector<std::string> set;
    std::optional<int64_t> seed, epochs, steps, stop_after;
    int64_t memory = 0;
    bool flip = false, no_shuffle = false, dry_run = false;
};

void train_options(Command& command, TrainSettings& settings);
/// The job, after the command line is resolved: a seed is drawn and said where none was given. Error(usage) for
/// combinations that make no sense.
TrainJob train_job(Command& command, TrainSettings& settings);

/// --no-pass, --print-after and the like as the library wants them; graphs are printed to stderr.
RunControls run_controls(const PassOptions& passes, int64_t memory);

} // namespace ds::cli
