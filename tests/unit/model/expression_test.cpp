// Expressions of model files: what they give, and what is refused.
#include "model/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace ds {
namespace {

const Variables variables{{"width", int64_t{64}},
                          {"rate", 0.5},
                          {"stem", std::string("cifar")},
                          {"deep", true},
                          {"data.classes", int64_t{10}},
                          {"data.categories.user-id", int64_t{7}},
                          {"i", int64_t{3}}};

TEST(Expression, GivesAValueOfTheRightKind) {
    const std::pair<const char*, ModelValue> table[] = {
        {"${width}", int64_t{64}},
        {"${2 * width + 1}", int64_t{129}},
        {"${2 * (width + 1)}", int64_t{130}},
        {"${width / 128}", 0.5},
        {"${width / 64}", 1.0},
        {"${(width + 63) // 64}", int64_t{1}},
        {"${-7 // 2}", int64_t{-4}},
        {"${-7 % 3}", int64_t{2}},
        {"${7 - 2 - 1}", int64_t{4}},
        {"${--7}", int64_t{7}},
        {"${rate * 2}", 1.0},
        {"${stem == 'cifar'}", true},
        {"${stem != 'cifar' or i >= 3}", true},
        {"${not deep and width > 1}", false},
        {"${not (deep and width < 1)}", true},
        {"${1 < 2}", true},
        {"${'a' + i}", std::string("a3")},
        {"${'}' + i}", std::string("}3")},
        {"${1e-3}", 1e-3},
        {"${1e-3 * 2}", 2e-3},
        {"${5 // 2.0}", 2.0},
        {"${data.categories.user-id + 1}", int64_t{8}},
        {"${i-1}", int64_t{2}},
        // functions: exact integers where the arguments are
        {"${sqrt(16)}", 4.0},
        {"${0.02 / sqrt(2 * 8)}", 0.005},
        {"${pow(2, 10)}", int64_t{1024}},
        {"${2 ** 62}", int64_t{4611686018427387904}},
        {"${2 ** 3 ** 2}", int64_t{512}},
        {"${-2 ** 2}", int64_t{-4}},
        {"${2 ** -1}", 0.5},
        {"${2 * 3 ** 2}", int64_t{18}},
        {"${0 ** 0}", int64_t{1}},
        {"${pow(2.0, 3)}", 8.0},
        {"${min(width, 100, i)}", int64_t{3}},
        {"${max(width, 64.5)}", 64.5},
        {"${max(1)}", int64_t{1}},
        {"${abs(-7)}", int64_t{7}},
        {"${choose(width > 63, 1, 2.5)}", int64_t{1}},
        {"${choose(width > 64, 1, 2.5)}", 2.5},
        {"${choose(deep, stem, 'none')}", std::string("cifar")},
        {"${abs(-0.5)}", 0.5},
        {"${floor(-0.5)}", int64_t{-1}},
        {"${ceil(width / 7)}", int64_t{10}},
        {"${round(2.5)}", int64_t{3}},
        {"${round(-2.5)}", int64_t{-3}},
        {"${floor(9007199254740993)}", int64_t{9007199254740993}},
        {"${exp(0)}", 1.0},
        {"${log(1)}", 0.0},
        {"${log2(1024)}", 10.0},
        {"${max(i, (1 + 1) * 2) ** 2}", int64_t{16}},
        // integers are exact where numbers are not
        {"${9007199254740993 + 0}", int64_t{9007199254740993}},
        {"${9007199254740993 - 9007199254740992}", int64_t{1}},
        {"${9007199254740993 == 9007199254740992}", false},
        {"${9223372036854775807 // 2}", int64_t{4611686018427387903}},
        {"${9223372036854775807 % 10}", int64_t{7}},
        {"${-9223372036854775807 // 2}", int64_t{-4611686018427387904}},
        {"${7 // -2}", int64_t{-4}},
        {"${7 % -2}", int64_t{-1}},
        {"${7 % -1}", int64_t{0}},
        {"${data.classes}", int64_t{10}},
        {"block${i}.conv", std::string("block3.conv")},
        {"${i}${i}", std::string("33")},
        {"plain", std::string("plain")},
        {"12", std::string("12")},
        {"", std::string()},
    };
    for (const auto& [source, wanted] : table) EXPECT_EQ(evaluate(source, variables), wanted) << source;
}

TEST(Expression, RefusesWhatHasNoValue) {
    const std::pair<const char*, const char*> table[] = {
        {"${heigth}",
         "'heigth' is not defined; known: data.categories.user-id, data.classes, deep, i, rate, stem, width"},
        {"${widht}", "'widht' is not defined; did you mean width? known: "},
        {"${sqroot(2)}", "there is no function 'sqroot'; did you mean sqrt? known: sqrt, pow, exp"},
        {"${width(2)}", "there is no function 'width'"},
        {"${sqrt}", "'sqrt' is not defined"},
        {"${sqrt()}", "sqrt(x) was given 0 arguments"},
        {"${pow(2)}", "pow(x, y) was given 1 arguments"},
        {"${sqrt(2}", "cannot read '${sqrt(2}' at ''"},
        {"${sqrt(2,)}", "cannot read '${sqrt(2,)}' at ')'"},
        {"${sqrt(-1)}", "sqrt(x) is no finite number at -1"},
        {"${log(0)}", "log(x) is no finite number at 0"},
        {"${exp(1000)}", "exp(x) is no finite number at 1000"},
        {"${sqrt(stem)}", "'cifar' is not a number"},
        {"${min(1, stem)}", "'cifar' and '1' have no order"},
        {"${pow(0, -1)}", "no finite number"},
        {"${1e308 * 10}", "no finite number"},
        {"${2 ** 63}", "too large for a whole number"},
        {"${10 ** 1000000000}", "too large for a whole number"},
        {"${9223372036854775807 + 1}", "too large for a whole number"},
        {"${(-9223372036854775807 - 1) // -1}", "too large for a whole number"},
        {"${-9223372036854775807 - 2}", "too large for a whole number"},
        {"${floor(1e300)}", "too large for a whole number"},
        {"${9223372036854775808}", "9223372036854775808 is too large a number"},
        {"${3x}", "cannot read '${3x}' at '3x'"},
        {"${2 ***3}", "cannot read '${2 ***3}' at '*3'"},
        {"${width", "'${width' has a '${' without '}'"},
        {"${}", "cannot read '${}' at ''"},
        {"${width +}", "cannot read '${width +}' at ''"},
        {"${width 2}", "cannot read '${width 2}' at '2'"},
        {"${(width}", "cannot read '${(width}' at ''"},
        {"${'open}", "cannot read '${'open}' at "},
        {"${width / 0}", "division by zero"},
        {"${width // 0}", "division by zero"},
        {"${width % 0}", "division by zero"},
        {"${stem * 2}", "'cifar' is not a number"},
        {"${width and deep}", "'64' is not true or false"},
        {"${stem < 'x'}", "'cifar' and 'x' have no order"},
    };
    for (const auto& [source, words] : table) {
        try {
            evaluate(source, variables);
            ADD_FAILURE() << source;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Exit::config);
            EXPECT_THAT(error.what(), ::testing::HasSubstr(words)) << source;
        }
    }
}

TEST(Expression, IsNeitherNestedNorGrownWithoutEnd) {
    EXPECT_THROW(evaluate("${" + std::string(1000, '(') + "1" + std::string(1000, ')') + "}", variables), Error);
    std::string powers = "2";
    for (int i = 0; i < 1000; ++i) powers += " ** 1";
    EXPECT_THROW(evaluate("${" + powers + "}", variables), Error);
    Variables growing{{"a", std::string(3000, 'x')}};
    EXPECT_THROW(evaluate("${a + a}", growing), Error);
    EXPECT_THROW(evaluate("${a}${a}", growing), Error);
}

TEST(Expression, WordsAreReadAsAPersonMeansThem) {
    EXPECT_EQ(parse_value("3"), ModelValue(int64_t{3}));
    EXPECT_EQ(parse_value("5e-4"), ModelValue(5e-4));
    EXPECT_EQ(parse_value("true"), ModelValue(true));
    EXPECT_EQ(parse_value("True"), ModelValue(std::string("True")));
    EXPECT_EQ(parse_value("nan"), ModelValue(std::string("nan")));
    EXPECT_EQ(parse_value("3x"), ModelValue(std::string("3x")));
}

} // namespace
} // namespace ds
