// JSON documents: what is written reads back the same, and what is wrong is named with its line.
#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"

namespace ds {
namespace {

std::string error_of(const std::string& text) {
    try {
        Json::parse(text, "x.json");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data);
        return error.what();
    }
    return "no error";
}

TEST(Json, KeepsOrderAndKinds) {
    const std::string text = R"({"z":1,"a":[true,null,-2,0.5,"x\n"],"m":{"b":1e300}})";
    const Json value = Json::parse(text, "x.json");
    EXPECT_TRUE(value.at("z").is_int());
    EXPECT_FALSE(value.at("a").at(3).is_int());
    EXPECT_EQ(value.dump(), R"({"z":1,"a":[true,null,-2,0.5,"x\n"],"m":{"b":1e+300}})");
}

TEST(Json, NumbersReadBackAsTheSameBits) {
    for (const double number : {0.1, 1.0, 1.0 / 3.0, 5e-324, 1.7976931348623157e308, -0.0}) {
        const Json back = Json::parse(Json(number).dump(), "x");
        EXPECT_FALSE(back.is_int()) << number;
        EXPECT_EQ(back.as_number(), number);
    }
    const int64_t least = std::numeric_limits<int64_t>::min();
    EXPECT_EQ(Json::parse(Json(least).dump(), "x").as_int(), least);
    EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).dump(), "null");
}

TEST(Json, BuildsAndIndents) {
    Json value;
    value.set("loss", 0.25).set("names", std::vector<std::string>{"a", "b"}).set("loss", 0.5);
    value["inner"]["n"] = 3;
    EXPECT_EQ(value.dump(2),
              "{\n  \"loss\": 0.5,\n  \"names\": [\n    \"a\",\n    \"b\"\n  ],\n  \"inner\": {\n    \"n\": 3\n  }\n}");
    EXPECT_EQ(Json::array().dump(2), "[]");
}

TEST(Json, ErrorsNameSourceAndLine) {
    EXPECT_EQ(error_of("{\"a\": 1,\n \"a\": 2}"), "x.json:2: the key \"a\" stands twice");
    EXPECT_EQ(error_of("[\n99999999999999999999]"),
              "x.json:2: the integer 99999999999999999999 does not fit in 64 bits");
    EXPECT_EQ(error_of("[9223372036854775808]"), "x.json:1: the integer 9223372036854775808 does not fit in 64 bits");
    EXPECT_EQ(error_of(std::string(101, '[')), "x.json:1: nested deeper than 100 levels");
    EXPECT_EQ(error_of("{}\n\n}").substr(0, 19), "x.json:3: not JSON:");
    EXPECT_EQ(error_of("").substr(0, 19), "x.json:1: not JSON:");
    EXPECT_EQ(error_of("\"\xff\"").substr(0, 19), "x.json:1: not JSON:");
}

TEST(Json, AccessErrorsNameTheKey) {
    const Json value = Json::parse(R"({"n": "x"})", "x");
    EXPECT_EQ(value.get<int64_t>("absent", 7), 7);
    EXPECT_THROW(value.at("absent"), Error);
    try {
        value.get<int64_t>("n", 7);
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "the key \"n\": an integer expected in JSON, a string found");
    }
}

TEST(Json, BytesThatAreNotUtf8AreReplaced) { EXPECT_EQ(Json("a\xff").dump(), "\"a\xef\xbf\xbd\""); }

} // namespace
} // namespace ds
