// Counts the large blocks of memory that code takes, through any of the ways that ours and the vendor's go.
#pragma once

#include <cstdint>
#include <functional>

namespace ds::testing {

/// Blocks of at least `bytes` that were allocated while `body` ran.
int64_t large_blocks_of(int64_t bytes, const std::function<void()>& body);

} // namespace ds::testing
