// The memory planner, a pure function: where in one arena each buffer lies so that buffers that are
// alive at the same time never overlap.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ds {

/// Alive from step `first` to step `last`, both inclusive.
struct BufferRequest {
    int64_t bytes = 0;
    int32_t first = 0, last = 0;
};

struct MemoryPlan {
    std::vector<int64_t> offsets; // of each request, multiples of `alignment`
    int64_t bytes = 0;            // size of the arena
    int64_t lower_bound = 0;      // most bytes alive at one step: no plan can be smaller
};

MemoryPlan plan_memory(std::span<const BufferRequest> requests, int64_t alignment = 64);

} // namespace ds
