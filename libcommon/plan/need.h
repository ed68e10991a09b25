// The memory that several plans need together, when they run in turns in one arena on one State: training,
// the update of accumulated steps, validation.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "plan/plan.h"

namespace ds {

class MemoryNeed {
public:
    /// `other_weights`: the plan runs on a State of other values (averaged weights), which shares slots but no packed
    /// copies.
    void add(const Plan& plan, bool other_weights = false);

    int64_t arena = 0, state = 0, constants = 0; // bytes; packed copies of weights count as constants
    int64_t total() const { return arena + state + constants; }

private:
    std::set<std::string> slots_, packed_; // counted already
};

} // namespace ds
