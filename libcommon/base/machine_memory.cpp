#include "base/machine_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

namespace ds {

int64_t memory_limit_in(const std::string& path) {
    std::ifstream file(path);
    int64_t bytes = 0;
    return file >> bytes && bytes > 0 ? bytes : std::numeric_limits<int64_t>::max();
}

int64_t machine_memory() {
    const int64_t pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
    const int64_t whole = pages > 0 && page > 0 ? pages * page : std::numeric_limits<int64_t>::max();
    return std::min(whole, memory_limit_in("/sys/fs/cgroup/memory.max"));
}

} // namespace ds
