// A profile as a table for people: where the time of a run goes, by kernel and by step.
#pragma once

#include <string>

#include "run/executor.h"

namespace ds {

/// Milliseconds a run, share, rate of arithmetic and of memory; kernels first, then the `rows` slowest steps.
/// Empty when no run was timed.
std::string profile_table(const Plan& plan, const Profile& profile, size_t rows = 20);

} // namespace ds
