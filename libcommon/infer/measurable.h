// Whether a metric says anything on some data, seen before an hour is spent on what it should decide.
#pragma once

#include "infer/feed.h"
#include "task/task.h"

namespace ds {

/// That the metric has a value on these targets, whatever the model gives: the area under the curve has none where
/// every sample is a yes, R2 none where all numbers are equal. Samples of the data are looked at until it has one.
/// True for text, whose targets are always there.
bool is_measurable(const Model& model, const DataSource& source, const MetricRow& metric, const Binding& sizes = {});

} // namespace ds
