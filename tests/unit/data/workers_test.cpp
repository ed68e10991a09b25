// Threads that share rows: each row once, whatever goes wrong is told, and nobody is left behind.
#include "data/batch/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace ds {
namespace {

TEST(Workers, EveryRowIsDoneOnceAndByAWorkerThatExists) {
    for (const int count : {1, 2, 5}) {
        Workers workers(count);
        for (const int64_t n : {0, 1, 3, 5, 100}) {
            std::vector<std::atomic<int>> done(static_cast<size_t>(n));
            workers.run(n, [&](int64_t begin, int64_t end, int worker) {
                EXPECT_TRUE(worker >= 0 && worker < count);
                for (int64_t i = begin; i < end; ++i) ++done[size_t(i)];
            });
            for (const auto& times : done) EXPECT_EQ(times, 1);
        }
    }
}

TEST(Workers, TheFirstErrorIsToldWhenAllAreDone) {
    Workers workers(4);
    for (int round = 0; round < 50; ++round) {
        std::atomic<int> finished = 0;
        const auto work = [&](int64_t begin, int64_t, int) {
            ++finished;
            if (begin >= 20) throw std::runtime_error(std::to_string(begin));
        };
        try {
            workers.run(80, work);
            FAIL();
        } catch (const std::runtime_error& error) {
            EXPECT_EQ(std::string(error.what()), "20");
        }
        EXPECT_EQ(finished, 4);
    }
    int64_t sum = 0;
    workers.run(1, [&](int64_t begin, int64_t end, int) { sum += end - begin; });
    EXPECT_EQ(sum, 1);
}

TEST(Workers, AsManyAsHalfOfTheThreads) {
    EXPECT_EQ(default_workers(1), 1);
    EXPECT_EQ(default_workers(2), 1);
    EXPECT_EQ(default_workers(8), 4);
    EXPECT_EQ(default_workers(64), 8);
}

} // namespace
} // namespace ds
