// Threads: OpenMP, because oneDNN's pool is OpenMP and two pools side by side oversubscribe.
// The count is fixed once per process (--threads, DS_THREADS, affinity mask, cgroup quota, in that order).
#pragma once

#include <cstdint>
#include <omp.h>
#include <string>

namespace ds {

/// What the affinity mask and the cgroup cpu quota allow, at least 1.
int available_threads();
/// Fixes the number of threads; 0 means DS_THREADS or else available_threads().
void set_threads(int n);
int threads();
/// OpenMP keeps its thread count per calling thread: a std::thread that calls kernels says this first.
void use_threads_here();
/// CPUs that a cgroup's cpu quota allows (v1 and v2, parents too), rounded up; 0 when unlimited.
/// `membership` has the form of /proc/self/cgroup, `root` is where cgroups are mounted.
int cgroup_threads(const std::string& membership, const std::string& root);

/// Calls body(begin, end) on contiguous ranges that cover [0, n). Ranges have at least `grain`
/// items, so short work stays on one thread. The split depends on n, grain and threads() only.
template <class Body>
void parallel_for(int64_t n, int64_t grain, const Body& body) {
    if (n <= 0) return;
    int64_t parts = grain > 0 ? (n + grain - 1) / grain : n;
    if (parts > threads()) parts = threads();
    if (parts <= 1 || omp_in_parallel()) {
        body(int64_t{0}, n);
        return;
    }
#pragma omp parallel for schedule(static, 1) num_threads(int(parts))
    for (int64_t p = 0; p < parts; ++p) body(n * p / parts, n * (p + 1) / parts);
}

} // namespace ds
