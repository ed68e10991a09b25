// How columns become inputs: preprocessing of any size is harmless, names and numbers are not taken for one another,
// and a number that an input cannot hold is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "data/batch/binding.h"
#include "graph/text.h"
#include "unit/data/fixture.h"

namespace ds {
namespace {

using test::error_of;
using test::expect_says;

Graph taking(const std::string& input) {
    return parse_graph("graph \"g\" {\n  input " + input + "\n  output o = x\n}\n", "test");
}

template <class T>
DataSource data_of(const test::Folder& folder, ColumnInfo column, const std::vector<T>& values) {
    DataFileWriter writer(folder / "d.h5");
    test::add(writer, std::move(column), values);
    writer.set_meta("{}");
    writer.commit();
    return DataSource(folder / "d.h5");
}

template <class T>
std::string refusal(const std::string& to, DType from, T value) {
    const test::Folder folder;
    const DataSource data = data_of(folder, {"x", from, {}, false, "number", {}, {}}, std::vector<T>{value});
    const std::vector<InputBinding> bound = bind_inputs(taking("x: " + to + "[N]"), data, {}, {}, {}, false);
    std::vector<std::byte> row(sizeof(T)), out(8);
    std::memcpy(row.data(), &value, sizeof(T));
    return error_of(Exit::data, [&] { convert_rows(bound[0], data.file().columns()[0], row.data(), 1, out.data()); });
}

TEST(Binding, WhatIsNoWholeNumberIsRefused) {
    for (const float bad : {0.5f, std::nanf(""), std::numeric_limits<float>::infinity(), 2147483648.0f, -3e9f})
        expect_says(refusal("i32", DType::f32, bad), "input 'x' takes whole numbers");
    for (const double bad : {1e300, -9.3e18, 9223372036854775808.0})
        expect_says(refusal("i64", DType::f64, bad), "input 'x' takes whole numbers");
    expect_says(refusal("i32", DType::i64, int64_t{1} << 31), "and the data has 2147483648");
}

TEST(Binding, NoNumberIsRefusedWithItsRowUnlessTheModelLooksForIt) {
    const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
    for (const float bad : {nan, infinity, -infinity})
        expect_says(refusal("f32", DType::f32, bad), "input 'x' takes finite numbers, and the data has");
    expect_says(refusal("f32", DType::f64, 1e300), "the data has inf");

    const test::Folder folder;
    const std::vector<float> values{1, nan, 3, 4, infinity, 6};
    const DataSource data = data_of(folder, {"x", DType::f32, {}, false, "number", {}, {}}, values);
    std::vector<InputBinding> bound = bind_inputs(taking("x: f32[N]"), data, {}, {}, {}, false);
    const std::vector<int64_t> rows{0, 1, 2, 3, 4, 5};
    std::vector<float> out(6);
    const auto convert = [&](int64_t n) {
        convert_file_rows(data, bound[0], std::span(rows).first(size_t(n)),
                          reinterpret_cast<const std::byte*>(values.data()), reinterpret_cast<std::byte*>(out.data()));
    };
    expect_says(error_of(Exit::data, [&] { convert(3); }), "d.h5: row 2 of the file: input 'x'");
    bound[0].how.missing = Missing::seen;
    convert(4);
    EXPECT_TRUE(std::isnan(out[1]));
    EXPECT_EQ(out[3], 4);
    expect_says(error_of(Exit::data, [&] { convert(6); }), "row 5 of the file: input 'x' takes finite numbers");
    bound[0].how.missing = Missing::mean;
    convert(4);
    EXPECT_EQ(out[1], 0);
}

/// What a number becomes with this mean and deviation.
template <class T>
float standardised(DType dtype, T value, double mean, double std) {
    InputBinding binding;
    binding.dtype = DType::f32;
    binding.how.mean = {mean};
    binding.how.std = {std};
    ColumnInfo column;
    column.dtype = dtype;
    float out = 0;
    convert_rows(binding, column, reinterpret_cast<const std::byte*>(&value), 1, reinterpret_cast<std::byte*>(&out));
    return out;
}

TEST(Binding, NumbersOf64BitsAreStandardisedBeforeTheyAreRounded) {
    EXPECT_EQ(standardised(DType::f64, 1700000001.0, 1700000002, 2), -0.5F);
    EXPECT_EQ(standardised(DType::i64, (int64_t{1} << 52) + 3, double(int64_t{1} << 52), 4), 0.75F);
    EXPECT_EQ(standardised(DType::f64, 0.1, 0, 1), 0.1F);
}

TEST(Binding, MeansOfMoreChannelsThanTheInputHasAreRefused) {
    const test::Folder folder;
    const DataSource data =
        data_of(folder, {"x", DType::f32, {6}, false, "number", {}, {}}, std::vector<float>{1, 2, 3, 4, 5, 6});
    Preprocessing how;
    for (const size_t channels : {4, 7, 20000}) {
        how.columns["x"].mean.assign(channels, 1);
        how.columns["x"].std.assign(channels, 2);
        expect_says(error_of(Exit::data, [&] { bind_inputs(taking("x: f32[N,6]"), data, how, {}, {}, false); }),
                    "cannot be standardised by means of " + std::to_string(channels) + " channels");
    }
}

TEST(Binding, NamesAndNumbersAreNotTakenForOneAnother) {
    const test::Folder folder;
    const DataSource numbers =
        data_of(folder, {"x", DType::f32, {}, false, "number", {}, {}}, std::vector<float>{1, 2});
    Preprocessing how;
    how.columns["x"].kind = "category";
    how.columns["x"].categories = {"a", "b", "c"};
    expect_says(error_of(Exit::data, [&] { bind_inputs(taking("x: i32[N]"), numbers, how, {}, {}, false); }),
                "column 'x' holds numbers and the model takes names");
    const DataSource names =
        data_of(folder, {"x", DType::i32, {}, false, "category", {"a", "b"}, {}}, std::vector<int32_t>{1, 0});
    EXPECT_EQ(bind_inputs(taking("x: i32[N]"), names, how, {}, {}, false).size(), size_t(1));
    how.columns["x"] = {};
    how.columns["x"].kind = "number";
    expect_says(error_of(Exit::data, [&] { bind_inputs(taking("x: f32[N]"), names, how, {}, {}, false); }),
                "column 'x' holds names and the model takes numbers");
}

TEST(Binding, AClassWithoutANameIsNoOtherClass) {
    const test::Folder folder;
    const DataSource data =
        data_of(folder, {"x", DType::i32, {}, false, "target", {"a", "b"}, {}}, std::vector<int32_t>{2});
    const Graph graph = parse_graph("graph \"g\" {\n  input x: i32[N] role=target\n  output o = x\n}\n", "test");
    const std::vector<InputBinding> bound = bind_inputs(graph, data, {}, {"c", "b", "a"}, {}, true);
    const int32_t classes[] = {0, 1, -1};
    int32_t out[3];
    convert_rows(bound[0], data.file().columns()[0], reinterpret_cast<const std::byte*>(classes), 3,
                 reinterpret_cast<std::byte*>(out));
    EXPECT_EQ(out[0], 2);
    EXPECT_EQ(out[1], 1);
    EXPECT_EQ(out[2], -1);
    const int32_t nameless = 2;
    expect_says(error_of(Exit::data,
                         [&] {
                             convert_rows(bound[0], data.file().columns()[0],
                                          reinterpret_cast<const std::byte*>(&nameless), 1,
                                          reinterpret_cast<std::byte*>(out));
                         }),
                "the data has class 2 and names for 2");
}

} // namespace
} // namespace ds
