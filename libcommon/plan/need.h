// The memory that several plans need together, when they run in turns in one arena on one State: training,
// the update of accumulated steps, validation; and the batches of data that are made ahead for them.
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

    void add_batches(int64_t bytes) { batches += bytes; }

    int64_t arena = 0, state = 0, constants = 0; // bytes; packed copies of weights count as constants
    int64_t batches = 0;
    int64_t total() const { return arena + state + constants + batches; }

private:
    std::set<std::string> slots_, packed_; // counted already
};

} // namespace ds
