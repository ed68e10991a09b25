// Expressions of model files: what they give, and what is refused.
#include "model/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace ds {
namespace {

const Variables variables{{"width", int64_t{64}},         {"rate", 0.5},
                          {"stem", std::string("cifar")}, {"deep", true},
                          {"data.classes", int64_t{10}},  {"i", int64_t{3}}};

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
        {"${heigth}", "'heigth' is not defined; there are: data.classes, deep, i, rate, stem, width"},
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
        {"${9007199254740993 * 3}", "too large a number"},
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
