// Foreign files that are right, wrong, cut and lying: what becomes of them, and what is said.
#include "data/import/import.h"

#include <cstring>
#include <gtest/gtest.h>
#include <numeric>
#include <zlib.h>

#include "data/format/gzip.h"
#include "data/format/npy.h"
#include "fixture.h"
#include "unit/data/csv_table.h"

namespace ds {
namespace {

using namespace ds::test;

std::string gzipped(const std::string& text) {
    const Folder folder;
    const std::string path = folder / "x.gz";
    const gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), unsigned(text.size()));
    gzclose(file);
    return slurp(path);
}

std::string big_endian(uint32_t x) { return {char(x >> 24), char(x >> 16), char(x >> 8), char(x)}; }

std::string idx(const std::vector<uint32_t>& sizes, const std::string& data) {
    std::string out = std::string("\0\0\x08", 3) + char(sizes.size());
    for (uint32_t s : sizes) out += big_endian(s);
    return out + data;
}

class Import : public ::testing::Test {
protected:
    std::string file(const std::string& name, const std::string& bytes) {
        spill(folder_ / name, bytes);
        return folder_ / name;
    }
    std::string out() const { return folder_ / "out.h5"; }
    /// What import_idx says of these files.
    std::string idx_error(const std::string& images, const std::string& labels) {
        const auto inputs =
            labels.empty() ? std::vector{file("i", images)} : std::vector{file("i", images), file("l", labels)};
        const std::string message = error_of(Exit::data, [&] { import_idx(request(inputs, out())); });
        EXPECT_FALSE(std::filesystem::exists(out()));
        return message;
    }
    std::string csv_error(const std::string& text, const CsvOptions& options = {}) {
        return error_of(Exit::data, [&] { import_csv(request({file("c.csv", text)}, out()), options); });
    }
    std::string npy_error(const std::string& bytes) {
        return error_of(Exit::data, [&] { import_npy(request({file("a.npy", bytes)}, out())); });
    }
    Folder folder_;
};

const std::string two_images = idx({2, 2, 3}, "abcdefghijkl"), two_labels = idx({2}, std::string("\x03\x00", 2));

TEST_F(Import, IdxPlainAndGzippedAreTheSame) {
    for (const bool zipped : {false, true}) {
        const std::string i = file("i", zipped ? gzipped(two_images) : two_images),
                          l = file("l", zipped ? gzipped(two_labels) : two_labels);
        EXPECT_EQ(import_idx(request({i, l}, out())).samples, 2);
        const DataFileReader data(out());
        EXPECT_EQ(data.columns()[0].item_shape, (Dims{1, 2, 3}));
        const auto pixels = column_of<char>(data, "image");
        EXPECT_EQ(std::string(pixels.begin(), pixels.end()), "abcdefghijkl");
        EXPECT_EQ(column_of<int32_t>(data, "label"), (std::vector<int32_t>{3, 0}));
        EXPECT_EQ(data.columns()[1].labels.size(), 4u);
    }
}

TEST_F(Import, IdxColourBecomesPlanes) {
    import_idx(request({file("i", idx({1, 1, 2, 3}, "rgbRGB"))}, out()));
    const DataFileReader data(out());
    EXPECT_EQ(data.columns()[0].item_shape, (Dims{3, 1, 2}));
    const auto pixels = column_of<char>(data, "image");
    EXPECT_EQ(std::string(pixels.begin(), pixels.end()), "rRgGbB");
}

TEST_F(Import, IdxThatIsWrongIsNamed) {
    expect_says(idx_error("PK\3\4xxxxxxxxxxx", ""), "not an IDX file");
    expect_says(idx_error(std::string("\0\0\x0d\3", 4) + std::string(30, 'x'), ""), "not unsigned bytes");
    expect_says(idx_error(two_labels, two_labels), "images first");
    expect_says(idx_error(two_images, idx({3}, "abc")), "l has 3 labels");
    expect_says(idx_error(two_images.substr(0, 9), ""), "the file ends within its sizes");
    expect_says(idx_error(two_images.substr(0, 20), ""), "the file ends within image 0 of 2");
    expect_says(idx_error(two_images + "x", ""), "bytes behind the last element");
    expect_says(idx_error(two_images, two_labels + "x"), "l: there are bytes behind");
    std::string damaged = gzipped(two_images);
    damaged[12] = char(damaged[12] ^ 0x40);
    EXPECT_FALSE(idx_error(damaged, "").empty());
    EXPECT_FALSE(idx_error(gzipped(two_images).substr(0, 25), "").empty());
}

