// Files of every format version that was ever written are read: small ones are kept in tests/data. How those of 1.1
// were made stands in them: `ds-info --script` of the model prints the commands, `ds-data info --json` of the data the
// records. The table that they began with is in the comment of DataOf1_1IsRead.
#include <gmock/gmock.h>

#include <cmath>

#include "base/json.h"
#include "data/batch/source.h"
#include "infer/predict.h"
#include "io/checkpoint/model.h"
#include "io/checkpoint/signature.h"
#include "io/data_file/data_file.h"
#include "tests/unit/io/fixture.h"
#include "unit/files.h"

namespace ds::test {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::NanSensitiveFloatEq;

namespace {

template <class T>
std::vector<T> whole_column(const DataTable& file, const std::string& column) {
    const int at = file.find(column);
    const ColumnInfo& info = file.columns().at(size_t(at));
    std::vector<T> all(size_t(file.rows() * info.item_bytes()) / sizeof(T));
    file.read(at, 0, file.rows(), all.data());
    return all;
}

std::vector<std::string> texts(const DataTable& file, const std::string& column) {
    const int at = file.find(column);
    const std::vector<int64_t> offsets = file.offsets(at);
    std::string bytes(size_t(file.elements(at)), ' ');
    file.read_values(at, 0, file.elements(at), bytes.data());
    std::vector<std::string> all;
    for (size_t r = 0; r + 1 < offsets.size(); ++r)
        all.push_back(bytes.substr(size_t(offsets[r]), size_t(offsets[r + 1] - offsets[r])));
    return all;
}

const ColumnInfo& column(const DataTable& file, const std::string& name) {
    return file.columns().at(size_t(file.find(name)));
}

} // namespace

TEST(Formats, AModelOf1_0IsRead) {
    const Checkpoint c = load_checkpoint(ds::testing::data_path("format-1.0-model.h5"));
    EXPECT_EQ(c.version_major, 1);
    EXPECT_EQ(c.graph_text, small_checkpoint().graph_text);
    EXPECT_EQ(c.labels, small_checkpoint().labels);
    EXPECT_EQ(c.history, small_checkpoint().history);
    for (const TensorRecord& r : small_checkpoint().parameters)
        EXPECT_TRUE(same(c.parameter(r.name)->tensor, r.tensor));
    EXPECT_EQ(model_digest(c), model_digest(small_checkpoint()));
}

// A click model after four steps of AdamW with EMA weights: its graph's text is that of the first ops and attributes.
TEST(Formats, ATrainedModelOf1_0IsAModel) {
    const Model model = load_model(ds::testing::data_path("format-1.0-trained.h5"));
    EXPECT_EQ(model.task, "binary");
    EXPECT_EQ(model.graph.name, "two-input");
    EXPECT_EQ(model.graph.slots.size(), 8u);
    EXPECT_EQ(model.extra.size(), 24u); // two moments and an average each
    EXPECT_EQ(model.state->at("hidden1.weight").shape(), (Dims{3, 7}));
    EXPECT_EQ(model.state->at("ema/score.bias").shape(), Dims{1});
    EXPECT_FALSE(model.run_state_json.empty());
}

TEST(Formats, DataOf1_0IsRead) {
    const DataFileReader reader(ds::testing::data_path("format-1.0-data.h5"));
    EXPECT_EQ(reader.rows(), 3);
    EXPECT_EQ(reader.columns()[size_t(reader.find("label"))].labels, (std::vector<std::string>{"cat", "dog"}));
    EXPECT_EQ(reader.offsets(reader.find("words")), (std::vector<int64_t>{0, 2, 2, 5}));
    EXPECT_EQ(reader.split("train"), (std::vector<int64_t>{0, 2}));
    std::vector<uint8_t> image(4);
    reader.read(reader.find("image"), 1, 1, image.data());
    EXPECT_EQ(image, (std::vector<uint8_t>{4, 5, 6, 7}));
}

// Of this table, NA and empty cells missing, by `ds-data import csv` and `ds-data split --by part`:
//     name,part,w,street,area,built,district,kind,price
//     a1,train,1,Elm,80,1990-05-01,Hill,flat,347.5
//     b2,train,0.5,Oak,,2001-02-28,Park,house,225.25
//     "c,3",val,2,Elm,30.25,1970-01-01,Hill,flat,100
//     d4,train,0,Oak,120,,Hill,house,512
//     é5,train,1.5,Elm,-5,1969-12-31,Park,flat,90.125
//     f6,val,1,Oak,NA,2024-02-29,Quay,house,64
TEST(Formats, DataOf1_1IsRead) {
    const DataFileReader file(ds::testing::data_path("format-1.1-data.h5"));
    file.verify();
    EXPECT_EQ(file.rows(), 6);
    EXPECT_THAT(texts(file, "name"), ElementsAre("a1", "b2", "c,3", "d4",
                                                 "\xc3\xa9"
                                                 "5",
                                                 "f6"));
    EXPECT_THAT(texts(file, "street"), ElementsAre("Elm", "Oak", "Elm", "Oak", "Elm", "Oak"));
    EXPECT_THAT(whole_column<float>(file, "w"), ElementsAre(1, 0.5F, 2, 0, 1.5F, 1));
    const auto nan = NanSensitiveFloatEq(std::nanf(""));
    EXPECT_THAT(whole_column<float>(file, "area"), ElementsAre(80, nan, 30.25F, 120, -5, nan));
    EXPECT_THAT(whole_column<float>(file, "built"), ElementsAre(7425, 11381, 0, nan, -1, 19782));
    EXPECT_THAT(whole_column<int32_t>(file, "district"), ElementsAre(0, 1, 0, 0, 1, 2));
    EXPECT_THAT(whole_column<int32_t>(file, "kind"), ElementsAre(0, 1, 0, 1, 0, 1));
    EXPECT_THAT(whole_column<float>(file, "price"), ElementsAre(347.5F, 225.25F, 100, 512, 90.125F, 64));
    EXPECT_THAT(column(file, "district").labels, ElementsAre("Hill", "Park", "Quay"));
    EXPECT_THAT(column(file, "kind").labels, ElementsAre("flat", "house"));
    std::string kinds;
    for (const ColumnInfo& one : file.columns()) kinds += one.kind + " ";
    EXPECT_EQ(kinds, "id split weight group number number category target target ");
    EXPECT_EQ(column(file, "built").attributes.at("parse"), "date");
    EXPECT_EQ(file.split("train"), (std::vector<int64_t>{0, 1, 3, 4}));
    EXPECT_EQ(file.split("val"), (std::vector<int64_t>{2, 5}));
    EXPECT_EQ(file.history().size(), 2u);
}

// What the training rows say: areas 80, 120 and -5, and no Quay.
TEST(Formats, WhatDataOf1_1SayOfTheirRowsIsRead) {
    const DataSource source(ds::testing::data_path("format-1.1-data.h5:train"));
    EXPECT_EQ(source.statistics_split(), "train");
    const Preprocessing how = source.preprocessing();
    EXPECT_THAT(how.columns.at("area").mean, ElementsAre(65.0));
    EXPECT_THAT(how.columns.at("area").std, ElementsAre(DoubleEq(std::sqrt(8150.0 / 3))));
    EXPECT_THAT(how.columns.at("district").categories, ElementsAre("Hill", "Park"));
    EXPECT_THAT(how.columns.at("area").missing_words, ElementsAre("NA", ""));
}

// Three PNG files of 4x2, 2x2 and 4x4, kept as they are and shown fitted into 2x2 over #102030: means of the pixels
// that each new one covers, halves rounded up.
TEST(Formats, PicturesOf1_1AreRead) {
    const DataSource source(ds::testing::data_path("format-1.1-pictures.h5"));
    EXPECT_EQ(column(source.stored(), "image").kind, "encoded");
    const std::vector<uint8_t> expected{40, 100, 16,  16, 50, 50,  32,  32, 60, 50,  48,  48, //
                                        0,  255, 128, 7,  0,  255, 128, 7,  0,  255, 128, 7,  //
                                        3,  5,   11,  13, 3,  5,   11,  13, 3,  5,   11,  13};
    EXPECT_EQ(whole_column<uint8_t>(source.file(), "image"), expected);
    EXPECT_THAT(texts(source.file(), "file"), ElementsAre("cat/a.png", "dog/b.png", "dog/c.png"));
    EXPECT_THAT(whole_column<int32_t>(source.file(), "label"), ElementsAre(0, 1, 1));
    EXPECT_EQ(source.labels(), (std::vector<std::string>{"cat", "dog"}));
}

// The signing key is that of the first test of RFC 8032.
TEST(Formats, ASignedModelOf1_1IsRead) {
    const Checkpoint c = load_checkpoint(ds::testing::data_path("format-1.1-model.h5"));
    EXPECT_EQ(c.version_minor, 1);
    EXPECT_EQ(to_hex(content_digest(c)), c.content);
    const std::vector<Signed> by = signatures_of(c);
    ASSERT_EQ(by.size(), 1u);
    EXPECT_TRUE(by[0].holds);
    EXPECT_EQ(to_hex(by[0].key), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const Model model = to_model(c, "format-1.1-model.h5");
    EXPECT_EQ(model.task, "kind:binary:1,price:regression:1");
    EXPECT_EQ(model.measured.weights, "trained");
    EXPECT_EQ(model.measured.step, 20);
    EXPECT_FALSE(model.run_state_json.empty());
    EXPECT_EQ(model.history.size(), 4u);
    const auto numbers = [&](const std::string& slot) {
        const Tensor& t = model.state->at(slot);
        return std::vector<float>(t.as<float>(), t.as<float>() + t.size());
    };
    EXPECT_THAT(numbers("direct.bias"), ElementsAre(-0.16212903F, -0.2610195F));
    EXPECT_THAT(numbers("block0.norm.scale"), ElementsAre(0.983654F, 1.0110228F, 0.97782964F, 0.99362534F));
    EXPECT_THAT(numbers("loss.price.mean"), ElementsAre(293.71875F)); // of 347.5, 225.25, 512 and 90.125
}

// Computed with NumPy in float64 from what h5py reads of the two files.
TEST(Formats, AModelOf1_1PredictsWhatItDid) {
    PredictRequest request;
    request.inputs = {ds::testing::data_path("format-1.1-data.h5")};
    Predictions all;
    predict(load_model(ds::testing::data_path("format-1.1-model.h5")), request,
            [&](const Predictions& some) { all.append(some); });
    const std::vector<double> expected{-1.49363790, 321.292168, -0.168849626, 238.858760, -1.82112539, 215.899370,
                                       -1.36072428, 435.526090, -1.55581321,  97.8559816, 0.494191894, 423.074885};
    ASSERT_EQ(all.outputs.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(all.outputs[i], expected[i], 1e-5 * std::abs(expected[i])) << i;
    EXPECT_THAT(all.sources, ElementsAre("a1", "b2", "c,3", "d4",
                                         "\xc3\xa9"
                                         "5",
                                         "f6"));
}

} // namespace ds::test
