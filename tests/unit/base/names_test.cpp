// Which known name a mistyped one was meant to be.
#include "base/names.h"

#include <gtest/gtest.h>

#include <array>

namespace ds {
namespace {

constexpr std::array<std::string_view, 5> known = {"epochs", "batch", "learning-rate", "lr", "seed"};

TEST(Names, FindsTheNearest) {
    EXPECT_EQ(nearest_name("epocs", known), "epochs");
    EXPECT_EQ(nearest_name("bathc", known), "batch") << "neighbours swapped";
    EXPECT_EQ(nearest_name("learning", known), "learning-rate") << "the beginning of a name";
    EXPECT_EQ(nearest_name("rl", known), "lr");
}

TEST(Names, SaysNothingWhenNothingIsNear) {
    EXPECT_EQ(nearest_name("zzzzzz", known), "");
    EXPECT_EQ(nearest_name("", known), "");
    EXPECT_EQ(nearest_name(std::string(1000, 'b'), known), "");
    EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(Names, HintsListWhatIsKnown) {
    const std::array<std::string_view, 2> two = {"red", "green"};
    EXPECT_EQ(name_hint("rad", two), "; did you mean red? known: red, green");
    EXPECT_EQ(name_hint("blue-ish", two), "; known: red, green");
    EXPECT_EQ(name_hint("red", {}), "; there is none");
}

} // namespace
} // namespace ds
