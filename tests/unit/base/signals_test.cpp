// Signals, each in a process of its own: flags while work is graceful, an end otherwise.
#include "base/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/temporaries.h"

namespace ds::signals {
namespace {

class SignalsDeathTest : public testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(SignalsDeathTest, TheFirstStopIsAFlagWhileWorkIsGraceful) {
    const auto body = [] {
        install();
        const Graceful graceful;
        if (stop_requested()) _exit(1);
        std::raise(SIGTERM);
        _exit(stop_requested() && stop_signal() == SIGTERM ? 42 : 2);
    };
    EXPECT_EXIT(body(), testing::ExitedWithCode(42), "");
}

TEST_F(SignalsDeathTest, TheSecondStopEndsAtOnceAndRemovesTemporaries) {
    const auto path = std::filesystem::temp_directory_path() / ("ds-signals-" + std::to_string(getppid()));
    const auto body = [&] {
        std::ofstream(path) << "half";
        register_temporary(path);
        install();
        const Graceful graceful;
        std::raise(SIGINT);
        std::raise(SIGINT);
        _exit(1);
    };
    EXPECT_EXIT(body(), testing::KilledBySignal(SIGINT), "");
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SignalsDeathTest, OtherwiseTheFirstStopEnds) {
    const auto body = [](bool after_graceful) {
        install();
        if (after_graceful) const Graceful done;
        std::raise(SIGTERM);
        _exit(1);
    };
    EXPECT_EXIT(body(false), testing::KilledBySignal(SIGTERM), "");
    EXPECT_EXIT(body(true), testing::KilledBySignal(SIGTERM), "");
}

TEST_F(SignalsDeathTest, AnIgnoredInterruptStaysIgnored) {
    const auto body = [] {
        std::signal(SIGINT, SIG_IGN);
        install();
        std::raise(SIGINT);
        _exit(42);
    };
    EXPECT_EXIT(body(), testing::ExitedWithCode(42), "");
}

TEST_F(SignalsDeathTest, UserSignalAsksForOneSave) {
    const auto body = [] {
        install();
        if (take_save_request()) _exit(1);
        std::raise(SIGUSR1);
        std::raise(SIGUSR1);
        if (!take_save_request() || take_save_request()) _exit(2);
        _exit(42);
    };
    EXPECT_EXIT(body(), testing::ExitedWithCode(42), "");
}

TEST_F(SignalsDeathTest, AClosedPipeIsAWriteError) {
    const auto body = [] {
        install();
        int ends[2];
        if (pipe(ends) != 0) _exit(1);
        close(ends[0]);
        _exit(write(ends[1], "x", 1) < 0 && errno == EPIPE ? 42 : 2);
    };
    EXPECT_EXIT(body(), testing::ExitedWithCode(42), "");
}

} // namespace
} // namespace ds::signals
