// Pictures of measurements. The drawing itself is data/chart.
#pragma once

#include <string>
#include <vector>

#include "task/metrics.h"

namespace ds {

/// Which classes are taken for which; .svg or .png. Error(usage) for a task without classes.
void draw_confusion(const Metrics& metrics, const std::vector<std::string>& labels, const std::string& path);

} // namespace ds
