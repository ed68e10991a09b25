// Files of every format version that was ever written are read: small ones are kept in tests/data.
#include "io/checkpoint/model.h"
#include "io/data_file/data_file.h"
#include "tests/unit/io/fixture.h"
#include "unit/files.h"

namespace ds::test {

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

} // namespace ds::test
