// Several files as one data set: rows, names, statistics and batches as those of one file of all rows.
#include "data/batch/data_set.h"

#include <gtest/gtest.h>

#include "data/batch/batcher.h"
#include "data/edit/combine.h"
#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;

struct Part {
    std::vector<std::string> names{"a", "b"};
    std::string meta = "{}", kind = "number", attribute;
    DType label = DType::i32, x = DType::f32;
    bool extra = false;
};

class Set : public ::testing::Test {
protected:
    /// Rows of two numbers, x = first, first + 1, ..., a class and a text.
    std::string make(const std::string& name, int first, int rows, const Part& part = {}) {
        DataFileWriter writer(folder_ / name);
        std::vector<float> x;
        std::vector<int32_t> label;
        for (int i = 0; i < rows; ++i) x.push_back(float(first + i)), x.push_back(float(i)), label.push_back(i % 2);
        std::map<std::string, std::string> attributes;
        if (!part.attribute.empty()) attributes["parse"] = part.attribute;
        if (part.x == DType::f32) add(writer, {"x", DType::f32, {2}, false, part.kind, {}, attributes}, x);
        else
            add(writer, {"x", DType::f64, {2}, false, part.kind, {}, attributes},
                std::vector<double>(x.begin(), x.end()));
        if (part.label == DType::i32) add(writer, {"label", DType::i32, {}, false, "target", part.names, {}}, label);
        else add(writer, {"label", DType::f32, {}, false, "target", {}, {}}, std::vector<float>(size_t(rows)));
        const int words = writer.add_column({"words", DType::u8, {}, true, "text", {}, {}});
        for (int i = 0; i < rows; ++i) {
            const std::string word(size_t(i % 4 + 1), char('a' + first + i));
            const int64_t length = int64_t(word.size());
            writer.append_ragged(words, std::as_bytes(std::span(word)), std::span(&length, 1));
        }
        if (part.extra)
            add(writer, {"extra", DType::u8, {}, false, "number", {}, {}}, std::vector<uint8_t>(size_t(rows)));
        writer.set_meta(part.meta);
        if (rows > 3) writer.set_split("odd", std::vector<int64_t>{1, 3});
        writer.commit();
        return folder_ / name;
    }
    std::string refusal(const std::string& a, const std::string& b) {
        return error_of(Exit::data, [&] { DataSource(std::vector<std::string>{a, b}); });
    }
    test::Folder folder_;
};

TEST_F(Set, RowsFollowOneAnother) {
    const DataSource all({make("a.h5", 10, 4), make("e.h5", 0, 0), make("b.h5", 30, 5)});
    const DataTable& table = all.file();
    ASSERT_EQ(table.rows(), 9);
    float x[2];
    const float wanted[] = {10, 11, 12, 13, 30, 31, 32, 33, 34};
    for (int64_t row = 0; row < 9; ++row) {
        table.read(0, row, 1, x);
        EXPECT_EQ(x[0], wanted[row]);
    }
    float three[6];
    table.read(0, 3, 3, three); // over the border
    EXPECT_EQ(three[0], 13);
    EXPECT_EQ(three[4], 31);
    table.gather(0, std::vector<int64_t>{8, 0, 4}, three);
    EXPECT_EQ(three[0], 34);
    EXPECT_EQ(three[2], 10);
    EXPECT_EQ(three[4], 30);
    error_of(Exit::bug, [&] { table.read(0, 8, 2, three); });
    error_of(Exit::bug, [&] { table.gather(0, std::vector<int64_t>{9}, three); });
}

TEST_F(Set, FloatsOf32BitsBesideOnesOf64AreOf64) {
    Part wide;
    wide.x = DType::f64;
    const std::string a = make("a.h5", 10, 4), b = make("b.h5", 30, 5, wide);
    for (const auto& [files, wanted] : {std::pair(std::vector{a, b}, std::vector<double>{12, 2, 13, 3, 30, 0, 31, 1}),
                                        {std::vector{b, a}, {32, 2, 33, 3, 34, 4, 10, 0}}}) {
        const DataSource all(files);
        ASSERT_EQ(all.file().columns()[0].dtype, DType::f64);
        std::vector<double> rows(8);
        all.file().read(0, 2, 4, rows.data()); // over the border
        EXPECT_EQ(rows, wanted);
        all.file().gather(0, std::vector<int64_t>{5, 2, 4, 3}, rows.data());
        EXPECT_EQ(rows[2], wanted[0]);
        EXPECT_EQ(rows[7], wanted[3]);
    }
}

