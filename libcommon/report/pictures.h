// Pictures of measurements. The drawing itself is data/picture/chart.
#pragma once

#include <string>

#include "task/task.h"

namespace ds {

/// Which classes are taken for which; .svg or .png. Error(usage) for a task without classes.
void draw_confusion(const Metrics& metrics, const OutputNames& names, const std::string& path);

} // namespace ds
