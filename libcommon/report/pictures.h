// Pictures of measurements. The drawing itself is data/picture/chart.
#pragma once

#include <string>

#include "task/task.h"

namespace ds {

/// The curves of the task that the samples have (a ROC curve needs both kinds), side by side; .svg or .png.
/// Error(usage) for a task without curves, Error(data) where the samples have none.
void draw_curves(const Metrics& metrics, const std::string& path);

/// Which classes are taken for which; .svg or .png. Error(usage) for a task without classes.
void draw_confusion(const Metrics& metrics, const OutputNames& names, const std::string& path);

} // namespace ds