/// Two sentences, whose tags have these names, and a set of labels.
std::string sentences(const std::string& path, const std::vector<std::string>& names) {
    DataFileWriter writer(path);
    const int tags = writer.add_column({"tags", DType::i32, {}, true, "target", names, {}});
    const std::vector<int32_t> codes{0, 1, 2, 2, 0};
    const std::vector<int64_t> lengths{3, 2};
    writer.append_ragged(tags, std::as_bytes(std::span(codes)), lengths);
    writer.set_meta("{}");
    writer.commit();
    return path;
}

TEST_F(Set, TagsOfDifferentSetsAreNumberedByName) {
    const DataSource all(
        {sentences(folder_ / "a.h5", {"B-P", "I-P", "O"}), sentences(folder_ / "b.h5", {"B-L", "I-L", "O"})});
    const DataTable& table = all.file();
    EXPECT_EQ(table.columns()[0].labels, (std::vector<std::string>{"B-L", "B-P", "I-L", "I-P", "O"}));
    std::vector<int32_t> codes(8);
    table.read_values(0, 1, 8, codes.data()); // over the border
    EXPECT_EQ(codes, (std::vector<int32_t>{3, 4, 4, 1, 0, 2, 4, 4}));
    EXPECT_EQ(table.offsets(0), (std::vector<int64_t>{0, 3, 5, 8, 10}));
    concatenate({folder_ / "a.h5", folder_ / "b.h5"}, folder_ / "both.h5", {});
    const DataSource both(folder_ / "both.h5");
    both.file().read_values(0, 1, 8, codes.data());
    EXPECT_EQ(codes, (std::vector<int32_t>{3, 4, 4, 1, 0, 2, 4, 4}));
}

TEST_F(Set, LabelsOfDifferentSetsAreRefusedForWhatTheyAre) {
    for (const std::string name : {"a", "b"}) {
        DataFileWriter writer(folder_ / name);
        add(writer, {"genres", DType::u8, {2}, false, "target", {"war", name}, {}}, std::vector<uint8_t>{1, 0});
        writer.set_meta("{}");
        writer.commit();
    }
    const std::string said = refusal(folder_ / "a", folder_ / "b");
    EXPECT_THAT(said,
                ::testing::HasSubstr("column 'genres' of target u8[2] has the names war, a in the first and war, b "
                                     "in the second"));
}

TEST_F(Set, TextsFollowOneAnother) {
    const DataSource all({make("a.h5", 0, 3), make("b.h5", 10, 2)});
    const int words = all.file().find("words");
    EXPECT_EQ(all.file().offsets(words), (std::vector<int64_t>{0, 1, 3, 6, 7, 9}));
    EXPECT_EQ(all.file().elements(words), 9);
    std::string text(6, ' ');
    all.file().read_values(words, 2, 6, text.data());
    EXPECT_EQ(text, "bccckl");
    error_of(Exit::bug, [&] { all.file().read_values(words, 4, 6, text.data()); });
}

TEST_F(Set, ASplitIsThatOfEachFile) {
    const DataSource odd({make("a.h5", 10, 4) + ":odd", make("b.h5", 30, 5) + ":odd"});
    EXPECT_EQ(odd.rows(), 4);
    EXPECT_EQ(odd.file_row(2), 5);
    EXPECT_EQ(odd.recorded_name(), "a.h5:odd and 1 more");
    EXPECT_EQ(odd.place(3), "row 4 of " + (folder_ / "b.h5") + " (a.h5:odd and 1 more[3])");
    EXPECT_EQ(odd.row_place(3), "row 4 of " + (folder_ / "a.h5"));
    EXPECT_EQ(odd.row_place(4), "row 1 of " + (folder_ / "b.h5"));
    expect_says(error_of(Exit::usage,
                         [&] {
                             DataSource({folder_ / "a.h5:odd", folder_ / "b.h5"});
                         }),
                "not of one split");
    expect_says(error_of(Exit::usage, [&] { DataSource({folder_ / "a.h5", folder_ / "a.h5"}); }), "given twice");
    expect_says(error_of(Exit::data,
                         [&] {
                             DataSource({folder_ / "a.h5:even", folder_ / "b.h5:even"});
                         }),
                "no split 'even'");
}

