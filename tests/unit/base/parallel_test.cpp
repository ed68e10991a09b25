// Threads: ranges cover everything once, and quotas of cgroups v1 and v2 are understood.
#include "base/parallel.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <vector>

#include "base/error.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

class Threads : public testing::Test {
protected:
    ~Threads() override {
        unsetenv("DS_THREADS");
        set_threads(before);
    }
    int before = threads();
};

TEST_F(Threads, RangesCoverAllOnce) {
    set_threads(4);
    for (const int64_t n : {0, 1, 3, 4, 5, 1000}) {
        std::vector<int> seen(size_t(n), 0);
        parallel_for(n, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) ++seen[size_t(i)];
        });
        EXPECT_EQ(seen, std::vector<int>(size_t(n), 1));
    }
}

TEST_F(Threads, ShortWorkStaysOnOneThread) {
    set_threads(4);
    int calls = 0;
    parallel_for(100, 100, [&](int64_t, int64_t) { ++calls; });
    EXPECT_EQ(calls, 1);
}

TEST_F(Threads, TheFlagBeatsTheEnvironmentAndBothAreChecked) {
    setenv("DS_THREADS", "3", 1);
    set_threads(0);
    EXPECT_EQ(threads(), 3);
    EXPECT_EQ(omp_get_max_threads(), 3);
    set_threads(2);
    EXPECT_EQ(threads(), 2);
    EXPECT_THROW(set_threads(-1), Error);
    for (const char* wrong : {"0", "two", "2x", "-1", "99999999999"}) {
        setenv("DS_THREADS", wrong, 1);
        EXPECT_THROW(set_threads(0), Error) << wrong;
    }
}

TEST(AvailableThreads, FollowsTheAffinityMask) {
    cpu_set_t before, one;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one), cpu = CPU_SETSIZE;
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(available_threads(), 1);
    ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
    EXPECT_LE(available_threads(), CPU_COUNT(&before));
}

class Cgroups : public testing::Test {
protected:
    Cgroups() {
        std::string name = (fs::temp_directory_path() / "ds-cgroup-XXXXXX").string();
        root = mkdtemp(name.data());
    }
    ~Cgroups() override { fs::remove_all(root); }
    void put(const fs::path& path, const std::string& text) const {
        fs::create_directories((root / path).parent_path());
        std::ofstream(root / path) << text << "\n";
    }
    int limit() const { return cgroup_threads((root / "membership").string(), root.string()); }

    fs::path root;
};

TEST_F(Cgroups, Version2TakesTheTightestParent) {
    put("membership", "0::/user/job");
    put("user/job/cpu.max", "max 100000");
    EXPECT_EQ(limit(), 0);
    put("user/cpu.max", "250000 100000");
    EXPECT_EQ(limit(), 3);
    put("user/job/cpu.max", "50000 100000");
    EXPECT_EQ(limit(), 1);
}

TEST_F(Cgroups, Version2SeesTheMountsOwnLimitWhereTheGroupIsHidden) {
    put("membership", "0::/somewhere/else");
    put("cpu.max", "200000 100000");
    EXPECT_EQ(limit(), 2);
}

TEST_F(Cgroups, Version1ReadsTheCpuController) {
    put("membership", "5:memory:/m\n4:cpu,cpuacct:/job\n");
    put("cpu,cpuacct/job/cpu.cfs_quota_us", "-1");
    put("cpu,cpuacct/job/cpu.cfs_period_us", "100000");
    EXPECT_EQ(limit(), 0);
    put("cpu,cpuacct/job/cpu.cfs_quota_us", "400000");
    EXPECT_EQ(limit(), 4);
}

TEST_F(Cgroups, NothingThereMeansNoLimit) { EXPECT_EQ(limit(), 0); }

} // namespace
} // namespace ds
