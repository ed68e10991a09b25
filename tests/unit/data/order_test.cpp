#include "data/batch/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ds {
namespace {

std::vector<int64_t> order(int64_t n, uint64_t seed, int64_t epoch) {
    const Permutation permutation(n, seed, epoch);
    std::vector<int64_t> all;
    for (int64_t i = 0; i < n; ++i) all.push_back(permutation(i));
    return all;
}

TEST(Order, IsAPermutationOfEverySize) {
    for (int64_t n : {1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 1000, 4097}) {
        std::vector<int64_t> all = order(n, 7, 3);
        std::sort(all.begin(), all.end());
        for (int64_t i = 0; i < n; ++i) ASSERT_EQ(all[size_t(i)], i) << n;
    }
}

TEST(Order, DiffersBySeedAndEpochAndRepeats) {
    EXPECT_EQ(order(1000, 7, 3), order(1000, 7, 3));
    for (const auto& other : {order(1000, 8, 3), order(1000, 7, 4), order(1000, uint64_t{7} << 32, 3)}) {
        int same = 0;
        for (size_t i = 0; i < 1000; ++i) same += other[i] == order(1000, 7, 3)[i];
        EXPECT_LT(same, 12); // one is expected
    }
}

// Where the first sample goes is uniform: chi squared of ten bins stays below its 99.9 % point, 27.9.
TEST(Order, SpreadsSamples) {
    int bins[10] = {};
    for (int64_t epoch = 0; epoch < 2000; ++epoch) ++bins[Permutation(1000, 1, epoch)(0) / 100];
    double chi = 0;
    for (int b : bins) chi += (b - 200.0) * (b - 200.0) / 200;
    EXPECT_LT(chi, 27.9);
}

TEST(Order, ReachesAnyPlaceOfALargeRange) {
    const int64_t n = int64_t{1} << 40;
    const Permutation permutation(n, 5, 0);
    for (int64_t i : {int64_t{0}, n / 3, n - 1}) {
        EXPECT_GE(permutation(i), 0);
        EXPECT_LT(permutation(i), n);
    }
}

} // namespace
} // namespace ds
