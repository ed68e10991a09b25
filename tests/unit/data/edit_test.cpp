// Data files made from data files, and data that goes out and comes back.
#include "data/edit/combine.h"
#include "data/edit/label.h"
#include "data/edit/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "data/edit/export.h"
#include "fixture.h"

namespace ds {
namespace {

using namespace ds::test;

constexpr int64_t rows = 200;

class Edit : public ::testing::Test {
protected:
    Edit() { make("d.h5", rows, 0); }
    std::string make(const std::string& name, int64_t n, int first, std::vector<std::string> labels = {"0", "1", "2"}) {
        DataFileWriter writer(folder_ / name);
        std::vector<uint8_t> image;
        std::vector<int32_t> label;
        std::vector<float> x;
        for (int64_t i = 0; i < n; ++i) {
            for (int p = 0; p < 4; ++p) image.push_back(uint8_t(first + i * 4 + p));
            label.push_back(i % 10 == 0 ? 2 : i % 10 < 4 ? 1 : 0); // 20, 60 and 120 of 200
            x.push_back(float(first + i) / 4);
        }
        add(writer, {"image", DType::u8, {1, 2, 2}, false, "image", {}, {}}, image);
        const int words = writer.add_column({"words", DType::u8, {}, true, "text", {}, {}});
        for (int64_t i = 0; i < n; ++i) {
            const std::string word(size_t(i % 3), char('a' + i % 26));
            const int64_t length = int64_t(word.size());
            writer.append_ragged(words, std::as_bytes(std::span(word)), std::span(&length, 1));
        }
        add(writer, {"label", DType::i32, {}, false, "target", std::move(labels), {}}, label);
        add(writer, {"x", DType::f32, {}, false, "number", {}, {}}, x);
        writer.set_meta("{}");
        writer.commit();
        return folder_ / name;
    }
    SplitRequest split(double val, double test, bool stratify, uint64_t seed = 7) {
        return {folder_ / "d.h5", folder_ / "s.h5", val, test, stratify, seed};
    }
    Folder folder_;
};

TEST_F(Edit, NamesAreGivenToClasses) {
    const std::string path = folder_ / "d.h5";
    split_data(split(50, 0, false), {});
    name_classes(folder_ / "s.h5", {"a", "b", "c", "d"}, {});
    const DataFileReader before(path), named(folder_ / "s.h5");
    EXPECT_EQ(named.columns()[2].labels, (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(named.split("val").size(), 50u); // splits stay
    for (int c = 0; c < 4; ++c) EXPECT_EQ(before.column_digest(c), named.column_digest(c));
    EXPECT_EQ(named.history().size(), 2u);
    expect_says(error_of(Exit::data,
                         [&] {
                             name_classes(path, {"a", "b"}, {});
                         }),
                "class 2 has no name; 2 names are given");
}

TEST_F(Edit, ASplitIsEveryRowOnce) {
    for (const bool stratify : {false, true}) {
        split_data(split(0.15, 30, stratify), {});
        const DataFileReader file(folder_ / "s.h5");
        std::vector<int64_t> all;
        std::map<std::string, size_t> sizes;
        for (const std::string& name : file.splits()) {
            const auto part = file.split(name);
            EXPECT_TRUE(std::is_sorted(part.begin(), part.end()));
            all.insert(all.end(), part.begin(), part.end());
            sizes[name] = part.size();
        }
        EXPECT_EQ(sizes, (std::map<std::string, size_t>{{"test", 30}, {"train", 140}, {"val", 30}}));
        std::sort(all.begin(), all.end());
        for (int64_t i = 0; i < rows; ++i) ASSERT_EQ(all[size_t(i)], i);
    }
}

TEST_F(Edit, AStratifiedSplitHasExactShares) {
    split_data(split(50, 0.1, true), {});
    const DataFileReader file(folder_ / "s.h5");
    const auto label = column_of<int32_t>(file, "label");
    const auto counts = [&](const std::string& name) {
        std::vector<int> all(3);
        for (int64_t row : file.split(name)) ++all[size_t(label[size_t(row)])];
        return all;
    };
    EXPECT_EQ(counts("val"), (std::vector<int>{30, 15, 5}));
    EXPECT_EQ(counts("test"), (std::vector<int>{12, 6, 2}));
    EXPECT_EQ(counts("train"), (std::vector<int>{78, 39, 13}));
}

TEST_F(Edit, FoldsAreEqualPartsThatCoverAllRows) {
    std::vector<int64_t> held;
    std::vector<int64_t> test;
    for (int64_t k = 1; k <= 3; ++k) {
        SplitRequest request = split(0, 20, true);
        request.fold = k;
        request.folds = 3;
        split_data(request, {});
        const DataFileReader file(folder_ / "s.h5");
        const std::vector<int64_t> val = file.split("val"), train = file.split("train");
        EXPECT_EQ(val.size(), 60u);
        EXPECT_EQ(train.size(), 120u);
        held.insert(held.end(), val.begin(), val.end());
        if (k == 1) test = file.split("test");
        EXPECT_EQ(test, file.split("test")); // held back from every fold
        const std::vector<int32_t> label = column_of<int32_t>(file, "label");
        EXPECT_EQ(std::ranges::count_if(val, [&](int64_t r) { return label[size_t(r)] == 2; }), 6);
    }
    held.insert(held.end(), test.begin(), test.end());
    std::ranges::sort(held);
    std::vector<int64_t> all(rows);
    std::iota(all.begin(), all.end(), int64_t{0});
    EXPECT_EQ(held, all);
}

TEST_F(Edit, GroupsStayTogether) {
    SplitRequest request = split(0.3, 0.2, false);
    request.group = "label";
    expect_says(error_of(Exit::usage, [&] { split_data(request, {}); }), "leave none for test"); // of three groups
    request.test = 0.5;
    split_data(request, {});
    const DataFileReader file(folder_ / "s.h5");
    const std::vector<int32_t> label = column_of<int32_t>(file, "label");
    std::map<int32_t, std::string> part_of;
    for (const std::string& name : file.splits())
        for (int64_t row : file.split(name)) {
            const auto [place, is_new] = part_of.emplace(label[size_t(row)], name);
            EXPECT_EQ(place->second, name);
        }
    EXPECT_EQ(part_of.size(), 3u);
}

TEST_F(Edit, ByTimeTheLatestAreHeldBack) {
    SplitRequest request = split(50, 30, false);
    request.time = "x"; // grows from row to row
    split_data(request, {});
    const DataFileReader file(folder_ / "s.h5");
    EXPECT_EQ(file.split("test").front(), 170);
    EXPECT_EQ(file.split("val").front(), 120);
    EXPECT_EQ(file.split("val").back(), 169);
    EXPECT_EQ(file.split("train").back(), 119);
}

// The order of the alphabet would be taken for that of time, and the split would hold nothing back.
TEST_F(Edit, NamesAreNoTimes) {
    SplitRequest request = split(50, 30, false);
    request.time = "label";
    expect_says(error_of(Exit::data, [&] { split_data(request, {}); }), "column 'label' holds names");
    make("d.h5", rows, 0, {}); // numbers of classes without names are numbers
    split_data(request, {});
}

TEST_F(Edit, AColumnMayNameTheSplits) {
    make("d.h5", rows, 0, {"train", "val", "odd"});
    SplitRequest request = split(0, 0, false);
    request.by = "label";
    split_data(request, {});
    const DataFileReader file(folder_ / "s.h5");
    EXPECT_EQ(file.splits(), (std::vector<std::string>{"odd", "train", "val"}));
    EXPECT_EQ(file.split("odd").size(), 20u);
    EXPECT_EQ(file.columns()[2].kind, "split"); // and is no target or input then
    request.by = "x";
    expect_says(error_of(Exit::data, [&] { split_data(request, {}); }), "column 'x' has no name 'train'");
}

TEST_F(Edit, WaysToSplitExcludeEachOther) {
    const auto refused = [&](auto change) {
        SplitRequest request = split(50, 0, false);
        change(request);
        return error_of(Exit::usage, [&] { split_data(request, {}); });
    };
    expect_says(refused([](SplitRequest& r) { r.group = "label", r.stratify = true; }), "exclude each other");
    expect_says(refused([](SplitRequest& r) { r.by = "label"; }), "--by says all");
    expect_says(refused([](SplitRequest& r) { r.fold = 1, r.folds = 2; }), "give one of them");
    expect_says(refused([](SplitRequest& r) { r.validation = 0; }), "nothing is held back");
    expect_says(refused([](SplitRequest& r) { r.group = "nope"; }),
                "no column 'nope'; there are: image, words, label, x");
}

TEST_F(Edit, SplitsDifferBySeed) {
    const auto drawn = [&](uint64_t seed) {
        split_data(split(50, 0, true, seed), {});
        return DataFileReader(folder_ / "s.h5").split("val");
    };
    EXPECT_EQ(drawn(1), drawn(1));
    EXPECT_NE(drawn(1), drawn(2));
    error_of(Exit::usage, [&] { split_data(split(150, 50, false), {}); });
}

TEST_F(Edit, FilesAreJoinedRowAfterRow) {
    const std::string e = make("e.h5", 30, 7), out = folder_ / "o.h5";
    split_data(split(50, 0, false), {});
    EXPECT_EQ(concatenate({folder_ / "s.h5:val", e}, out, {}), 80);
    const DataFileReader from(folder_ / "s.h5"), other(e), joined(out);
    const auto x = column_of<float>(from, "x"), y = column_of<float>(other, "x");
    std::vector<float> expected;
    for (int64_t row : from.split("val")) expected.push_back(x[size_t(row)]);
    expected.insert(expected.end(), y.begin(), y.end());
    EXPECT_EQ(column_of<float>(joined, "x"), expected);
    EXPECT_EQ(joined.offsets(1)[80] - joined.offsets(1)[50], other.offsets(1)[30]);
    EXPECT_TRUE(joined.splits().empty());
}

TEST_F(Edit, JoinedFilesNumberTheirClassesByName) {
    const std::string a = make("e.h5", 20, 0, {"b", "d", "e"}), b = make("f.h5", 20, 0, {"a", "b", "d"});
    concatenate({a, b}, folder_ / "o.h5", {});
    const DataSource joined(folder_ / "o.h5");
    EXPECT_EQ(joined.labels(), (std::vector<std::string>{"a", "b", "d", "e"}));
    const auto own = column_of<int32_t>(DataFileReader(a), "label"), all = column_of<int32_t>(joined.file(), "label");
    for (size_t i = 0; i < 20; ++i) {
        EXPECT_EQ(all[i], own[i] + 1);
        EXPECT_EQ(all[20 + i], own[i]);
    }
}

TEST_F(Edit, ASampleIsDrawnBySeedInTheOrderOfTheFile) {
    const auto drawn = [&](uint64_t seed) {
        sample_data(folder_ / "d.h5", folder_ / "o.h5", 40, seed, {});
        return column_of<float>(DataFileReader(folder_ / "o.h5"), "x");
    };
    const auto some = drawn(1);
    EXPECT_EQ(some.size(), 40u);
    EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
    EXPECT_EQ(std::adjacent_find(some.begin(), some.end()), some.end());
    EXPECT_NE(some, drawn(2));
    error_of(Exit::usage, [&] { sample_data(folder_ / "d.h5", folder_ / "o.h5", rows + 1, 1, {}); });
}

TEST_F(Edit, NamesAreOneALine) {
    spill(folder_ / "n", "a\r\nb b\n\xc3\xb6");
    EXPECT_EQ(read_names(folder_ / "n"), (std::vector<std::string>{"a", "b b", "\xc3\xb6"}));
    spill(folder_ / "n", "a\n\nb\n");
    expect_says(error_of(Exit::data, [&] { read_names(folder_ / "n"); }), "line 2 is empty");
    spill(folder_ / "n", "a\na\n");
    expect_says(error_of(Exit::data, [&] { read_names(folder_ / "n"); }), "twice");
}

TEST_F(Edit, PngComesBack) {
    const DataSource data(folder_ / "d.h5");
    EXPECT_EQ(export_png(data, 20, folder_ / "png"), 20);
    import_images(request({folder_ / "png"}, folder_ / "back.h5"), {});
    const DataFileReader back(folder_ / "back.h5");
    // Folder after folder: the same images, sorted by class.
    const auto pixels = column_of<uint8_t>(data.file(), "image"), again = column_of<uint8_t>(back, "image");
    const auto label = column_of<int32_t>(data.file(), "label");
    std::vector<uint8_t> expected;
    for (int32_t c = 0; c < 3; ++c)
        for (size_t i = 0; i < 20; ++i)
            if (label[i] == c)
                expected.insert(expected.end(), pixels.begin() + int64_t(i) * 4, pixels.begin() + int64_t(i) * 4 + 4);
    EXPECT_EQ(again, expected);
    EXPECT_EQ(back.columns()[1].labels, (std::vector<std::string>{"0", "1", "2"}));
}

TEST_F(Edit, NpyComesBack) {
    const DataSource data(folder_ / "d.h5");
    export_npy(data, "image", folder_ / "i.npy");
    export_npy(data, "label", folder_ / "l.npy");
    import_npy(request({folder_ / "i.npy", folder_ / "l.npy"}, folder_ / "back.h5"));
    const DataFileReader back(folder_ / "back.h5");
    EXPECT_EQ(column_of<uint8_t>(back, "image"), column_of<uint8_t>(data.file(), "image"));
    EXPECT_EQ(column_of<int32_t>(back, "label"), column_of<int32_t>(data.file(), "label"));
    EXPECT_EQ(back.column_digest(0), DataFileReader(folder_ / "d.h5").column_digest(0));
    error_of(Exit::usage, [&] { export_npy(data, "words", folder_ / "w.npy"); });
    expect_says(error_of(Exit::usage, [&] { export_npy(data, "y", folder_ / "w.npy"); }), "image, words, label, x");
}

TEST_F(Edit, CsvComesBack) {
    const DataSource data(folder_ / "d.h5");
    export_csv(data, folder_ / "c.csv");
    import_csv(request({folder_ / "c.csv"}, folder_ / "back.h5"), {{"label"}, {"label"}});
    const DataFileReader back(folder_ / "back.h5");
    EXPECT_EQ(column_of<float>(back, "x"), column_of<float>(data.file(), "x"));
    EXPECT_EQ(column_of<int32_t>(back, "label"), column_of<int32_t>(data.file(), "label"));
    EXPECT_EQ(back.columns()[0].labels, (std::vector<std::string>{"0", "1", "2"}));
}

} // namespace
} // namespace ds
