// YAML trees: values with their places, and limits that hold against hostile files.
#include "base/yaml.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace ds {
namespace {

template <class Act>
std::string error_of(Act act) {
    try {
        act();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::config);
        return error.what();
    }
    return "no error";
}

std::string parse_error(const std::string& text) {
    return error_of([&] { Yaml::parse(text, "r.yaml"); });
}

TEST(Yaml, ReadsKindsInOrder) {
    const Yaml root = Yaml::parse("z: 1\na: [true, -2.5, \"3\", ~]\nm:\n  name: a b\n", "r.yaml");
    ASSERT_EQ(root.members().size(), 3u);
    EXPECT_EQ(root.members()[0].key, "z");
    EXPECT_EQ(root.at("z").as_int(), 1);
    const auto& list = root.at("a").items();
    EXPECT_TRUE(list[0].as_bool());
    EXPECT_EQ(list[1].as_number(), -2.5);
    EXPECT_FALSE(list[2].is_int()) << "a quoted scalar is a word";
    EXPECT_TRUE(list[3].is_null());
    EXPECT_EQ(root.at("m").at("name").as_string(), "a b");
}

TEST(Yaml, NodesKnowTheirPlace) {
    const Yaml root = Yaml::parse("a: 1\nb:\n  - x\n  - {c: y}\n", "r.yaml");
    EXPECT_EQ(root.at("b").items()[1].at("c").where(), "r.yaml:4:9");
    EXPECT_EQ(error_of([&] { root.at("b").items()[0].as_int(); }), "r.yaml:3:5: an integer expected, \"x\" found");
    EXPECT_EQ(error_of([&] { root.at("b").as_int(); }), "r.yaml:3:3: an integer expected, a list found");
    EXPECT_EQ(error_of([&] { root.at("q"); }), "r.yaml:1:1: the key \"q\" is missing");
}

TEST(Yaml, NumbersAreYamlsOwn) {
    const Yaml root = Yaml::parse("[1e-3, .inf, nan, 99999999999999999999, 0x10, yes]", "r.yaml");
    EXPECT_EQ(root.items()[0].as_number(), 1e-3);
    EXPECT_TRUE(std::isinf(root.items()[1].as_number()));
    EXPECT_FALSE(root.items()[2].is_number());
    EXPECT_FALSE(root.items()[3].is_int());
    EXPECT_FALSE(root.items()[4].is_number());
    EXPECT_FALSE(root.items()[5].is_bool());
}

TEST(Yaml, RefusesWhatIsAmbiguous) {
    EXPECT_EQ(parse_error("a: 1\nb: 2\na: 3\n"), "r.yaml:3:1: the key \"a\" stands twice");
    EXPECT_EQ(parse_error("a: 1\n---\nb: 2\n"), "r.yaml:2:1: a second document; one is expected");
    EXPECT_EQ(parse_error("a: !!python/object:x 1\n"),
              "r.yaml:1:4: the tag tag:yaml.org,2002:python/object:x is not known");
    EXPECT_EQ(parse_error("? [a]\n: 1\n"), "r.yaml:1:3: a key must be a plain name");
    EXPECT_EQ(parse_error("a: [1, 2\n").substr(0, 8), "r.yaml:2");
    EXPECT_EQ(parse_error(std::string("a: \0", 4)), "r.yaml: holds a zero byte; YAML is text");
}

TEST(Yaml, UnknownKeysNameTheNearest) {
    const Yaml root = Yaml::parse("lr: 1\nepocs: 3\n", "r.yaml");
    EXPECT_EQ(error_of([&] {
                  root.check_keys({"lr", "epochs"});
              }),
              "r.yaml:2:1: unknown key \"epocs\"; did you mean epochs? known: lr, epochs");
    root.check_keys({"lr", "epocs"});
}

TEST(Yaml, AliasesAreBounded) {
    EXPECT_EQ(Yaml::parse("a: &x [1, 2]\nb: *x\n", "r").at("b").items()[1].as_int(), 2);
    std::string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        bomb += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j) bomb += (j ? ", *l" : "*l") + std::to_string(i - 1);
        bomb += "]\n";
    }
    EXPECT_NE(parse_error(bomb).find("more than 100000 values"), std::string::npos);
    EXPECT_NE(parse_error("a: &x [*x]\n"), "no error");
}

TEST(Yaml, DepthIsBounded) {
    EXPECT_NE(parse_error(std::string(100, '[')).find("deeper"), std::string::npos);
    EXPECT_NE(parse_error(std::string(100000, '[')), "no error");
}

TEST(Yaml, QuotedTextReadsBack) {
    for (const std::string text :
         {"plain", "12", "true", "", "a: b", "\"q\"\\", "x\ny\t", "-", "#c", " lead", "a,b", "\xc3\xa9"}) {
        const Yaml back = Yaml::parse("k: " + Yaml::quote(text) + "\n", "r");
        EXPECT_EQ(back.at("k").as_string(), text);
        EXPECT_FALSE(back.at("k").is_number() || back.at("k").is_bool());
    }
}

TEST(Yaml, EmptyTextIsNull) {
    EXPECT_TRUE(Yaml::parse("", "r.yaml").is_null());
    EXPECT_EQ(Yaml::parse("# only words\n", "r.yaml").where(), "r.yaml:1:1");
}

} // namespace
} // namespace ds
