// Conditions on rows: how they are read, and what is wrong with them.
#include "data/edit/condition.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ds {
namespace {

std::string read(const std::string& source) { return text(parse_condition(source)); }

std::string error_in(const std::string& source) {
    try {
        parse_condition(source);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::usage);
        return error.what();
    }
    return "";
}

TEST(Condition, AndIsCloserThanOr) {
    EXPECT_EQ(read("a < 1 or b>=2 and not c = 'x'"), "(`a` < 1 or (`b` >= 2 and not `c` == \"x\"))");
    EXPECT_EQ(read("(a != 1 or b == 2) and missing(c)"), "((`a` != 1 or `b` == 2) and missing(`c`))");
    EXPECT_EQ(read("a == 1 and b == 2 and c == 3"), "((`a` == 1 and `b` == 2) and `c` == 3)");
}

TEST(Condition, WordsNumbersAndQuotes) {
    EXPECT_EQ(read("-1.5e+3<=x-1.b"), "-1.5e+3 <= `x-1.b`");
    EXPECT_EQ(read("`2019` > +2"), "`2019` > +2");
    EXPECT_EQ(read("a == 'it \"is\"'"), "`a` == 'it \"is\"'");
    EXPECT_EQ(read("order == nothing and nan > 1"), "(`order` == `nothing` and `nan` > 1)");
    EXPECT_EQ(read("missing > 3 and missing(missing)"), "(`missing` > 3 and missing(`missing`))");
    EXPECT_EQ(read("`and` == `not`"), "`and` == `not`");
}

TEST(Condition, WhatCannotBeReadIsShown) {
    for (const auto& [source, words] :
         std::vector<std::pair<std::string, std::string>>{{"", "a column, a number or a text"},
                                                          {"age", "a comparison"},
                                                          {"age >", "at ''"},
                                                          {"age > 3 city == 'x'", "at 'city == 'x''"},
                                                          {"(age > 3", "a ) is missing"},
                                                          {"age == 'x", "not closed"},
                                                          {"1 < 2", "needs a column"},
                                                          {"and > 3", "backquotes"},
                                                          {"missing(3)", "takes a column"},
                                                          {"age => 3", "at '> 3'"},
                                                          {"age > 3 and", "at ''"},
                                                          {std::string(100, '('), "too deeply"}})
        EXPECT_NE(error_in(source).find(words), std::string::npos) << source << ": " << error_in(source);
    std::string chain = "a > 1";
    for (int i = 0; i < 20'000; ++i) chain += " or a > 1";
    EXPECT_NE(error_in(chain).find("too many"), std::string::npos);
}

} // namespace
} // namespace ds
