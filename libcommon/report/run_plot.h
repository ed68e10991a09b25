// Runs beside each other: a panel for each thing that was measured, a line for each run.
#pragma once

#include <string>
#include <vector>

#include "report/run_log.h"

namespace ds {

struct RunPlot {
    std::vector<std::string> metrics; // keys of the logs; empty: loss, val_loss and the metric that decides
    double LogPlace::*x = &LogPlace::step;
    std::string x_name = "step";
    int64_t smooth = 0; // values whose mean a point is; 0: a hundredth of the line, validations as they are
    bool log_x = false, log_y = false;
};

/// .svg or .png by the path's ending. Error(usage) for a metric that no run has, naming those there are, and when
/// nothing can be drawn on a logarithmic axis.
void draw_runs(const std::vector<RunLog>& runs, const RunPlot& plot, const std::string& path);

} // namespace ds
