// What came of a training run, as one JSON document: for scripts that run many.
#pragma once

#include <string>

#include "base/json.h"
#include "train/train_report.h"
#include "train/train_run.h"

namespace ds {

/// `output`: where the model went, with its digest; `reason`: why the run stopped before its end, or "".
Json train_summary(const TrainRun& run, const TrainReport& report, const std::string& output, const std::string& digest,
                   const std::string& reason);

} // namespace ds
