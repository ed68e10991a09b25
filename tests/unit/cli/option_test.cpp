// Text to values: units, ranges, choices, and what an error says.
#include "cli/option.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/tool.h"

namespace ds::cli {
namespace {

template <class Act>
std::string usage_error(Act act) {
    try {
        act();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::usage);
        return error.what();
    }
    return "no error";
}

TEST(Option, BytesHaveUnits) {
    EXPECT_EQ(parse_bytes("512"), 512);
    EXPECT_EQ(parse_bytes("2GiB"), int64_t{2} << 30);
    EXPECT_EQ(parse_bytes("1.5GB"), 1'500'000'000);
    EXPECT_EQ(parse_bytes("64K"), 64'000);
    for (const char* wrong : {"", "GiB", "-1", "2 GiB", "2gib", "1e3", "nan", "9999999T", "2GiBx"})
        EXPECT_NE(usage_error([&] { parse_bytes(wrong); }), "no error") << wrong;
}

TEST(Option, DurationsHaveUnits) {
    EXPECT_EQ(parse_seconds("90"), 90);
    EXPECT_EQ(parse_seconds("1h30m"), 5400);
    EXPECT_EQ(parse_seconds("0.5s"), 0.5);
    EXPECT_EQ(parse_seconds("2d"), 172800);
    for (const char* wrong : {"", "m", "-1s", "1h30", "1x", "1 h", "inf"})
        EXPECT_NE(usage_error([&] { parse_seconds(wrong); }), "no error") << wrong;
}

TEST(Option, NumbersKeepTheirRange) {
    Command command("ds-x", "");
    int64_t n = 1;
    double x = 0;
    int small = 0;
    Option& count = command.option("--n", n, "N", "").range(1, 8);
    Option& real = command.option("--x", x, "X", "");
    Option& narrow = command.option("--small", small, "N", "");
    count.assign({"8"});
    EXPECT_EQ(n, 8);
    EXPECT_EQ(usage_error([&] { count.assign({"9"}); }), "9 is out of range; 1 to 8 expected");
    EXPECT_EQ(usage_error([&] { count.assign({"1.5"}); }), "an integer expected, \"1.5\" found");
    EXPECT_EQ(usage_error([&] { count.assign({"99999999999999999999"}); }),
              "an integer expected, \"99999999999999999999\" found");
    EXPECT_EQ(usage_error([&] { real.assign({"nan"}); }), "a finite number expected, \"nan\" found");
    EXPECT_EQ(usage_error([&] { real.assign({"1,5"}); }), "a finite number expected, \"1,5\" found");
    EXPECT_EQ(usage_error([&] { narrow.assign({"4294967296"}); }), "4294967296 is out of range");
    EXPECT_EQ(n, 8) << "a refused value is not stored";
}

TEST(Option, ChoicesAreListedWhenUnknown) {
    enum class Colour { red, green };
    Command command("ds-x", "");
    Colour colour = Colour::green;
    Option& option =
        command.choice<Colour>("--colour", colour, "C", "", {{"red", Colour::red}, {"green", Colour::green}});
    EXPECT_EQ(option.initial, "green");
    option.assign({"red"});
    EXPECT_EQ(colour, Colour::red);
    EXPECT_EQ(usage_error([&] { option.assign({"rad"}); }),
              "unknown value \"rad\"; did you mean red? known: red, green");
}

TEST(Option, PairsNeedAName) {
    Command command("ds-x", "");
    std::vector<std::string> pairs;
    Option& option = command.option("--set", pairs, "NAME=VALUE", "").pairs();
    option.assign({"a=1", "b="});
    EXPECT_EQ(pairs, (std::vector<std::string>{"a=1", "b="}));
    EXPECT_EQ(usage_error([&] { option.assign({"=1"}); }), "NAME=VALUE expected, \"=1\" found");
    EXPECT_EQ(usage_error([&] { option.assign({"a"}); }), "NAME=VALUE expected, \"a\" found");
}

TEST(Option, NamesOfTheEnvironment) {
    Command command("ds-x", "");
    bool flag = false;
    EXPECT_EQ(command.flag("--save-every", flag, "").environment(), "DS_SAVE_EVERY");
    EXPECT_EQ(command.flag("--list", flag, "").command_line_only().environment(), "");
}

} // namespace
} // namespace ds::cli