// The classes of each file are numbered by its own list; together they are numbered as an import of all would.
TEST_F(Set, ClassesAreMatchedByName) {
    Part pets, birds;
    pets.names = {"cat", "dog"}, birds.names = {"bird", "cat"};
    const DataSource all({make("a.h5", 0, 4, pets), make("b.h5", 0, 4, birds)});
    EXPECT_EQ(all.labels(), (std::vector<std::string>{"bird", "cat", "dog"}));
    std::vector<int32_t> read(8), gathered(8);
    all.file().read(all.file().find("label"), 0, 8, read.data());
    EXPECT_EQ(read, (std::vector<int32_t>{1, 2, 1, 2, 0, 1, 0, 1}));
    all.file().gather(all.file().find("label"), std::vector<int64_t>{7, 6, 5, 4, 3, 2, 1, 0}, gathered.data());
    EXPECT_EQ(gathered, (std::vector<int32_t>{1, 0, 1, 0, 2, 1, 2, 1}));
    birds.names = {"ferret", "cat"}; // in an order of their own: as they come
    EXPECT_EQ(DataSource({folder_ / "a.h5", make("c.h5", 0, 4, birds)}).labels(),
              (std::vector<std::string>{"cat", "dog", "ferret"}));
}

TEST_F(Set, WhatDiffersIsNamed) {
    const std::string a = make("a.h5", 0, 4);
    Part part;
    part.kind = "image";
    expect_says(refusal(a, make("b.h5", 0, 4, part)), "column 'x' is number f32[2] in the first and image f32[2]");
    part = {}, part.attribute = "date";
    expect_says(refusal(a, make("c.h5", 0, 4, part)),
                "column 'x' is not in the first and of parse 'date' in the second");
    expect_says(refusal(folder_ / "c.h5", a), "of parse 'date' in the first and not in the second");
    part = {}, part.label = DType::f32;
    expect_says(refusal(a, make("d.h5", 0, 4, part)), "column 'label' is target i32[] in the first and target f32[]");
    part = {}, part.names = {};
    expect_says(refusal(a, make("e.h5", 0, 4, part)), "of named classes in the first and without names");
    part = {}, part.extra = true;
    expect_says(refusal(a, make("f.h5", 0, 4, part)), "there is no column 'extra' in the first");
    expect_says(refusal(folder_ / "f.h5", a), "there is no column 'extra' in the second");
    part = {}, part.meta = R"({"statistics":{"x":{"mean":[1],"std":[1]}},"statistics_of":{"split":"odd","rows":2}})";
    expect_says(refusal(a, make("g.h5", 0, 4, part)), "of all rows, of the second of the split odd");
    part.meta = R"({"statistics":{"x":{"mean":[1],"std":[1]}}})";
    expect_says(refusal(a, make("h.h5", 0, 4, part)), "only one of them has statistics of column 'x'");
    part.meta =
        R"({"pictures":{"x":{"resize":"fill","interpolation":"area","color":"rgb","background":"#000000","orientation":"exif"}}})";
    const std::string filled = make("i.h5", 0, 4, part);
    part.meta =
        R"({"pictures":{"x":{"resize":"fit","interpolation":"area","color":"rgb","background":"#000000","orientation":"exif"}}})";
    expect_says(refusal(filled, make("j.h5", 0, 4, part)), "imported otherwise");
}

// Of x[0]: 10, 11, 12, 13 and 30..34 and of x[1]: 0..3 and 0..4, one mean for both.
TEST_F(Set, StatisticsAreThoseOfAllRows) {
    Part part;
    part.meta = R"({"statistics":{"x":{"mean":[6.5],"std":[5.123475382979799]}}})";
    const std::string a = make("a.h5", 10, 4, part);
    part.meta = R"({"statistics":{"x":{"mean":[17],"std":[15.066519173319364]}}})";
    const std::string b = make("b.h5", 30, 5, part);
    const Preprocessing joined = DataSource({a, b}).preprocessing();
    concatenate({a, b}, folder_ / "all.h5", {});
    const Preprocessing whole = DataSource(folder_ / "all.h5").preprocessing();
    ASSERT_EQ(joined.columns.at("x").mean.size(), 1u);
    EXPECT_NEAR(joined.columns.at("x").mean[0], whole.columns.at("x").mean[0], 1e-12);
    EXPECT_NEAR(joined.columns.at("x").std[0], whole.columns.at("x").std[0], 1e-12);
    EXPECT_NEAR(joined.columns.at("x").mean[0], 12.333333333333334, 1e-12); // by exact fractions
    EXPECT_NEAR(joined.columns.at("x").std[0], 12.84523257866513, 1e-12);
}

