// A profile as a table for people: where the time of a run goes, by kernel and by step.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "exec/executor.h"

namespace ds {

/// Milliseconds a run, share, rate of arithmetic and of memory; kernels first, then the `rows` slowest steps.
/// Empty when no run was timed.
std::string profile_table(const Plan& plan, const Profile& profile, size_t rows = 20);

/// The executor that ran most, as a table.
std::string profile_of(const std::map<int64_t, std::unique_ptr<Executor>>& executors);

} // namespace ds
