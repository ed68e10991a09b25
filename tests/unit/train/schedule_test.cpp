// Every schedule against its formula, written out here for each step.
#include <gtest/gtest.h>

#include <cmath>

#include "train/schedule.h"

namespace ds {
namespace {

constexpr int64_t total = 40;
const double pi = std::acos(-1.0);

Schedule of(ScheduleKind kind, int64_t warmup) {
    Schedule s;
    s.kind = kind;
    s.lr = 0.3;
    s.warmup = warmup;
    return s;
}

/// Expects `formula(t)` behind the warm-up, and a straight rise from 0 to the peak before.
template <class Formula>
void expect_schedule(const Schedule& s, Formula&& formula) {
    for (int64_t t = 1; t <= total; ++t) {
        const double expected = t <= s.warmup ? s.lr * double(t) / double(s.warmup) : formula(double(t));
        EXPECT_NEAR(s.at(t, total), expected, 1e-15) << t;
    }
}

TEST(Schedule, Constant) {
    for (int64_t warmup : {0, 7}) expect_schedule(of(ScheduleKind::constant, warmup), [](double) { return 0.3; });
    EXPECT_FALSE(of(ScheduleKind::constant, 7).depends_on_total());
}

TEST(Schedule, Step) {
    Schedule s = of(ScheduleKind::step, 3);
    s.gamma = 0.5;
    s.every = 6;
    EXPECT_FALSE(s.depends_on_total());
    expect_schedule(s, [](double t) { return 0.3 * std::pow(0.5, std::floor((t - 1) / 6)); });
    s.every = 0; // a third of the run: 14 steps
    EXPECT_TRUE(s.depends_on_total());
    expect_schedule(s, [](double t) { return t <= 14 ? 0.3 : t <= 28 ? 0.15 : 0.075; });
}

TEST(Schedule, Cosine) {
    Schedule s = of(ScheduleKind::cosine, 8);
    s.floor = 0.1;
    EXPECT_TRUE(s.depends_on_total());
    expect_schedule(s, [](double t) { return 0.03 + 0.27 / 2 * (1 + std::cos(pi * (t - 9) / 32)); });
    EXPECT_DOUBLE_EQ(s.at(9, total), 0.3);
}

TEST(Schedule, Linear) {
    Schedule s = of(ScheduleKind::linear, 0);
    expect_schedule(s, [](double t) { return 0.3 * (1 - (t - 1) / 40); });
    s.warmup = 10;
    s.floor = 0.5;
    expect_schedule(s, [](double t) { return 0.3 - 0.15 * (t - 11) / 30; });
}

TEST(Schedule, OneCycle) {
    const auto half_cosine = [](double from, double to, double x) {
        return to + (from - to) / 2 * (1 + std::cos(pi * x));
    };
    for (int64_t warmup : {int64_t{0}, int64_t{10}}) {
        const Schedule s = of(ScheduleKind::one_cycle, warmup);
        const double rise = warmup == 0 ? 12 : 10; // three tenths of the run, where nothing is said
        for (int64_t t = 1; t <= total; ++t) {
            const double done = double(t - 1);
            const double expected = done < rise ? half_cosine(0.3 / 25, 0.3, done / rise)
                                                : half_cosine(0.3, 0.3 * 4e-6, (done - rise) / (40 - rise));
            EXPECT_NEAR(s.at(t, total), expected, 1e-15) << t;
        }
    }
}

TEST(Schedule, WarmupStableDecay) {
    Schedule s = of(ScheduleKind::warmup_stable_decay, 5);
    s.decay = 0.25; // the last ten steps
    s.floor = 0.2;
    expect_schedule(s, [](double t) { return t <= 30 ? 0.3 : 0.3 - 0.24 * (t - 31) / 10; });
}

TEST(Schedule, StepsBeyondTheEndKeepTheLastRate) {
    for (ScheduleKind kind :
         {ScheduleKind::cosine, ScheduleKind::linear, ScheduleKind::one_cycle, ScheduleKind::warmup_stable_decay})
        EXPECT_DOUBLE_EQ(of(kind, 0).at(total + 1, total), of(kind, 0).at(total + 100, total));
}

} // namespace
} // namespace ds
