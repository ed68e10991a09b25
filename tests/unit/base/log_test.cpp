// Words on stderr: levels, prefixes, and progress that stays away from what is no terminal.
#include "base/log.h"

#include <gtest/gtest.h>

#include "base/progress.h"

namespace ds {
namespace {

class LogTest : public testing::Test {
protected:
    LogTest() { log::set_program("ds-x"); }
    ~LogTest() override {
        log::set_level(log::Level::normal);
        Progress::set_mode(ProgressMode::automatic);
    }
    static std::string all_lines() {
        testing::internal::CaptureStderr();
        log::info("i");
        log::detail("d");
        log::warning("w");
        log::error("e");
        return testing::internal::GetCapturedStderr();
    }
};

TEST_F(LogTest, LevelsChooseTheLines) {
    EXPECT_EQ(all_lines(), "ds-x: i\nds-x: warning: w\nds-x: error: e\n");
    log::set_level(log::Level::quiet);
    EXPECT_EQ(all_lines(), "ds-x: warning: w\nds-x: error: e\n");
    log::set_level(log::Level::verbose);
    EXPECT_EQ(all_lines(), "ds-x: i\nds-x: d\nds-x: warning: w\nds-x: error: e\n");
}

TEST_F(LogTest, ProgressIsSilentWhereStderrIsNoTerminal) {
    testing::internal::CaptureStderr();
    {
        Progress progress("import", 10, "images");
        progress.update(10);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(LogTest, ProgressAlwaysWritesWholeLines) {
    Progress::set_mode(ProgressMode::always);
    testing::internal::CaptureStderr();
    {
        Progress progress("import", 4, "images");
        progress.update(1, "loss 2.5");
        progress.update(2); // too soon after the first
        progress.update(4); // the last is always shown
    }
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(text.starts_with("import [#####...............] 1/4 images, loss 2.5\n")) << text;
    EXPECT_NE(text.find("import [####################] 4/4 images"), std::string::npos) << text;
    EXPECT_EQ(text.find(" 2/4 "), std::string::npos) << text;
    EXPECT_EQ(text.find('\033'), std::string::npos);
}

} // namespace
} // namespace ds
