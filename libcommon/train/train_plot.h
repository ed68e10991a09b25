// The picture of a training run.
#pragma once

#include <string>

#include "train/train_report.h"

namespace ds {

/// Loss and accuracy over steps, smoothed, with validations as points; .svg or .png by the path's ending.
void draw_training(const TrainReport& report, const std::string& path);

} // namespace ds
