// The batches of an epoch: their sizes add up to the samples that are used, whatever the rest.
#include "data/batch/batching.h"

#include <gtest/gtest.h>

#include <vector>

namespace ds {
namespace {

std::vector<int64_t> sizes(const Batching& batching) {
    std::vector<int64_t> all;
    for (int64_t at = 0; at < batching.used(); at += all.back()) all.push_back(batching.size_at(at));
    return all;
}

using Sizes = std::vector<int64_t>;

TEST(Batching, TheRestIsKeptDroppedOrMerged) {
    EXPECT_EQ(sizes({9, 4, LastBatch::keep}), (Sizes{4, 4, 1}));
    EXPECT_EQ(sizes({9, 4, LastBatch::drop}), (Sizes{4, 4}));
    EXPECT_EQ(sizes({9, 4, LastBatch::merge}), (Sizes{4, 5}));
}

TEST(Batching, WithoutARestAllAreEqual) {
    for (LastBatch last : {LastBatch::keep, LastBatch::drop, LastBatch::merge})
        EXPECT_EQ(sizes({8, 4, last}), (Sizes{4, 4}));
}

TEST(Batching, FewerSamplesThanABatch) {
    EXPECT_EQ(sizes({3, 4, LastBatch::keep}), (Sizes{3}));
    EXPECT_EQ(sizes({3, 4, LastBatch::merge}), (Sizes{3}));
    EXPECT_EQ(sizes({3, 4, LastBatch::drop}), (Sizes{}));
}

TEST(Batching, CountsAreThoseOfTheWalk) {
    for (int64_t samples = 1; samples < 40; ++samples)
        for (int64_t batch = 1; batch < 12; ++batch)
            for (LastBatch last : {LastBatch::keep, LastBatch::drop, LastBatch::merge}) {
                const Batching batching{samples, batch, last};
                const Sizes all = sizes(batching);
                ASSERT_EQ(int64_t(all.size()), batching.batches());
                if (all.empty()) continue;
                ASSERT_EQ(*std::max_element(all.begin(), all.end()), batching.largest());
                ASSERT_EQ(*std::min_element(all.begin(), all.end()), batching.smallest());
                Sizes once(all.begin(), all.end());
                std::sort(once.rbegin(), once.rend());
                once.erase(std::unique(once.begin(), once.end()), once.end());
                ASSERT_EQ(once, batching.sizes());
            }
}

} // namespace
} // namespace ds