// Gigabytes for an image, and four thousand million labels: neither is taken on the header's word.
TEST_F(Import, IdxThatLiesTakesNoMemory) {
    expect_says(idx_error(idx({1, 65535, 65535}, "x"), ""), "ends within image 0 of 1");
    expect_says(idx_error(idx({0xffffffffu, 1, 1}, "x"), idx({0xffffffffu}, "x")),
                "l: the file ends within its labels");
}

TEST_F(Import, GzipReadsConcatenatedMembersAndRefusesFolders) {
    const Source two(file("two.gz", gzipped("abc") + gzipped("def")), true);
    GzipReader reader(two);
    std::string got(10, '\0');
    got.resize(reader.read(std::as_writable_bytes(std::span(got))));
    EXPECT_EQ(got, "abcdef");
    error_of(Exit::data, [&] { import_idx(request({folder_.path().string()}, out())); });
    error_of(Exit::no_input, [&] { import_idx(request({folder_ / "none"}, out())); });
}

TEST_F(Import, CifarTenAndHundred) {
    const std::string ten = "\x07" + std::string(3072, 'a') + "\x02" + std::string(3072, 'b');
    EXPECT_EQ(import_cifar(request({file("a.bin", ten), file("b.bin", ten)}, out())).samples, 4);
    {
        const DataFileReader data(out());
        EXPECT_EQ(column_of<int32_t>(data, "label"), (std::vector<int32_t>{7, 2, 7, 2}));
        EXPECT_EQ(column_of<char>(data, "image")[3072], 'b');
    }
    const std::string hundred = "\x05\x63" + std::string(3072, 'c');
    import_cifar(request({file("c.bin", hundred)}, out()));
    EXPECT_EQ(column_of<int32_t>(DataFileReader(out()), "label"), std::vector<int32_t>{99});
    const auto error = [&](std::vector<std::string> files) {
        return error_of(Exit::data, [&] { import_cifar(request(files, out())); });
    };
    expect_says(error({file("d.bin", ten + "x")}), "d.bin: 6147 bytes are no whole number of CIFAR records");
    expect_says(error({file("d.bin", "")}), "0 bytes");
    expect_says(error({file("d.bin", "\x0a" + std::string(3072, 'a'))}), "record 0 has class 10");
    expect_says(error({folder_ / "a.bin", folder_ / "c.bin"}), "do not mix");
}

TEST(Csv, QuotesLineEndsAndBlankLines) {
    const test::CsvTable table = test::parse_csv("\xef\xbb\xbf"
                                                 "a,\"b \"\"x\"\"\"\r\n1,\"two\nlines, a comma\"\r\n\r\n,\"\"\n3,4");
    EXPECT_EQ(table.header, (std::vector<std::string>{"a", "b \"x\""}));
    ASSERT_EQ(table.rows.size(), 3u);
    EXPECT_EQ(table.rows[0], (std::vector<std::string>{"1", "two\nlines, a comma"}));
    EXPECT_EQ(table.rows[1], (std::vector<std::string>{"", ""}));
    EXPECT_EQ(table.lines, (std::vector<int64_t>{2, 5, 6}));
    for (const char* field : {"plain", "", "a,b", "a \"b\"", "a\nb", "\xef\xbb\xbfmark"})
        EXPECT_EQ(test::parse_csv("h\n" + csv_field(field) + "\n").rows.at(0)[0], field);
    EXPECT_EQ(test::parse_csv(csv_field("\xef\xbb\xbfmark") + "\n").header[0], "\xef\xbb\xbfmark");
}

