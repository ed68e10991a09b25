// Conversions at and beyond the ends of integer types.
#include "base/number_cast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace ds {
namespace {

TEST(NumberCast, BeyondTheEndsOfAnIntegerIsItsEnd) {
    EXPECT_EQ(number_cast<int32_t>(1e308), INT32_MAX);
    EXPECT_EQ(number_cast<int32_t>(-1e308), INT32_MIN);
    EXPECT_EQ(number_cast<int32_t>(2147483647.0f), INT32_MAX);
    EXPECT_EQ(number_cast<int64_t>(9223372036854775808.0), INT64_MAX);
    EXPECT_EQ(number_cast<int64_t>(-9223372036854775808.0), INT64_MIN);
    EXPECT_EQ(number_cast<uint8_t>(256.0), 255);
    EXPECT_EQ(number_cast<uint8_t>(-1.0), 0);
    EXPECT_EQ(number_cast<int64_t>(std::nan("")), 0);
}

TEST(NumberCast, WithinThemItCutsTowardsZero) {
    EXPECT_EQ(number_cast<int32_t>(-2.75), -2);
    EXPECT_EQ(number_cast<uint8_t>(254.9f), 254);
    EXPECT_EQ(number_cast<double>(0.5f), 0.5);
    EXPECT_EQ(number_cast<bool>(-0.5), true);
}

} // namespace
} // namespace ds
