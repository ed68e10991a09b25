// A training run made ready from what a job states: data opened, the model made or loaded, options settled, the
// trainer built, its record for the history begun.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/checkpoint/model.h"
#include "io/history.h"
#include "train/fine_tune.h"
#include "train/train_job.h"
#include "train/trainer.h"

namespace ds {

struct TrainRun {
    /// Error(usage, data, no_input, unavailable) for what cannot be trained; nothing has been written then.
    explicit TrainRun(const TrainJob& job);
    TrainRun(const TrainRun&) = delete; // the trainer knows where the model is
    TrainRun& operator=(const TrainRun&) = delete;

    Model model;
    TrainData data;
    TrainOptions options;
    std::optional<RunState> from;      // a resumed run: where it goes on
    std::string resumed_json;          // its run state as it was stored
    std::optional<TakenWeights> taken; // --init-from
    HistoryRecord record;
    std::vector<std::string> decided; // words of options that nobody gave and the bytes depend on
    std::vector<std::string> history_before;
    std::unique_ptr<Trainer> trainer;
};

} // namespace ds