TEST_F(Set, StatisticsLeaveOutWhatIsMissingAndWhatIsNotCounted) {
    Part part; // of 2 and of 3 numbers, which is neither the 4 rows of the one nor the 5 of the other
    part.meta = R"({"statistics":{"x":{"mean":[1],"std":[2],"missing":2}}})";
    const std::string a = make("a.h5", 0, 4, part);
    part.meta = R"({"statistics":{"x":{"mean":[6],"std":[1],"missing":1}},"statistics_of":{"split":"","rows":4}})";
    const DataSource all({a, make("b.h5", 0, 5, part)});
    EXPECT_NEAR(all.preprocessing().columns.at("x").mean[0], 4, 1e-12);
    EXPECT_NEAR(all.preprocessing().columns.at("x").std[0], std::sqrt((2 * 4 + 2 * 9 + 3 * 1 + 3 * 4) / 5.0), 1e-12);
    int64_t missing = -1;
    for (const DataColumn& fact : all.facts())
        if (fact.name == "x") missing = fact.missing;
    EXPECT_EQ(missing, 3);
}

TEST_F(Set, ACategoryIsUnseenWhereNoFileHasSeenIt) {
    const auto file = [&](const std::string& name, std::vector<std::string> names, const std::string& unseen) {
        DataFileWriter writer(folder_ / name);
        add(writer, {"city", DType::i32, {}, false, "category", std::move(names), {}}, std::vector<int32_t>{0});
        writer.set_meta(R"({"unseen":{"city":)" + unseen + "}}");
        writer.commit();
        return folder_ / name;
    };
    const DataSource all({file("a.h5", {"Bern", "Rom", "Wien"}, "[1,2]"), file("b.h5", {"Oslo", "Wien"}, "[1]")});
    EXPECT_EQ(all.preprocessing().columns.at("city").categories, (std::vector<std::string>{"Bern", "Oslo"}));
}

Graph numbers() {
    return parse_graph("graph \"g\" {\n  input x: f32[N,2]\n  input label: i32[N] role=target\n  output x = x\n"
                       "  output label = label\n}\n",
                       "test");
}

// In the shuffled order of the same seed.
TEST_F(Set, BatchesAreThoseOfTheFilesInOne) {
    Part pets, birds;
    pets.names = {"cat", "dog"}, birds.names = {"bird", "cat"};
    const std::string a = make("a.h5", 10, 4, pets), b = make("b.h5", 30, 5, birds);
    concatenate({a, b}, folder_ / "all.h5", {});
    BatchOptions options;
    options.batch = 4, options.seed = 5, options.epochs = 2;
    const auto set = std::make_shared<DataSource>(std::vector<std::string>{a, b});
    const auto whole = std::make_shared<DataSource>(folder_ / "all.h5");
    Batcher one(set, bind_inputs(numbers(), *set, {}, {}, {}, true), options);
    Batcher other(whole, bind_inputs(numbers(), *whole, {}, {}, {}, true), options);
    int batches = 0;
    for (const Batch* x = one.next(); x; x = one.next(), ++batches) {
        const Batch* y = other.next();
        ASSERT_TRUE(y);
        ASSERT_EQ(x->sample, y->sample);
        for (const auto& [input, tensor] : x->inputs)
            EXPECT_EQ(std::memcmp(tensor.data(), y->inputs.at(input).data(),
                                  size_t(bytes(tensor.dtype(), tensor.shape())) / 4 * size_t(x->size)),
                      0)
                << input;
    }
    EXPECT_EQ(batches, 6);
    EXPECT_FALSE(other.next());
}

} // namespace
} // namespace ds
