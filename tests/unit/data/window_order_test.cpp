// The windowed shuffle: each sample once, chunks together, any place at once.
#include "data/batch/window_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace ds {
namespace {

std::vector<int64_t> all_of(const WindowOrder& order, int64_t n) {
    std::vector<int64_t> all;
    for (int64_t i = 0; i < n; ++i) all.push_back(order(i));
    return all;
}

TEST(WindowOrder, EverySampleComesOnce) {
    for (const int64_t n : {1, 2, 7, 10, 64, 101, 1000})
        for (const WindowSizes sizes : {WindowSizes{1, 2}, {3, 2}, {4, 5}, {10, 3}, {2000, 2}})
            for (const uint64_t seed : {1, 2, 3}) {
                std::vector<int64_t> all = all_of(WindowOrder(n, sizes, seed, 4), n);
                std::ranges::sort(all);
                std::vector<int64_t> wanted(static_cast<size_t>(n));
                std::iota(wanted.begin(), wanted.end(), int64_t{0});
                ASSERT_EQ(all, wanted) << n << " samples, chunks of " << sizes.chunk << ", seed " << seed;
            }
}

// What a window reads are its chunks, whole, and no others: also where the short last chunk comes in the middle.
TEST(WindowOrder, AWindowIsMadeOfWholeChunks) {
    const int64_t n = 103;
    for (const uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
        const WindowOrder order(n, {10, 3}, seed, 0);
        ASSERT_EQ(order.windows(), 4);
        for (int64_t w = 0; w < 4; ++w) {
            std::set<int64_t> chunks, samples;
            for (int64_t j = order.first_chunk(w); j < order.first_chunk(w + 1); ++j)
                for (int64_t s = order.chunk(j).begin; s < order.chunk(j).end; ++s) chunks.insert(s);
            for (int64_t i = order.start_of_window(w); i < order.start_of_window(w + 1); ++i) {
                samples.insert(order(i));
                ASSERT_EQ(order.window_of(i), w);
            }
            EXPECT_EQ(samples, chunks) << w;
        }
        EXPECT_EQ(order.start_of_window(4), n);
    }
}

TEST(WindowOrder, SamplesOfAWindowAreMixedAndEpochsDiffer) {
    const WindowOrder first(1000, {10, 10}, 7, 0), second(1000, {10, 10}, 7, 1), again(1000, {10, 10}, 7, 0),
        other(1000, {10, 10}, 8, 0);
    const auto a = all_of(first, 1000);
    EXPECT_EQ(a, all_of(again, 1000));
    EXPECT_NE(a, all_of(second, 1000));
    EXPECT_NE(a, all_of(other, 1000));
    int neighbours = 0;
    std::set<int64_t> chunks;
    for (size_t i = 1; i < 100; ++i) neighbours += a[i] == a[i - 1] + 1;
    for (size_t i = 0; i < 30; ++i) chunks.insert(a[i] / 10);
    EXPECT_LT(neighbours, 12);    // a window in the order of the file has 90
    EXPECT_GT(chunks.size(), 7u); // of its ten, in the first 30 samples
}

} // namespace
} // namespace ds
