// What a model's loss takes as a target and which categories it knows, and whether data holds that: seen before work
// starts, a column at a time in bounded memory.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data/batch/binding.h"

namespace ds {

/// Holds every target of the source against the losses of the graph: classes are whole numbers that the logits have a
/// place for (or the ignored one), binary targets 0 or 1, numbers finite. Error(data) naming column, row and value.
/// `zero_or_one`: the targets whose numbers must be one of these. `learns`: from targets that are all the same nothing
/// is learned; that is refused, too. `relevances`: the targets that are these, from 0 to 31, and where something is
/// learned not all alike in every group. `classes`: the targets that are any classes.
void check_targets(const Graph& graph, const std::set<std::string>& zero_or_one,
                   const std::vector<InputBinding>& bindings, const DataSource& source, bool learns,
                   const std::set<std::string>& relevances = {}, const std::set<std::string>& classes = {});

/// Error(data) naming the first row with a category that the model does not know, or a number that is missing, where
/// the model has no place for that.
void check_inputs(const std::vector<InputBinding>& bindings, const DataSource& source);

/// The softmax over classes that measures this target, or null.
const Node* softmax_of(const Graph& graph, const std::string& target);

/// Mean and deviation of a target, over the rows of the source; `channels` as in StatisticsGatherer.
struct TargetStatistics {
    std::vector<double> mean, deviation;
};
TargetStatistics target_statistics(const InputBinding& binding, const DataSource& source, int64_t channels);

} // namespace ds
