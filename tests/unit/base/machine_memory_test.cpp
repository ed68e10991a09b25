#include "base/machine_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <limits>

namespace ds {
namespace {

TEST(MachineMemory, IsOfThisMachine) {
    EXPECT_GT(machine_memory(), int64_t{64} << 20);
    EXPECT_LE(machine_memory(), int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE));
}

TEST(MachineMemory, LimitsAreNumbersOrMax) {
    const std::string path = testing::TempDir() + "/limit-" + std::to_string(getpid());
    constexpr int64_t none = std::numeric_limits<int64_t>::max();
    std::ofstream(path) << "1073741824\n";
    EXPECT_EQ(memory_limit_in(path), int64_t{1} << 30);
    std::ofstream(path) << "max\n";
    EXPECT_EQ(memory_limit_in(path), none);
    unlink(path.c_str());
    EXPECT_EQ(memory_limit_in(path), none);
}

} // namespace
} // namespace ds
