// How much memory this process may count on.
#pragma once

#include <cstdint>
#include <string>

namespace ds {

/// Bytes: what the machine has, or less where the group of processes that this one is in is limited.
int64_t machine_memory();

/// The limit in a file such as /sys/fs/cgroup/memory.max; INT64_MAX for "max", and where there is none.
int64_t memory_limit_in(const std::string& path);

} // namespace ds
