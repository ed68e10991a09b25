// Ranges, counts, missing values; constant columns and those that give the target away.
#include "data/edit/column_facts.h"

#include <cmath>

#include "fixture.h"

namespace ds {
namespace {

using namespace ds::test;

class Facts : public ::testing::Test {
protected:
    /// 60 rows: y grows; copy is 2*y + 1e9, near is y with noise, same is 5 everywhere, half has 30 missing values.
    std::vector<std::string> warnings(bool classes) {
        DataFileWriter writer(folder_ / "d.h5");
        std::vector<float> y, near, same(60, 5), half;
        std::vector<double> copy;
        std::vector<int32_t> label, group, fair;
        for (int i = 0; i < 60; ++i) {
            y.push_back(float(i));
            copy.push_back(1e9 + 2 * i);
            near.push_back(float(i) + float(i * 7 % 11));
            half.push_back(i % 2 ? NAN : float(i * 13 % 17));
            label.push_back(i / 20);
            group.push_back(i / 10);
            fair.push_back(i % 3);
        }
        add(writer, {"copy", DType::f64, {}, false, "number", {}, {}}, copy);
        add(writer, {"near", DType::f32, {}, false, "number", {}, {}}, near);
        add(writer, {"same", DType::f32, {}, false, "number", {}, {}}, same);
        add(writer, {"half", DType::f32, {}, false, "number", {}, {}}, half);
        add(writer, {"group", DType::i32, {}, false, "category", {"a", "b", "c", "d", "e", "f", "never"}, {}}, group);
        add(writer, {"fair", DType::i32, {}, false, "category", {"a", "b", "c"}, {}}, fair);
        if (classes) add(writer, {"y", DType::i32, {}, false, "target", {"u", "v", "w"}, {}}, label);
        else add(writer, {"y", DType::f32, {}, false, "target", {}, {}}, y);
        writer.set_meta("{}");
        writer.commit();
        const DataSource source(folder_ / "d.h5");
        facts_.clear();
        for (size_t c = 0; c < source.file().columns().size(); ++c) facts_.push_back(column_facts(source, int(c)));
        return column_warnings(source, facts_);
    }
    test::Folder folder_;
    std::vector<ColumnFacts> facts_;
};

TEST_F(Facts, RangesCountsAndMissingValues) {
    warnings(true);
    EXPECT_EQ(facts_[0].least, 1e9);
    EXPECT_EQ(facts_[0].greatest, 1e9 + 118);
    EXPECT_DOUBLE_EQ(facts_[0].mean, 1e9 + 59);
    EXPECT_EQ(facts_[3].missing, 30);
    EXPECT_EQ(facts_[4].counts, (std::vector<int64_t>{10, 10, 10, 10, 10, 10, 0}));
    EXPECT_EQ(facts_[4].used(), 6);
}

TEST_F(Facts, ColumnsThatTellANumberAreToldOf) {
    const std::vector<std::string> lines = warnings(false);
    ASSERT_EQ(lines.size(), 2u);
    expect_says(lines[0], "column 'copy' tells the target 'y' by itself");
    expect_says(lines[1], "column 'same' is the same in all rows");
}

TEST_F(Facts, ColumnsThatTellAClassAreToldOf) {
    const std::vector<std::string> lines = warnings(true);
    ASSERT_EQ(lines.size(), 3u);
    expect_says(lines[0], "column 'copy' tells");
    expect_says(lines[1], "column 'same' is");
    expect_says(lines[2], "column 'group' tells");
}

} // namespace
} // namespace ds
