// Parameters by pattern: which of them a run trains, from when on, and how fast.
//
// A pattern is the name of a parameter or of what it belongs to ("stem", "stage1.block0", "classifier.bias"), with the
// wildcards of a shell (* ? [...]), where * stands for dots, too.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace ds {

struct FreezeRule {
    std::string pattern;
    int64_t epochs = 0; // at the beginning of the run; 0: all of it
};

struct RateRule {
    std::string pattern;
    double factor = 1; // of the run's learning rate
};

/// The trained parameters that the pattern names. Error(usage) naming the option and what there is when it names none.
std::set<std::string> named_parameters(const Graph& graph, const std::string& pattern, std::string_view option);

/// For each parameter that is frozen at first: how many epochs it stays so; never_trained for the whole run. Of several
/// rules for one parameter the last one counts. Error(usage) when nothing is left to be trained at the end.
std::map<std::string, int64_t> frozen_epochs(const Graph& graph, const std::vector<FreezeRule>& rules);
constexpr int64_t never_trained = INT64_MAX;

/// Factors of learning rates; of several rules for one parameter the last one counts.
std::map<std::string, double> rate_factors(const Graph& graph, const std::vector<RateRule>& rules);

} // namespace ds
