// How a graph is compiled and watched while it runs: the same for training, evaluation and inference.
#pragma once

#include <functional>
#include <string>

#include "pass/pass.h"
#include "plan/plan.h"

namespace ds {

struct RunControls {
    PassOptions passes;
    PlanOptions plan;
    Binding sizes; // of symbols that neither the batch nor the data decide
    bool check_numerics = false;
    std::function<void(const std::string& table)> profile; // when set, steps are timed, and it is told where time went

    /// Node by node: no optimisation passes, memory of its own for every value.
    void run_eagerly();
};

} // namespace ds
