// What ds-data info --plot counts, against counts by hand.
#include "data/edit/plot_columns.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "fixture.h"

namespace ds {
namespace {

class PlotColumns : public ::testing::Test {
protected:
    /// Charts of a file with one column.
    template <class T>
    CountChart chart(ColumnInfo info, const std::vector<T>& values) {
        const std::string path = folder_ / "d.h5";
        {
            DataFileWriter writer(path);
            writer.append(writer.add_column(std::move(info)), std::as_bytes(std::span(values)));
            writer.commit();
        }
        const DataSource source(path);
        plot_columns(source, folder_ / "d.png");
        plot_columns(source, folder_ / "d.svg");
        return column_charts(source).at(0);
    }
    static ColumnInfo number() { return {"x", DType::f32, {}, false, "number", {}, {}}; }
    const test::Folder folder_;
};

TEST_F(PlotColumns, AFewWholeNumbersHaveABinEach) {
    const CountChart c = chart<float>(number(), {3, 1, 3, 3, 5, NAN, NAN});
    EXPECT_EQ(c.counts, (std::vector<int64_t>{1, 0, 3, 0, 1}));
    EXPECT_EQ(c.missing, 2);
    EXPECT_EQ(c.least, "1");
    EXPECT_EQ(c.greatest, "5");
    EXPECT_EQ(c.note, "2 missing");
}

TEST_F(PlotColumns, OthersHaveThirtyOfOneWidthAndNoneIsLost) {
    std::vector<float> values;
    for (int i = 0; i <= 300; ++i) values.push_back(float(i) / 10);
    const CountChart c = chart<float>(number(), values);
    ASSERT_EQ(c.counts.size(), 30u);
    EXPECT_EQ(std::accumulate(c.counts.begin(), c.counts.end(), int64_t{0}), 301);
    EXPECT_EQ(c.counts.back(), 11); // the greatest one, too
    // All floats, infinities aside.
    const CountChart wide = chart<float>(number(), {-3.4e38F, 3.4e38F, 0.5F, INFINITY});
    EXPECT_EQ(wide.counts.front(), 1);
    EXPECT_EQ(wide.counts.back(), 1);
    EXPECT_EQ(wide.counts[15], 1);
    EXPECT_EQ(wide.note, "1 infinite");
}

TEST_F(PlotColumns, NothingConstantAndDates) {
    const CountChart none = chart<float>(number(), {NAN, NAN, NAN});
    EXPECT_TRUE(none.counts.empty());
    EXPECT_EQ(none.missing, 3);
    EXPECT_EQ(none.words, std::vector<std::string>{"no row has a number"});
    const CountChart same = chart<float>(number(), {7.5F, 7.5F});
    EXPECT_EQ(same.counts, std::vector<int64_t>{2});
    EXPECT_EQ(same.greatest, "");
    ColumnInfo day = number();
    day.attributes = {{"parse", "date"}};
    EXPECT_EQ(chart<float>(day, {19782, 0}).greatest, "2024-02-29");
}

TEST_F(PlotColumns, NamesInTheirOrderOrTheMostFrequentOnes) {
    const CountChart few = chart<int32_t>({"c", DType::i32, {}, false, "target", {"", "b\n"}, {}}, {1, 1, 0, -1});
    EXPECT_EQ(few.names, (std::vector<std::string>{"(empty)", "b\\n"}));
    EXPECT_EQ(few.counts, (std::vector<int64_t>{1, 2}));
    EXPECT_TRUE(few.is_target);
    std::vector<std::string> labels;
    for (int k = 0; k < 12; ++k) labels.push_back(std::to_string(k));
    const CountChart many = chart<int32_t>({"c", DType::i32, {}, false, "category", labels, {}}, {11, 11, 5, 3});
    EXPECT_EQ(many.names.front(), "11");
    EXPECT_EQ(many.names.back(), "3 others");
    EXPECT_EQ(many.counts, (std::vector<int64_t>{2, 1, 1, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(PlotColumns, WhatIsNoTableIsNamed) {
    EXPECT_EQ(chart<uint8_t>({"i", DType::u8, {1, 2, 2}, false, "image", {}, {}}, {1, 2, 3, 4}).words,
              std::vector<std::string>{"image: u8[1,2,2]"});
}

} // namespace
} // namespace ds

// fontconfig keeps what it has read of its files until the program ends; that is no leak of ours.
extern "C" const char* __lsan_default_suppressions(); // NOLINT
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\n"; }
