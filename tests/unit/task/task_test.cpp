// The rows of tasks: each is whole, and the page of ds-eval says of each metric what its row says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "task/task.h"
#include "unit/files.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

TEST(Tasks, EachRowIsWhole) {
    for (const Task* task : tasks()) {
        EXPECT_EQ(&find_task(task->name, ""), task);
        EXPECT_EQ(task->metric(task->deciding).name, task->deciding);
        EXPECT_EQ(task->metric(task->deciding_of_0_1).name, task->deciding_of_0_1);
        EXPECT_TRUE(task->metric(task->deciding).of_samples) << "--compare draws it anew";
        EXPECT_FALSE(task->outputs.empty());
        for (const auto& [name, value] : make_metrics(*task)->values()) EXPECT_TRUE(std::isnan(value)) << name;
    }
}

TEST(Tasks, AnUnknownTaskNamesTheModelAndTheKnown) {
    const std::string message = test::error_of(Exit::data, [] { find_task("regresion", "m.h5"); });
    EXPECT_NE(message.find("m.h5: its task 'regresion'"), std::string::npos) << message;
    EXPECT_NE(message.find("did you mean regression?"), std::string::npos) << message;
}

TEST(Tasks, ThePageSaysOfEachMetricWhatItsRowSays) {
    std::string page = testing::read_file(testing::data_path("../../man/ds-eval.1.scd"));
    page.erase(std::remove(page.begin(), page.end(), '\\'), page.end());
    std::ranges::replace(page, '\n', ' ');
    for (const Task* task : tasks())
        for (const MetricRow& row : task->metrics) {
            const std::string line =
                fmt::format("- *{}*{}: {}", row.name, row.better == Better::less ? " (less)" : "", row.doc);
            EXPECT_NE(page.find(line), std::string::npos) << line;
        }
}

} // namespace
} // namespace ds
