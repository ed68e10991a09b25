#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ds {
namespace {

constexpr int most_threads = 4096;
std::atomic<int> fixed_threads{0};

std::string first_line(const std::string& path) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

/// CPUs of "QUOTA PERIOD" in microseconds, rounded up; 0 when there is no limit.
int quota_threads(const std::string& quota_and_period) {
    std::istringstream in(quota_and_period);
    double quota = 0, period = 0;
    if (!(in >> quota >> period) || quota <= 0 || period <= 0) return 0; // "max 100000" and "-1 100000" too
    return std::max(1, int(std::ceil(quota / period)));
}

int smaller_limit(int a, int b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

/// The tightest quota from the group's folder up to the mount point; a group's own folder may be
/// missing where a container shows only a part of the tree.
template <class ReadQuota>
int tightest(const std::string& mount, std::string group, const ReadQuota& read) {
    int limit = 0;
    for (;;) {
        if (group == "/") group.clear();
        limit = smaller_limit(limit, quota_threads(read(mount + group)));
        if (group.empty()) return limit;
        group.erase(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
    }
}

int affinity_threads() {
    for (int cpus = 1024; cpus <= 1 << 20; cpus *= 4) { // a mask that is too small is refused by the kernel
        cpu_set_t* set = CPU_ALLOC(size_t(cpus));
        if (!set) return 0;
        const size_t size = CPU_ALLOC_SIZE(size_t(cpus));
        const int found = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (found > 0) return found;
    }
    return 0;
}

int threads_of_environment() {
    const char* text = std::getenv("DS_THREADS");
    if (!text || !*text) return 0;
    const std::string_view view(text);
    int n = 0;
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), n);
    if (error != std::errc{} || end != view.data() + view.size() || n < 1 || n > most_threads)
        fail(Exit::usage, "DS_THREADS is '{}'; give a whole number from 1 to {}", view, most_threads);
    return n;
}

} // namespace

int cgroup_threads(const std::string& membership, const std::string& root) {
    int limit = 0;
    std::ifstream in(membership);
    for (std::string line; std::getline(in, line);) { // HIERARCHY:CONTROLLERS:GROUP
        const size_t first = line.find(':');
        const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
        if (controllers.empty()) {
            const auto read = [](const std::string& folder) { return first_line(folder + "/cpu.max"); };
            limit = smaller_limit(limit, tightest(root, group, read));
        } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
            const auto read = [](const std::string& folder) {
                return first_line(folder + "/cpu.cfs_quota_us") + " " + first_line(folder + "/cpu.cfs_period_us");
            };
            for (const std::string& mount : {root + "/" + controllers, root + "/cpu"})
                limit = smaller_limit(limit, tightest(mount, group, read));
        }
    }
    return limit;
}

int available_threads() {
    const int limit = smaller_limit(affinity_threads(), cgroup_threads("/proc/self/cgroup", "/sys/fs/cgroup"));
    return std::clamp(limit, 1, most_threads);
}

void set_threads(int n) {
    if (n < 0 || n > most_threads) fail(Exit::usage, "{} threads; give a number from 1 to {}", n, most_threads);
    if (n == 0) n = threads_of_environment();
    if (n == 0) n = available_threads();
    fixed_threads = n;
    use_threads_here();
}

int threads() {
    if (fixed_threads == 0) set_threads(0);
    return fixed_threads;
}

void use_threads_here() { omp_set_num_threads(fixed_threads == 0 ? threads() : int(fixed_threads)); }

} // namespace ds
