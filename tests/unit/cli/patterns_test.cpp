// Patterns of file names stand for the files that match, in natural order.
#include "cli/patterns.h"

#include <gtest/gtest.h>

#include <fstream>

#include "unit/io/fixture.h"

namespace ds::cli {
namespace {

using test::error_of;
using Names = std::vector<std::string>;

class Patterns : public ::testing::Test {
protected:
    Patterns() {
        for (const char* name : {"s-10.h5", "s-9.h5", "s-1.h5", "t.h5", "odd[1].h5"})
            std::ofstream(folder_ / name) << "x";
    }
    Names in_folder(const Names& names) {
        Names all;
        for (const std::string& name : names) all.push_back(folder_ / name);
        return all;
    }
    test::Folder folder_;
};

TEST_F(Patterns, MatchesComeInNaturalOrder) {
    EXPECT_EQ(expand_patterns({folder_ / "s-*.h5"}), in_folder({"s-1.h5", "s-9.h5", "s-10.h5"}));
    EXPECT_EQ(expand_patterns({folder_ / "s-?.h5", folder_ / "t.h5"}), in_folder({"s-1.h5", "s-9.h5", "t.h5"}));
}

TEST_F(Patterns, ASplitIsThatOfEachMatch) {
    EXPECT_EQ(expand_patterns({folder_ / "s-[19].h5:train"}), in_folder({"s-1.h5:train", "s-9.h5:train"}));
}

TEST_F(Patterns, AFileOfThatNameIsItself) {
    EXPECT_EQ(expand_patterns(in_folder({"odd[1].h5"})), in_folder({"odd[1].h5"}));
    EXPECT_EQ(expand_patterns(in_folder({"odd[1].h5:val"})), in_folder({"odd[1].h5:val"}));
    EXPECT_EQ(expand_patterns({"-", "absent.h5:a*b"}), (Names{"-", "absent.h5:a*b"}));
}

TEST_F(Patterns, NothingThatMatchesIsNamed) {
    EXPECT_NE(error_of(Exit::no_input, [&] { expand_patterns({folder_ / "u-*.h5:train"}); }).find("u-*.h5'"),
              std::string::npos);
}

TEST(NaturalOrder, NumbersAreCompared) {
    const Names sorted{"a", "a1", "a2", "a02b", "a10", "a10b", "b"};
    for (size_t i = 0; i < sorted.size(); ++i)
        for (size_t j = 0; j < sorted.size(); ++j)
            EXPECT_EQ(naturally_less(sorted[i], sorted[j]), i < j) << i << " " << j;
}

} // namespace
} // namespace ds::cli
