// Axes of charts: where values stand, and ticks that are few, in order, and within the ends.
#include "data/picture/axis.h"

#include <gtest/gtest.h>

namespace ds::test {
namespace {

Axis spanning(double low, double high, bool logarithmic) {
    Axis axis(logarithmic);
    axis.include(low);
    axis.include(high);
    return axis;
}

std::string words(const Axis& axis) {
    std::string out;
    for (const Tick& tick : axis.ticks()) out += (out.empty() ? "" : " ") + tick.text;
    return out;
}

} // namespace

TEST(Axis, PlacesAreLinearOrOfTheLogarithm) {
    EXPECT_DOUBLE_EQ(spanning(10, 30, false).place(15), 0.25);
    EXPECT_DOUBLE_EQ(spanning(1, 10000, true).place(10), 0.25);
}

TEST(Axis, TicksAreRound) {
    EXPECT_EQ(words(spanning(0, 100, false)), "0 20 40 60 80 100");
    EXPECT_EQ(words(spanning(-0.3, 0.3, false)), "-0.2 0.0 0.2");
    EXPECT_EQ(words(spanning(1, 10000, true)), "1 10 100 1000 10000");
    EXPECT_EQ(words(spanning(1, 100, true)), "1 2 5 10 20 50 100");
    EXPECT_GE(spanning(2.1, 4.5, true).ticks().size(), 2u);
}

TEST(Axis, WhatHasNoPlaceChangesNothing) {
    Axis axis = spanning(1, 100, true);
    for (double value : {0.0, -1.0, double(NAN), double(INFINITY)}) {
        EXPECT_FALSE(axis.has_place(value));
        axis.include(value);
    }
    EXPECT_DOUBLE_EQ(axis.place(10), 0.5);
}

TEST(Axis, NothingOneValueAndNeighboursHaveFewTicksInOrder) {
    for (const Axis& axis : {Axis(false), Axis(true), spanning(5, 5, false), spanning(5, 5, true),
                             spanning(1e20, std::nextafter(1e20, 2e20), false), spanning(1e-300, 1e300, true),
                             spanning(-1e308, 1e308, false), spanning(1e-320, 2e-320, false)}) {
        const std::vector<Tick> ticks = axis.ticks();
        EXPECT_LE(ticks.size(), 21u);
        for (size_t i = 1; i < ticks.size(); ++i) EXPECT_LE(ticks[i - 1].value, ticks[i].value);
    }
}

} // namespace ds::test
