// Statistics and vocabularies of a data file are those of its training rows, and it says so.
#include "data/edit/statistics.h"

#include <algorithm>
#include <cmath>

#include "data/batch/targets.h"
#include "data/edit/combine.h"
#include "data/edit/split.h"
#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;

constexpr int64_t rows = 60;

/// x grows from row to row, the image's second channel with it; each city stands in six rows, Rome in the last one.
class Statistics : public ::testing::Test {
protected:
    Statistics() {
        DataFileWriter writer(folder_ / "d.h5");
        std::vector<uint8_t> image;
        for (int64_t i = 0; i < rows; ++i)
            for (int p = 0; p < 4; ++p) image.push_back(uint8_t(p < 2 ? 51 : 4 * i));
        for (int64_t i = 0; i < rows; ++i) {
            x_.push_back(i % 7 == 3 ? NAN : 1e7f + float(i));
            city_.push_back(i == rows - 1 ? 2 : int32_t(i % 2));
        }
        add(writer, {"image", DType::u8, {2, 1, 2}, false, "image", {}, {}}, image);
        add(writer, {"x", DType::f32, {}, false, "number", {}, {}}, x_);
        add(writer, {"city", DType::i32, {}, false, "category", {"Bern", "Oslo", "Rome"}, {}}, city_);
        add(writer, {"y", DType::f32, {}, false, "target", {}, {}}, x_);
        writer.set_meta(
            R"({"statistics":{"image":{"mean":[9,9],"std":[9,9]},"x":{"mean":[9],"std":[9]}},"colour":"grey"})");
        writer.commit();
    }
    /// Mean and deviation, in double, of the numbers of these rows that are there.
    std::pair<double, double> expected(const std::vector<int64_t>& chosen) const {
        double n = 0, sum = 0, squares = 0;
        for (int64_t r : chosen)
            if (!std::isnan(x_[size_t(r)])) ++n, sum += double(x_[size_t(r)]);
        for (int64_t r : chosen)
            if (!std::isnan(x_[size_t(r)])) squares += std::pow(double(x_[size_t(r)]) - sum / n, 2);
        return {sum / n, std::sqrt(squares / n)};
    }
    std::string split(bool force = false, const std::string& from = "d.h5", const std::string& to = "s.h5") {
        SplitRequest request;
        request.input = folder_ / from;
        request.output = folder_ / to;
        request.validation = 30;
        request.seed = 3;
        request.force = force;
        split_data(request, {});
        return folder_ / to;
    }
    test::Folder folder_;
    std::vector<float> x_;
    std::vector<int32_t> city_;
};

TEST_F(Statistics, ASplitTakesThemFromItsTrainingRows) {
    const DataSource part(split() + ":train");
    const std::vector<int64_t> train = part.file().split("train");
    const Preprocessing all = part.preprocessing();
    const auto [mean, deviation] = expected(train);
    EXPECT_NEAR(all.columns.at("x").mean[0], mean, 1e-6);
    EXPECT_NEAR(all.columns.at("x").std[0], deviation, 1e-6);
    EXPECT_NEAR(all.columns.at("image").mean[0], 0.2, 1e-12);
    double green = 0;
    for (int64_t r : train) green += double(4 * r) / 255 / double(train.size());
    EXPECT_NEAR(all.columns.at("image").mean[1], green, 1e-12);
    EXPECT_EQ(part.statistics_split(), "train");
    expect_says(part.file().meta(), R"("colour":"grey")"); // the rest stays
    expect_says(part.file().meta(), R"("missing":)");
}

TEST_F(Statistics, ACategoryOfOtherRowsIsUnknown) {
    // Whichever half Rome is in: the two halves together know it, and the one without does not.
    const DataSource part(split() + ":train");
    const std::vector<int64_t> train = part.file().split("train");
    const bool has_rome = std::ranges::count(train, rows - 1) > 0;
    std::vector<int64_t> without;
    for (int64_t i = 0; i + 1 < rows; ++i) without.push_back(i);
    MetaGatherer meta(part.file());
    meta.add(part.file(), without);
    EXPECT_NE(meta.json("train").find(R"("unseen":{"city":[2]})"), std::string::npos);
    EXPECT_EQ(part.preprocessing().columns.at("city").categories.size(), has_rome ? 3u : 2u);
    for (const DataColumn& column : part.facts())
        if (column.name == "city") {
            EXPECT_EQ(column.categories, has_rome ? 3 : 2);
        }
}

TEST_F(Statistics, ASplitFileIsSplitAgainByForceOnly) {
    split();
    expect_says(error_of(Exit::usage, [&] { split(false, "s.h5", "t.h5"); }),
                "has splits already (train, val); --force");
    split(true, "s.h5", "t.h5");
    EXPECT_EQ(DataSource(folder_ / "t.h5").file().splits().size(), 2u);
}

TEST_F(Statistics, ASampleAndAConcatenationHaveTheirOwn) {
    const std::string part = split();
    const std::vector<int64_t> val = DataSource(part).file().split("val");
    sample_data(part + ":val", folder_ / "v.h5", 30, 1, {});
    EXPECT_NEAR(DataSource(folder_ / "v.h5").preprocessing().columns.at("x").mean[0], expected(val).first, 1e-6);
    EXPECT_EQ(DataSource(folder_ / "v.h5").statistics_split(), "");
    concatenate({part + ":val", part + ":train"}, folder_ / "c.h5", {});
    std::vector<int64_t> every;
    for (int64_t i = 0; i < rows; ++i) every.push_back(i);
    EXPECT_NEAR(DataSource(folder_ / "c.h5").preprocessing().columns.at("x").std[0], expected(every).second, 1e-6);
}

Graph of_city() { return parse_graph("graph \"g\" {\n  input city: i32[N]\n  output logits = city\n}\n", "test"); }

TEST_F(Statistics, AnUnknownCategoryIsRefusedWithItsRowUnlessThereIsAPlace) {
    const DataSource data(folder_ / "d.h5");
    Preprocessing known;
    known.columns["city"].kind = "category";
    known.columns["city"].categories = {"Oslo", "Bern"};
    std::vector<InputBinding> bindings = bind_inputs(of_city(), data, known, {}, {}, true);
    expect_says(error_of(Exit::data, [&] { check_inputs(bindings, data); }),
                "column 'city' is 'Rome' in row 60 of the file (d.h5[59]), which is none of the names");
    int32_t code = 2, to = 0;
    const ColumnInfo& column = data.file().columns()[2];
    const auto convert = [&] {
        convert_rows(bindings[0], column, reinterpret_cast<const std::byte*>(&code), 1,
                     reinterpret_cast<std::byte*>(&to));
        return to;
    };
    expect_says(error_of(Exit::data, convert), "the model does not know the city 'Rome'");
    known.columns["city"].unknown = 2;
    bindings = bind_inputs(of_city(), data, known, {}, {}, true);
    check_inputs(bindings, data);
    EXPECT_EQ(convert(), 2);
    code = 0; // Bern
    EXPECT_EQ(convert(), 1);
}

} // namespace
} // namespace ds
