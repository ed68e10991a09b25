#include "io/data_file/data_file.h"

#include <fstream>
#include <thread>

#include "tests/unit/io/fixture.h"

namespace ds::test {

namespace {

ColumnInfo column(const std::string& name, DType dtype, Dims shape, bool ragged = false) {
    ColumnInfo info;
    info.name = name;
    info.dtype = dtype;
    info.item_shape = std::move(shape);
    info.ragged = ragged;
    info.kind = ragged ? "text" : "number";
    return info;
}

template <class T>
std::span<const std::byte> raw(const std::vector<T>& values) {
    return std::as_bytes(std::span(values));
}

std::vector<uint8_t> image(int64_t row, int64_t size) {
    std::vector<uint8_t> pixels;
    for (int64_t i = 0; i < size; ++i) pixels.push_back(uint8_t(row * 31 + i * 7));
    return pixels;
}

constexpr int64_t sample_rows = 3000, pixels = 1000; // images: 3 MB, so three digests

// Columns image, label (with names), words (ragged); splits; meta; history.
void write_sample(const std::string& path) {
    DataFileWriter writer(path);
    const int x = writer.add_column(column("image", DType::u8, {10, 100}));
    ColumnInfo label = column("label", DType::i32, {});
    label.kind = "category";
    label.labels = {"odd", "even"};
    label.attributes["note"] = "by hand";
    const int y = writer.add_column(label), w = writer.add_column(column("words", DType::u8, {}, true));
    for (int64_t row = 0; row < sample_rows; ++row) {
        writer.append(x, raw(image(row, pixels)));
        writer.append(y, raw(std::vector<int32_t>{int32_t(row % 2)}));
        const std::vector<int64_t> length = {row % 5};
        writer.append_ragged(w, raw(image(row, row % 5)), length);
    }
    writer.set_split("train", std::vector<int64_t>{0, 2, 4});
    writer.set_split("none", std::vector<int64_t>{});
    writer.set_meta(R"({"mean":[0.5]})");
    writer.set_history({R"({"tool":"ds-data"})"});
    writer.commit();
}

} // namespace

TEST(DataFile, ALongHistoryStaysInOrder) {
    const Folder folder;
    std::vector<std::string> history;
    for (int i = 0; i < 10003; ++i) history.push_back(std::to_string(i));
    DataFileWriter writer(folder / "d.h5");
    writer.append(writer.add_column(column("x", DType::u8, {})), raw(std::vector<uint8_t>{1, 2}));
    writer.set_history(history);
    writer.commit();
    EXPECT_EQ(DataFileReader(folder / "d.h5").history(), history);
}

TEST(DataFile, ComesBackAsItWas) {
    const Folder folder;
    write_sample(folder / "d.h5");
    const DataFileReader reader(folder / "d.h5");
    EXPECT_EQ(reader.rows(), sample_rows);
    ASSERT_EQ(reader.columns().size(), 3u);
    EXPECT_EQ(reader.columns()[0].name, "image");
    EXPECT_EQ(reader.columns()[0].item_shape, (Dims{10, 100}));
    EXPECT_EQ(reader.columns()[1].labels, (std::vector<std::string>{"odd", "even"}));
    EXPECT_EQ(reader.columns()[1].kind, "category");
    EXPECT_EQ(reader.columns()[1].attributes.at("note"), "by hand");
    EXPECT_TRUE(reader.columns()[2].ragged);
    EXPECT_EQ(reader.find("label"), 1);
    EXPECT_EQ(reader.find("nothing"), -1);
    EXPECT_EQ(reader.meta(), R"({"mean":[0.5]})");
    EXPECT_EQ(reader.history().size(), 1u);
    EXPECT_EQ(reader.splits(), (std::vector<std::string>{"none", "train"}));
    EXPECT_EQ(reader.split("train"), (std::vector<int64_t>{0, 2, 4}));
    EXPECT_TRUE(reader.split("none").empty());
    reader.verify();
}

TEST(DataFile, RowsAreReadInRangesAndInAnyOrder) {
    const Folder folder;
    write_sample(folder / "d.h5");
    const DataFileReader reader(folder / "d.h5");
    std::vector<uint8_t> out(3 * pixels);
    reader.read(0, 1047, 3, out.data()); // over a border of digests
    for (int64_t i = 0; i < 3; ++i)
        EXPECT_EQ(std::memcmp(out.data() + i * pixels, image(1047 + i, pixels).data(), pixels), 0);
    const std::vector<int64_t> wanted = {2999, 0, 1};
    reader.gather(0, wanted, out.data());
    for (size_t i = 0; i < 3; ++i)
        EXPECT_EQ(std::memcmp(out.data() + int64_t(i) * pixels, image(wanted[i], pixels).data(), pixels), 0);
    std::vector<int32_t> labels(sample_rows);
    reader.read(1, 0, sample_rows, labels.data());
    EXPECT_EQ(labels[2999], 1);
    reader.read(1, sample_rows, 0, nullptr);
    error_of(Exit::bug, [&] { reader.read(1, sample_rows, 1, labels.data()); });
}

TEST(DataFile, RaggedRowsComeByTheirOffsets) {
    const Folder folder;
    write_sample(folder / "d.h5");
    const DataFileReader reader(folder / "d.h5");
    const std::vector<int64_t> offsets = reader.offsets(2);
    ASSERT_EQ(offsets.size(), size_t(sample_rows + 1));
    EXPECT_EQ(offsets[5], 10);
    std::vector<uint8_t> out(4);
    reader.read_values(2, offsets[2999], offsets[3000] - offsets[2999], out.data());
    EXPECT_EQ(out, image(2999, 4));
}

TEST(DataFile, EqualRowsGiveEqualBytes) {
    const Folder folder;
    write_sample(folder / "a.h5");
    write_sample(folder / "b.h5");
    EXPECT_EQ(slurp(folder / "a.h5"), slurp(folder / "b.h5"));
}

TEST(DataFile, ColumnsAreCopiedWithTheirDigests) {
    const Folder folder;
    write_sample(folder / "d.h5");
    {
        const DataFileReader from(folder / "d.h5");
        DataFileWriter to(folder / "d.h5"); // over itself
        for (int i = 0; i < 3; ++i) {
            ColumnInfo info = from.columns()[size_t(i)];
            if (i == 1) info.labels = {"no", "yes"};
            EXPECT_EQ(to.copy_column(from, i, info), i);
        }
        to.set_split("val", std::vector<int64_t>{7});
        to.commit();
    }
    write_sample(folder / "old.h5");
    const DataFileReader back(folder / "d.h5"), old(folder / "old.h5");
    back.verify();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(back.column_digest(i), old.column_digest(i));
    EXPECT_EQ(back.columns()[1].labels, (std::vector<std::string>{"no", "yes"}));
    EXPECT_EQ(back.split("val"), (std::vector<int64_t>{7}));
    EXPECT_EQ(back.offsets(2), old.offsets(2));
}

TEST(DataFile, DamageIsFoundWhereItIsRead) {
    const Folder folder;
    write_sample(folder / "d.h5");
    std::string bytes = slurp(folder / "d.h5");
    bytes[4096 + 1500000] = char(bytes[4096 + 1500000] ^ 4); // in the second MiB of the images
    spill(folder / "d.h5", bytes);
    const DataFileReader reader(folder / "d.h5");
    std::vector<uint8_t> out(pixels);
    reader.read(0, 0, 1, out.data());
    reader.read(0, 2999, 1, out.data());
    const std::string message = error_of(Exit::data, [&] { reader.read(0, 1100, 1, out.data()); });
    EXPECT_NE(message.find("/columns/image is damaged"), std::string::npos) << message;
    error_of(Exit::data, [&] { reader.verify(); });
}

TEST(DataFile, AChangeUnderAnOpenReaderIsFoundWhereItWasReadBefore) {
    const Folder folder;
    write_sample(folder / "d.h5");
    const std::string good = slurp(folder / "d.h5");
    const DataFileReader reader(folder / "d.h5");
    std::vector<uint8_t> out(pixels), whole(sample_rows * pixels);
    for (int64_t row = 0; row < sample_rows; row += 500) reader.read(0, row, 1, out.data());
    std::string bytes = good;
    bytes[4096 + 1499 * pixels + 2] = char(bytes[4096 + 1499 * pixels + 2] ^ 4);
    std::ofstream(folder / "d.h5", std::ios::in | std::ios::out | std::ios::binary) << bytes; // the same file
    reader.read(0, 500, 1, out.data());
    EXPECT_EQ(out, image(500, pixels)) << "a part that did not change";
    for (int i = 0; i < 2; ++i) {
        const std::string message = error_of(Exit::data, [&] { reader.read(0, 1499, 1, out.data()); });
        EXPECT_NE(message.find("/columns/image is damaged"), std::string::npos) << message;
        error_of(Exit::data, [&] { reader.read(0, 0, sample_rows, whole.data()); });
    }
    std::ofstream(folder / "d.h5", std::ios::in | std::ios::out | std::ios::binary) << good;
    reader.read(0, 1499, 1, out.data());
    EXPECT_EQ(out, image(1499, pixels));
}

/// Bytes that this process has read so far.
int64_t bytes_read() {
    std::ifstream io("/proc/self/io");
    std::string name;
    int64_t value = 0;
    io >> name >> value;
    return value;
}

TEST(DataFile, ARowThatIsReadAgainCostsLittleMoreThanItself) {
    if (bytes_read() == 0) GTEST_SKIP() << "no /proc/self/io";
    const Folder folder;
    write_sample(folder / "d.h5");
    const DataFileReader reader(folder / "d.h5");
    std::vector<uint8_t> whole(sample_rows * pixels), out(pixels);
    reader.read(0, 0, sample_rows, whole.data());
    reader.read(0, 0, 1, out.data()); // its chunk is noted
    for (int64_t row = 0; row < sample_rows; row += 500) reader.read(0, row, 1, out.data());
    const int64_t before = bytes_read();
    for (int64_t row = 0; row < 1000; ++row) reader.read(0, row, 1, out.data());
    EXPECT_LT(bytes_read() - before, 1000 * (pixels + 2 * 512) + 4096);
}

TEST(DataFile, ThreadsReadOneFile) {
    const Folder folder;
    write_sample(folder / "d.h5");
    const DataFileReader reader(folder / "d.h5");
    std::atomic<int> wrong{0};
    std::vector<std::thread> workers;
    for (int t = 0; t < 4; ++t)
        workers.emplace_back([&, t] {
            std::vector<uint8_t> out(pixels);
            for (int64_t row = t; row < sample_rows; row += 4) {
                reader.read(0, row, 1, out.data());
                if (out != image(row, pixels)) ++wrong;
            }
        });
    for (std::thread& worker : workers) worker.join();
    EXPECT_EQ(wrong, 0);
}

TEST(DataFile, WhatDoesNotFitIsRefused) {
    const Folder folder;
    DataFileWriter writer(folder / "d.h5");
    const int a = writer.add_column(column("a", DType::f32, {}));
    writer.add_column(column("b", DType::f32, {}));
    error_of(Exit::data, [&] { writer.add_column(column("a", DType::f32, {})); });
    error_of(Exit::data, [&] { writer.add_column(column("x/y", DType::f32, {})); });
    error_of(Exit::data, [&] { writer.add_column(column("..", DType::f32, {})); });
    writer.append(a, raw(std::vector<float>{1}));
    EXPECT_NE(error_of(Exit::data, [&] { writer.commit(); }).find("column b has 0 rows"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder / "d.h5"));
}

TEST(DataFile, ASplitThatIsMissingListsTheOthers) {
    const Folder folder;
    write_sample(folder / "d.h5");
    const std::string message = error_of(Exit::data, [&] { DataFileReader(folder / "d.h5").split("test"); });
    EXPECT_NE(message.find("none, train"), std::string::npos) << message;
}

TEST(DataFile, AModelIsNotData) {
    const Folder folder;
    save_checkpoint(small_checkpoint(), folder / "m.h5");
    error_of(Exit::data, [&] { DataFileReader reader(folder / "m.h5"); });
}

TEST(DataFile, NoRowsAtAll) {
    const Folder folder;
    DataFileWriter writer(folder / "d.h5");
    writer.add_column(column("a", DType::f32, {3}));
    writer.add_column(column("t", DType::u8, {}, true));
    writer.commit();
    const DataFileReader reader(folder / "d.h5");
    EXPECT_EQ(reader.rows(), 0);
    EXPECT_EQ(reader.offsets(1), (std::vector<int64_t>{0}));
    reader.verify();
}

} // namespace ds::test
