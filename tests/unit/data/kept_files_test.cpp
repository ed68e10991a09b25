// Pictures that a data file keeps as files: shown as their pixels; what is wrong with one names its row.
#include "data/picture/kept_files.h"

#include "data/batch/batcher.h"
#include "fixture.h"
#include "unit/data/picture_bytes.h"

namespace ds {
namespace {

using namespace ds::test;

constexpr const char* grey_meta = R"({"pictures":{"image":{"resize":"none","color":"grey"}}})";

/// A file with a column of these pictures, said to be of such a shape, and a number a row.
std::string file_of(const std::vector<std::string>& pictures, ColumnInfo column, const std::string& meta = grey_meta) {
    static const Folder folder;
    static int made = 0;
    const std::string path = folder / fmt::format("kept-{}.h5", made++);
    DataFileWriter writer(path);
    const int at = writer.add_column(std::move(column));
    std::vector<float> numbers;
    for (const std::string& picture : pictures) {
        const int64_t length = int64_t(picture.size());
        writer.append_ragged(at, std::as_bytes(std::span(picture)), std::span(&length, 1));
        numbers.push_back(float(numbers.size()));
    }
    add(writer, {"number", DType::f32, {}, false, "number", {}, {}}, numbers);
    writer.set_meta(meta);
    writer.commit();
    return path;
}

std::string grey_png(std::initializer_list<int> pixels) { // one row of them
    std::string row(1, '\0');
    for (int p : pixels) row += char(p);
    return png(uint32_t(pixels.size()), 1, 8, grey, row);
}

std::string refusal(const std::string& path) {
    try {
        const DataSource source(path);
        std::vector<std::byte> all(1 << 16);
        source.file().read(source.file().find("image"), 0, source.file().rows(), all.data());
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data) << error.what();
        return error.what();
    }
    return "";
}

TEST(KeptFiles, AreShownAsTheirPixels) {
    const DataSource source(
        file_of({grey_png({1, 2, 3}), grey_png({4, 5, 6}), grey_png({7, 8, 9})}, encoded_column("image", 1, 1, 3)));
    const DataTable& shown = source.file();
    EXPECT_EQ(shown.columns()[0].kind, "image");
    EXPECT_EQ(shown.columns()[0].item_shape, (Dims{1, 1, 3}));
    EXPECT_FALSE(shown.columns()[0].ragged);
    EXPECT_EQ(column_of<uint8_t>(shown, "image"), (Pixels{1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_EQ(column_of<float>(shown, "number"), (std::vector<float>{0, 1, 2}));
    Pixels some(6);
    shown.gather(0, std::vector<int64_t>{2, 0}, some.data());
    EXPECT_EQ(some, (Pixels{7, 8, 9, 1, 2, 3}));
    EXPECT_EQ(source.stored().columns()[0].kind, "encoded");
    EXPECT_EQ(shown.stored_row_bytes(0), int64_t(grey_png({1, 2, 3}).size()));
}

// The largest file, its pixels as they are decoded and grey, and the row: in each thread.
TEST(KeptFiles, CountWhatTheyAreDecodedIn) {
    const std::string wide = png(40, 10, 8, grey, [] {
        std::string rows;
        for (int y = 0; y < 10; ++y) rows += std::string(1, '\0') + std::string(40, char(y));
        return rows;
    }());
    const DataSource source(file_of({grey_png({1}), wide}, encoded_column("image", 1, 5, 8),
                                    R"({"pictures":{"image":{"resize":"stretch","color":"grey"}}})"));
    const int64_t one = int64_t(wide.size()) + 40 * 10 * 2 + 5 * 8;
    EXPECT_EQ(source.file().reading_bytes(0), one);
    EXPECT_EQ(source.file().reading_bytes(1), 0);
    InputBinding image;
    image.input = "image", image.item = {1, 5, 8}, image.column = 0;
    EXPECT_EQ(batcher_bytes(source, {image}, 4, 3) - batcher_bytes(source, {image}, 4, 1), 2 * one);
    EXPECT_EQ(DataSource(file_of({"no picture"}, encoded_column("image", 1, 1, 3))).file().reading_bytes(0), 10);
}

TEST(KeptFiles, WhatIsNoPictureNamesItsRow) {
    const std::string good = grey_png({1, 2, 3});
    expect_says(refusal(file_of({good, "no picture"}, encoded_column("image", 1, 1, 3))), "row 2 of column 'image'");
    expect_says(refusal(file_of({good, ""}, encoded_column("image", 1, 1, 3))), "row 2 of column 'image'");
    expect_says(refusal(file_of({good, good.substr(0, 50)}, encoded_column("image", 1, 1, 3))), "row 2");
    expect_says(refusal(file_of({good, grey_png({1, 2})}, encoded_column("image", 1, 1, 3))),
                "row 2 of column 'image': 1 x 2, and the column is of 1 x 3");
}

TEST(KeptFiles, AColumnSaysItsShapeAndItsRule) {
    const std::vector<std::string> one{grey_png({1, 2, 3})};
    for (const char* shape : {"", "1,1", "1,1,3,1", "2,1,3", "1,0,3", "1,1,3,", "1,1,x", "-1,1,3", "1,1,999999999"}) {
        ColumnInfo column = encoded_column("image", 1, 1, 3);
        column.attributes["pixels"] = shape;
        expect_says(refusal(file_of(one, column)), "does not say of which shape");
    }
    ColumnInfo silent = encoded_column("image", 1, 1, 3);
    silent.attributes.clear();
    expect_says(refusal(file_of(one, silent)), "does not say of which shape");
    expect_says(refusal(file_of(one, encoded_column("image", 3, 1, 3))), "have 3 channels and their rule 1");
    expect_says(refusal(file_of(one, encoded_column("image", 1, 1, 3), "")), "nothing says how the pictures");
    expect_says(refusal(file_of(one, encoded_column("image", 1, 1, 3), R"({"pictures":{"image":{"color":"cmyk"}}})")),
                "cmyk");
}

} // namespace
} // namespace ds