TEST(Csv, AnEmptyFieldIsARowAndABlankLineIsNone) {
    EXPECT_EQ(test::parse_csv("a\n\"\"\n\n1\n").rows, (std::vector<std::vector<std::string>>{{""}, {"1"}}));
}

TEST(Csv, BadRowsAreLeftOutWhenThatIsAskedFor) {
    const char* text = "a,b\n1,2\n\"x\"y,3\n1\n4,5\n";
    EXPECT_EQ(test::parse_csv(text, true).rows, (std::vector<std::vector<std::string>>{{"1", "2"}, {"4", "5"}}));
    expect_says(error_of(Exit::data, [&] { test::parse_csv(text); }), "t: line 3: text behind a closing quote");
}

TEST(Csv, BlanksAroundFieldsAreNone) {
    const test::CsvTable table = test::parse_csv("a , b\n 1,\t2 \n x y , \" z \" \n");
    EXPECT_EQ(table.header, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(table.rows[0], (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(table.rows[1], (std::vector<std::string>{"x y", " z "}));
}

TEST(Csv, AQuotedFieldMayHoldLines) {
    const test::CsvTable table = test::parse_csv("a,b\n\"1\n2\r\n3\",x\n4,y\n");
    EXPECT_EQ(table.rows[0][0], "1\n2\r\n3");
    EXPECT_EQ(table.lines[1], 5);
}

TEST(Csv, TheHeaderShowsTheDelimiter) {
    using Row = std::vector<std::string>;
    EXPECT_EQ(test::parse_csv("a;b\n1,5;2\n").rows[0], (Row{"1,5", "2"}));
    EXPECT_EQ(test::parse_csv("a\tb\n1 \t 2\n").rows[0], (Row{"1", "2"}));
    EXPECT_EQ(test::parse_csv("a|b\n1|\n").rows[0], (Row{"1", ""}));
    EXPECT_EQ(test::parse_csv("a,b;c\n1,2\n").rows[0], (Row{"1", "2"}));         // a comma goes first
    EXPECT_EQ(test::parse_csv("\"a;b\"\n1;2\n").rows[0], (Row{"1;2"}));          // a quoted one shows nothing
    EXPECT_EQ(test::parse_csv(csv_field("a;b") + "\n1;2\n").header, Row{"a;b"}); // as we write it
}

TEST(Csv, OneNameMayBeEmpty) {
    EXPECT_EQ(test::parse_csv(",a\n0,1\n").header, (std::vector<std::string>{"unnamed", "a"}));
    expect_says(error_of(Exit::data, [] { test::parse_csv(",a,\n0,1,2\n"); }), "'unnamed' stands twice");
}

TEST(Csv, NumbersMayHaveAPlus) {
    double value = 0;
    EXPECT_TRUE(parse_csv_number("+2.5e1", value));
    EXPECT_EQ(value, 25);
    for (const char* cell : {"+", "+-2", "++2", "2+", ""}) EXPECT_FALSE(parse_csv_number(cell, value)) << cell;
}

TEST(Csv, DatesAreDaysSince1970) {
    const auto days = [](const char* cell) {
        double value = NAN;
        return parse_csv_date(cell, value) ? value : NAN;
    };
    EXPECT_EQ(days("1970-01-01"), 0);
    EXPECT_EQ(days("1969-12-31"), -1);
    EXPECT_EQ(days("2024-02-29"), 19782);
    EXPECT_EQ(days("2024/02/29"), 19782);
    EXPECT_EQ(days("29.02.2024"), 19782);
    EXPECT_EQ(days("1970-01-02T12:00:00Z"), 1.5);
    EXPECT_EQ(days("1970-01-02 06:00"), 1.25);
    EXPECT_EQ(days("1970-01-02 06:00:00.123"), 1.25);
    for (const char* cell : {"2023-02-29", "2024-13-01", "2024-1-1", "20240229", "29/02/2024", "2024-02-29 25:00",
                             "2024-02-29x", "2024-02/29", "", "1970-01-02T"})
        EXPECT_TRUE(std::isnan(days(cell))) << cell;
}

TEST(Csv, OldMacLineEnds) {
    const test::CsvTable table = test::parse_csv("a,b\r1,\"x\"\r2,y");
    ASSERT_EQ(table.rows.size(), 2u);
    EXPECT_EQ(table.rows[0], (std::vector<std::string>{"1", "x"}));
}

// Rows are read through a buffer: fields, quotes and line ends fall on its border somewhere.
TEST_F(Import, CsvRowsOverTheBordersOfTheBuffer) {
    std::string text = "a,b\r\n";
    std::vector<float> expected;
    for (int i = 0; i < 60000; ++i) {
        text += std::to_string(i) + ",\"n \"\"" + std::string(size_t(i % 7), 'x') + "\"\r\n";
        expected.push_back(float(i));
    }
    EXPECT_EQ(import_csv(request({file("long.csv", text)}, out()), {{"b"}, {}}).samples, 60000);
    const DataFileReader data(out());
    EXPECT_EQ(column_of<float>(data, "a"), expected);
    EXPECT_EQ(data.columns()[1].labels.size(), 7u);
    EXPECT_EQ(data.columns()[1].labels[1], "n \"x");
}

TEST_F(Import, CsvColumnNamesThatAreNotStored) {
    import_csv(request({file("c.csv", "price ($),user/id,y\n1,a,2\n")}, out()), {{"y"}, {"user/id"}});
    const DataFileReader data(out());
    EXPECT_EQ(data.columns()[0].name, "price_");
    EXPECT_EQ(data.columns()[1].name, "user_id");
    expect_says(csv_error("a b,a_b\n1,2\n"), "columns 'a b' and 'a_b' would both be called a_b; rename one");
}

TEST_F(Import, CsvErrorsNameTheLine) {
    expect_says(csv_error("a,b\n1,2\n3\n"), "c.csv: line 3: 1 fields where the header has 2");
    expect_says(csv_error("a,b\n1,\"2\n3,4\n"), "line 2: a quote is opened and never closed");
    expect_says(csv_error("a,b\n1,\"2\"x\n"), "line 2");
    expect_says(csv_error("a,a\n1,2\n"), "line 1: the column name 'a' stands twice");
    expect_says(csv_error("a\n1\n\nnan\n"), "line 4: column 'a' has 'nan' where most are numbers");
    for (const char* cell : {"inf", "1e39", "-1e400", "0x10", "1 2"})
        expect_says(csv_error(std::string("a,b\n1,2\n2,2\n") + cell + ",2\n"),
                    std::string("line 4: column 'a' has '") + cell + "'");
    expect_says(csv_error("a,b\n"), "no rows");
    expect_says(csv_error(""), "empty");
    expect_says(csv_error(std::string("a\n\0\n", 4)), "zero byte");
}

TEST_F(Import, CsvLeavesOutBadRowsWhereAsked) {
    ImportRequest r = request({file("c.csv", "x,y\n1,a\n2\nnan,b\n4,b\n")}, out());
    r.skip_bad = true;
    const ImportSummary summary = import_csv(r, {{"y"}, {}});
    EXPECT_EQ(summary.samples, 2);
    EXPECT_EQ(summary.skipped, 2);
    const DataFileReader data(out());
    EXPECT_EQ(column_of<float>(data, "x"), (std::vector<float>{1, 4}));
    EXPECT_EQ(column_of<int32_t>(data, "y"), (std::vector<int32_t>{0, 1}));
}

TEST_F(Import, CsvColumnsAreWhatMostOfTheirCellsAre) {
    CsvOptions options;
    options.target = {"y"};
    options.missing = {"", "NA"};
    options.id = "key";
    options.drop = {"junk"};
    import_csv(request({file("c.csv", "key,n,city,day,empty,junk,y\n"
                                      "r1,1,Bern,1970-01-02,,x,0\n"
                                      "r2,NA,Oslo,,NA,x,1\n"
                                      "r3,+3,NA,1970-01-04,,x,1\n")},
                       out()),
               options);
    const DataFileReader data(out());
    std::string kinds;
    for (const ColumnInfo& column : data.columns()) kinds += column.name + " " + column.kind + ",";
    EXPECT_EQ(kinds, "key id,n number,city category,day number,y target,");
    const std::vector<float> n = column_of<float>(data, "n"), day = column_of<float>(data, "day");
    EXPECT_EQ(n[0], 1);
    EXPECT_TRUE(std::isnan(n[1]));
    EXPECT_EQ(n[2], 3);
    EXPECT_EQ(day[0], 1);
    EXPECT_TRUE(std::isnan(day[1]));
    EXPECT_EQ(data.columns()[2].labels, (std::vector<std::string>{"", "Bern", "Oslo"}));
    EXPECT_EQ(column_of<int32_t>(data, "city"), (std::vector<int32_t>{1, 2, 0}));
    EXPECT_EQ(data.columns()[4].attributes.at("values"), "0,1");
    const Preprocessing p = DataSource(out()).preprocessing();
    EXPECT_EQ(p.columns.at("n").mean, (std::vector<double>{2})); // of those that are there
    EXPECT_EQ(p.columns.at("n").std, (std::vector<double>{1}));
    EXPECT_TRUE(p.columns.at("day").date);
    EXPECT_EQ(p.columns.at("city").missing_words, options.missing);
    for (const DataColumn& column : DataSource(out()).facts())
        EXPECT_EQ(column.missing, column.name == "n" || column.name == "day");
}

TEST_F(Import, CsvSlipsAreNamedWithWhatHelps) {
    const std::string slip = csv_error("a,b\n1,2\n2,2\nfour,2\n");
    expect_says(slip, "line 4: column 'a' has 'four' where most are numbers");
    expect_says(slip, "--missing 'four'");
    expect_says(csv_error("d\n2024-01-01\n2024-01-02\n2024-01-32\n"),
                "line 4: column 'd' has '2024-01-32' where most are dates");
    CsvOptions options;
    options.target = {"a"};
    expect_says(csv_error("a,b\n1,2\n,2\n", options), "line 3: the target 'a' is missing");
    options.drop = {"a"};
    expect_says(error_of(Exit::usage, [&] { import_csv(request({file("c.csv", "a,b\n1,2\n")}, out()), options); }),
                "column 'a' is given two uses");
}

TEST_F(Import, CsvColumnsHaveKinds) {
    const std::string path = file("c.csv", "user,age,click\nben,1.5,0\nann,2,1\nben,-3,1\n");
    import_csv(request({path}, out()), {{"click"}, {"user"}});
    const DataFileReader data(out());
    EXPECT_EQ(data.columns()[0].kind, "category");
    EXPECT_EQ(data.columns()[0].labels, (std::vector<std::string>{"ann", "ben"}));
    EXPECT_EQ(column_of<int32_t>(data, "user"), (std::vector<int32_t>{1, 0, 1}));
    EXPECT_EQ(column_of<float>(data, "age"), (std::vector<float>{1.5f, 2, -3}));
    EXPECT_EQ(data.columns()[2].kind, "target");
    EXPECT_EQ(column_of<float>(data, "click"), (std::vector<float>{0, 1, 1}));
    expect_says(error_of(Exit::usage,
                         [&] {
                             import_csv(request({path}, out()), {{"clicks"}, {}});
                         }),
                "user, age, click");
}

template <class T>
std::string npy(DType dtype, const Dims& shape, const std::vector<T>& values) {
    return encode_npy(dtype, shape, std::as_bytes(std::span(values)));
}

/// The header with one text replaced by another of the same length.
std::string with(std::string bytes, const std::string& from, const std::string& to) {
    EXPECT_EQ(from.size(), to.size());
    return bytes.replace(bytes.find(from), from.size(), to);
}

TEST(Npy, EveryDtypeComesBack) {
    for (DType dtype : {DType::f64, DType::f32, DType::i64, DType::i32, DType::i8, DType::u8, DType::boolean})
        for (const Dims& shape : {Dims{}, Dims{3}, Dims{2, 3}, Dims{0, 2}}) {
            const std::vector<uint8_t> data(size_t(bytes(dtype, shape)), 1);
            const std::string written = npy(dtype, shape, data);
            const NpyArray array = parse_npy(std::as_bytes(std::span(written)), "t");
            EXPECT_EQ(array.dtype, dtype);
            EXPECT_EQ(array.shape, shape);
            EXPECT_EQ(array.data.size(), data.size());
            EXPECT_EQ((written.size() - data.size()) % 64, 0u); // as NumPy aligns it
        }
}

TEST_F(Import, NpyRowsAndClasses) {
    const std::string x = file("x.npy", npy<float>(DType::f32, {3, 2}, {1, 2, 3, 4, 5, 6}));
    import_npy(request({x, file("y.npy", npy<int64_t>(DType::i64, {3}, {2, 0, 1}))}, out()));
    const DataFileReader data(out());
    EXPECT_EQ(column_of<float>(data, "x"), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(column_of<int32_t>(data, "label"), (std::vector<int32_t>{2, 0, 1}));
    expect_says(error_of(Exit::data,
                         [&] {
                             import_npy(request({x, file("z.npy", npy<int32_t>(DType::i32, {2}, {0, 1}))}, out()));
                         }),
                "z.npy has 2 rows (an array [2]), and ");
    expect_says(error_of(Exit::data,
                         [&] {
                             import_npy(request({x, file("z.npy", npy<int32_t>(DType::i32, {3}, {2, -1, 0}))}, out()));
                         }),
                "row 1 has class -1");
}

TEST_F(Import, NpyNumbersThatAreMissingDoNotCount) {
    import_npy(request({file("x.npy", npy<double>(DType::f64, {4}, {NAN, 1, 3, NAN}))}, out()));
    const DataSource data(out());
    const ColumnPreprocessing x = data.preprocessing().columns.at("x");
    EXPECT_EQ(x.mean, std::vector<double>{2});
    EXPECT_EQ(x.std, std::vector<double>{1});
    EXPECT_EQ(data.facts()[0].missing, 2);
}

TEST_F(Import, NpyTargetsOfAnyType) {
    const std::string x = file("x.npy", npy<float>(DType::f32, {3}, {1, 2, 4}));
    const auto target = [&](const std::string& bytes) {
        import_npy(request({x}, out()), {{}, {file("y.npy", bytes)}, "", ""});
        return DataFileReader(out()).columns().at(1);
    };
    const ColumnInfo numbers = target(npy<double>(DType::f64, {3, 2}, {1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(numbers.name, "y");
    EXPECT_EQ(numbers.kind, "target");
    EXPECT_EQ(numbers.dtype, DType::f64);
    EXPECT_EQ(numbers.item_shape, Dims{2});
    EXPECT_TRUE(numbers.attributes.empty());
    EXPECT_EQ(target(npy<uint8_t>(DType::u8, {3, 2}, {1, 0, 0, 1, 1, 1})).attributes.at("values"), "0,1");
    EXPECT_EQ(target(npy<float>(DType::f32, {3}, {0, 1, 1})).attributes.at("values"), "0,1");
    const ColumnInfo classes = target(npy<int64_t>(DType::i64, {3}, {0, 2, 1}));
    EXPECT_EQ(classes.name, "label");
    EXPECT_EQ(classes.labels, (std::vector<std::string>{"0", "1", "2"}));
    expect_says(error_of(Exit::data, [&] { target(npy<float>(DType::f32, {3}, {0, NAN, 1})); }), "row 1 is nan");
    // As labels of scikit-learn: those that occur.
    EXPECT_EQ(target(npy<int64_t>(DType::i64, {3}, {0, 250'000'000, 1})).labels,
              (std::vector<std::string>{"0", "1", "250000000"}));
    EXPECT_EQ(column_of<int32_t>(DataFileReader(out()), "label"), (std::vector<int32_t>{0, 2, 1}));
    EXPECT_EQ(target(npy<int8_t>(DType::i8, {3}, {1, -1, 1})).labels, (std::vector<std::string>{"-1", "1"}));
    expect_says(error_of(Exit::data,
                         [&] {
                             target(npy<int32_t>(DType::i32, {3}, {0, -2, 0}));
                         }),
                "row 1 has class -2; classes are whole numbers from 0 up, or -1, 0 and 1");
}

// numpy.asfortranarray(numpy.arange(1, 13).reshape(3, 2, 2)).ravel("K")
TEST_F(Import, NpyInFortranOrderIsThatInCOrder) {
    std::string turned = npy<int32_t>(DType::i32, {3, 2, 2}, {1, 5, 9, 3, 7, 11, 2, 6, 10, 4, 8, 12});
    turned = with(turned, "False,", "True, ");
    const NpyArray array = parse_npy(std::as_bytes(std::span(turned)), "t");
    std::vector<int32_t> wanted(12), found(12);
    std::iota(wanted.begin(), wanted.end(), 1);
    std::memcpy(found.data(), array.data.data(), array.data.size());
    EXPECT_EQ(found, wanted);
    import_npy(request({file("x.npy", turned)}, out()));
    EXPECT_EQ(column_of<int32_t>(DataFileReader(out()), "x"), wanted);
    const std::string line = with(npy<float>(DType::f32, {3}, {1, 2, 3}), "False,", "True, ");
    import_npy(request({file("x.npy", line)}, out()));
    EXPECT_EQ(column_of<float>(DataFileReader(out()), "x"), (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(in_c_order(1, {4, 0}, {}).size(), 0U);
}

TEST_F(Import, NpyMasksAreAClassForEachPixel) {
    const std::string x = file("x.npy", npy<uint8_t>(DType::u8, {2, 2, 3}, std::vector<uint8_t>(12, 7)));
    const auto mask = [&](const Dims& shape, const std::vector<int32_t>& pixels) {
        import_npy(request({x}, out()), {{}, {file("m.npy", npy<int32_t>(DType::i32, shape, pixels))}, "", ""});
    };
    const std::vector<int32_t> pixels{0, 0, 1, 2, 255, 0, 0, 0, 0, 0, 0, 1};
    for (const Dims& shape : {Dims{2, 2, 3}, Dims{2, 1, 2, 3}, Dims{2, 2, 3, 1}}) {
        mask(shape, pixels);
        const DataFileReader data(out());
        EXPECT_EQ(data.columns()[1].kind, "mask");
        EXPECT_EQ(data.columns()[1].name, "mask");
        EXPECT_EQ(data.columns()[1].item_shape, (Dims{2, 3}));
        EXPECT_EQ(data.columns()[1].labels, (std::vector<std::string>{"0", "1", "2"}));
        EXPECT_EQ(column_of<uint8_t>(data, "mask"), std::vector<uint8_t>(pixels.begin(), pixels.end()));
    }
    const auto refusal = [&](const Dims& shape, const std::vector<int32_t>& some) {
        return error_of(Exit::data, [&] { mask(shape, some); });
    };
    expect_says(refusal({2, 3, 2}, pixels), "the masks 'mask' are of [3,2], and the pictures 'image' of [2,3]");
    expect_says(refusal({2, 2, 3}, {0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0}), "a pixel of row 1 has class -1");
    expect_says(refusal({2, 2, 3}, {0, 0, 0, 0, 0, 0, 0, 256, 0, 0, 0, 0}), "a pixel of row 1 has class 256");
    expect_says(refusal({2, 2, 3}, {0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0}), "hold only 0 and 255");
    expect_says(refusal({2, 2, 3}, std::vector<int32_t>(12)), "hold only the class 0");
}

TEST_F(Import, BytesOfTwoAndThreeAxesArePictures) {
    const auto stored = [&](const Dims& shape) {
        import_npy(request(
            {file("x.npy", npy<uint8_t>(DType::u8, shape, std::vector<uint8_t>(size_t(count(shape)), 3)))}, out()));
        const DataFileReader data(out());
        return data.columns()[0].name + " " + data.columns()[0].kind + text(data.columns()[0].item_shape);
    };
    EXPECT_EQ(stored({2, 5, 6}), "image image[1,5,6]");
    EXPECT_EQ(stored({2, 5, 6, 3}), "image image[3,5,6]");
    EXPECT_EQ(stored({2, 3, 5, 6}), "image image[3,5,6]");
    EXPECT_EQ(stored({2, 5}), "x number[5]");
    EXPECT_EQ(stored({2, 2, 2, 2, 2}), "x number[2,2,2,2]");
}

// A letter each: whoever took the place behind a separator for part of it would lose one.
TEST_F(Import, LabelsBeginRightBehindTheirSeparator) {
    CsvOptions options;
    options.target = {"t"};
    options.label_separator = ';';
    import_csv(request({file("t.csv", "x,t\n1,a;bc;d\n2,;e;;fg;\n3,\n")}, out()), options);
    const DataFileReader data(out());
    EXPECT_EQ(data.columns()[1].labels, (std::vector<std::string>{"a", "bc", "d", "e", "fg"}));
    EXPECT_EQ(column_of<uint8_t>(data, "t"), (std::vector<uint8_t>{1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0}));
}

TEST_F(Import, NpyThatIsWrongIsNamed) {
    const std::string good = npy<float>(DType::f32, {2, 2}, {1, 2, 3, 4});
    expect_says(npy_error(with(good, "False,", "Maybe,")), "in which order");
    expect_says(npy_error(with(good, "<f4", "|O8")), "an array of '|O8', which is not read");
    expect_says(npy_error(with(good, "<f4", "<c8")), "an array of '<c8', which is not read");
    expect_says(npy_error(with(good, "<f4", "<f0")), "an array of '<f0', which is not read");
    expect_says(npy_error(with(good, "(2, 2)", "(2, 9)")), "16 bytes for an array [2,9] of 4 bytes each");
    expect_says(npy_error(with(good, "(2, 2)", "(2,-2)")), "impossible shape");
    expect_says(npy_error(with(good, "shape", "shade")), "no 'shape'");
    expect_says(npy_error(good.substr(0, 40)), "header is damaged");
    expect_says(npy_error(good.substr(0, good.size() - 1)), "15 bytes for an array");
    expect_says(npy_error("x"), "not a .npy file");
    expect_says(npy_error(npy<float>(DType::f32, {2, 2}, {1, 2, 3, std::nanf("")})), "row 1 holds nan");
    expect_says(npy_error(npy<float>(DType::f32, {2}, {1, INFINITY})), "row 1 holds inf");
    // 2^62 rows of nothing, and more elements than can be counted.
    expect_says(npy_error(npy<char>(DType::u8, {int64_t{1} << 62, 0}, {})), "are empty");
    expect_says(npy_error(npy<char>(DType::u8, {int64_t{1} << 62, int64_t{1} << 62}, {})), "a.npy");
}

TEST_F(Import, TextIsCutIntoRowsThatGiveItAgain) {
    const std::string a(5000, 'a'), b = "Gr\xc3\xb6\xc3\x9f"
                                        "e\n";
    import_text(request({file("a.txt", a), file("b.txt", b)}, out()), 100);
    const DataFileReader data(out());
    std::string all(a.size() + b.size(), '\0');
    data.read_values(0, 0, int64_t(all.size()), all.data());
    EXPECT_EQ(all, a + b);
    const auto offsets = data.offsets(0);
    EXPECT_EQ(int64_t(all.size()) - offsets[size_t(data.split("val").front())], 100);
    EXPECT_EQ(data.split("train").size() + data.split("val").size(), size_t(data.rows()));
    expect_says(error_of(Exit::data, [&] { import_text(request({file("e.txt", "")}, out()), 0); }), "there is no text");
    error_of(Exit::usage, [&] { import_text(request({folder_ / "b.txt"}, out()), 9); });
}

} // namespace
} // namespace ds
