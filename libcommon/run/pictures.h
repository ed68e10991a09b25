// Pictures of runs: what of a report or a measurement is drawn. The drawing itself is data/chart.
#pragma once

#include <string>
#include <vector>

#include "run/metrics.h"
#include "run/train_report.h"

namespace ds {

/// Loss and accuracy over steps, smoothed, with validations as points; .svg or .png by the path's ending.
void draw_training(const TrainReport& report, const std::string& path);
/// Which classes are taken for which; .svg or .png. Error(usage) for a task without classes.
void draw_confusion(const Metrics& metrics, const std::vector<std::string>& labels, const std::string& path);

} // namespace ds
