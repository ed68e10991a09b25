// The memory planner alone: hand cases with known answers, and random lifetimes held to the rules.
#include "plan/place/memory.h"

#include <gtest/gtest.h>

#include <random>

namespace ds {
namespace {

bool overlap(int64_t a, int64_t a_bytes, int64_t b, int64_t b_bytes) { return a < b + b_bytes && b < a + a_bytes; }

void expect_legal(const std::vector<BufferRequest>& requests, const MemoryPlan& plan, int64_t alignment) {
    ASSERT_EQ(plan.offsets.size(), requests.size());
    EXPECT_GE(plan.bytes, plan.lower_bound);
    for (size_t i = 0; i < requests.size(); ++i) {
        EXPECT_EQ(plan.offsets[i] % alignment, 0);
        EXPECT_GE(plan.offsets[i], 0);
        EXPECT_LE(plan.offsets[i] + requests[i].bytes, plan.bytes);
        for (size_t j = 0; j < i; ++j) {
            if (requests[i].first > requests[j].last || requests[j].first > requests[i].last) continue;
            EXPECT_FALSE(overlap(plan.offsets[i], requests[i].bytes, plan.offsets[j], requests[j].bytes))
                << "buffers " << j << " and " << i;
        }
    }
}

TEST(PlanMemory, NothingNeedsNothing) {
    const MemoryPlan plan = plan_memory({});
    EXPECT_EQ(plan.bytes, 0);
    EXPECT_EQ(plan.lower_bound, 0);
}

TEST(PlanMemory, BuffersThatFollowEachOtherShare) {
    const std::vector<BufferRequest> requests{{256, 0, 1}, {128, 2, 3}, {256, 4, 4}};
    const MemoryPlan plan = plan_memory(requests);
    expect_legal(requests, plan, 64);
    EXPECT_EQ(plan.bytes, 256);
}

TEST(PlanMemory, BothEndsOfALifeCount) {
    const std::vector<BufferRequest> requests{{64, 0, 1}, {64, 1, 2}};
    EXPECT_EQ(plan_memory(requests).bytes, 128);
}

TEST(PlanMemory, SizesAreRoundedUpToTheAlignment) {
    const std::vector<BufferRequest> requests{{1, 0, 0}, {65, 0, 0}, {0, 0, 0}};
    const MemoryPlan plan = plan_memory(requests, 64);
    expect_legal(requests, plan, 64);
    EXPECT_EQ(plan.bytes, 192);
    EXPECT_EQ(plan_memory(requests, 4096).bytes, 8192);
}

TEST(PlanMemory, AChainNeedsTwoNeighbours) {
    std::vector<BufferRequest> requests;
    for (int32_t i = 0; i < 50; ++i) requests.push_back({1024, i, i + 1});
    const MemoryPlan plan = plan_memory(requests);
    expect_legal(requests, plan, 64);
    EXPECT_EQ(plan.bytes, 2048);
}

// Forward activations live until their backward step, as in a training step; sizes shrink with depth.
TEST(PlanMemory, AForwardBackwardStackIsPlacedWithoutWaste) {
    std::vector<BufferRequest> requests;
    const int32_t depth = 40;
    for (int32_t i = 0; i < depth; ++i) {
        const int64_t bytes = 64 * (depth - i);
        requests.push_back({bytes, i, 2 * depth - i});
        requests.push_back({bytes, 2 * depth - i - 1, 2 * depth - i}); // its gradient
    }
    const MemoryPlan plan = plan_memory(requests);
    expect_legal(requests, plan, 64);
    EXPECT_LE(double(plan.bytes), 1.02 * double(plan.lower_bound));
}

TEST(PlanMemory, RandomLifetimesAreLegalAndTight) {
    double worst = 0;
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 rng(seed);
        auto below = [&](int64_t n) { return int64_t(rng() % uint64_t(n)); };
        std::vector<BufferRequest> requests;
        const int64_t n = 1 + below(150), steps = 1 + below(100);
        for (int64_t i = 0; i < n; ++i) {
            const auto first = int32_t(below(steps));
            const int64_t life = below(4) == 0 ? below(steps) : below(4);
            requests.push_back(
                {below(3) == 0 ? below(100000) : below(2000), first, int32_t(std::min(steps, first + life))});
        }
        const int64_t alignment = int64_t{1} << below(8);
        const MemoryPlan plan = plan_memory(requests, alignment);
        expect_legal(requests, plan, alignment);
        if (plan.lower_bound > 0) worst = std::max(worst, double(plan.bytes) / double(plan.lower_bound));
    }
    EXPECT_LE(worst, 1.15);
}

TEST(PlanMemory, IsAFunctionOfItsArguments) {
    std::vector<BufferRequest> requests;
    for (int32_t i = 0; i < 200; ++i) requests.push_back({(i * 7919) % 5000, i % 37, i % 37 + i % 11});
    EXPECT_EQ(plan_memory(requests).offsets, plan_memory(requests).offsets);
}

} // namespace
} // namespace ds
