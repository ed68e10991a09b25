// Rows that are alike on a side: by names, categories and numbers, by several columns together; what is missing is like
// nothing, where it is all there is.
#include "data/batch/alike.h"

#include "data/batch/batcher.h"
#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;

class AlikeRows : public ::testing::Test {
protected:
    AlikeRows() {
        DataFileWriter writer(folder_ / "d.h5");
        add(writer, {"user", DType::i32, {}, false, "category", {"", "ann", "bob"}, {}},
            std::vector<int32_t>{1, 2, 1, 0, 0, 1});
        add(writer, {"age", DType::f32, {}, false, "number", {}, {}}, std::vector<float>{3, 4, 5, 3, 3, 3});
        add(writer, {"pixels", DType::f32, {2}, false, "number", {}, {}}, std::vector<float>(12));
        const int64_t large = int64_t{1} << 60; // a double takes it for its neighbours
        add(writer, {"key", DType::i64, {}, false, "number", {}, {}},
            std::vector<int64_t>{large, large + 1, large, large + 2, large + 1, large + 1});
        const int names = writer.add_column({"item", DType::u8, {}, true, "id", {}, {}});
        for (const char* each : {"x", "y", "x", "", "", "longer than what a string holds by itself"}) {
            const std::string name = each;
            const auto length = int64_t(name.size());
            writer.append_ragged(names, std::as_bytes(std::span(name)), std::span(&length, 1));
        }
        writer.set_meta("{}");
        writer.commit();
        data_ = std::make_shared<DataSource>(folder_ / "d.h5");
    }
    /// For each row the first one that it is like.
    std::vector<int> first_alike(const std::string& input, size_t side) {
        const Alike alike(*data_, input);
        std::vector<int> first;
        for (int64_t i = 0; i < 6; ++i)
            for (int64_t j = 0; j <= i; ++j)
                if (alike.numbers(i)[side] == alike.numbers(j)[side]) {
                    first.push_back(int(j));
                    break;
                }
        return first;
    }
    test::Folder folder_;
    std::shared_ptr<DataSource> data_;
};

TEST_F(AlikeRows, AreThoseOfOneName) {
    const std::string input = alike_input({"user"}, {"item"});
    EXPECT_EQ(input, "alike/user//item");
    EXPECT_EQ(first_alike(input, 0), (std::vector<int>{0, 1, 0, 3, 4, 0}));
    EXPECT_EQ(first_alike(input, 1), (std::vector<int>{0, 1, 0, 3, 4, 5}));
}

TEST_F(AlikeRows, OfSeveralColumnsAreAlikeInAll) {
    EXPECT_EQ(first_alike(alike_input({}, {"user", "age"}), 1), (std::vector<int>{0, 1, 2, 3, 3, 0}));
    EXPECT_EQ(first_alike(alike_input({}, {"age", "user"}), 1), (std::vector<int>{0, 1, 2, 3, 3, 0}));
    EXPECT_EQ(first_alike(alike_input({}, {"age"}), 0), (std::vector<int>{0, 1, 2, 3, 4, 5})) << "no columns: no two";
}

TEST_F(AlikeRows, IntegersAreAlikeToTheLastDigit) {
    EXPECT_EQ(first_alike(alike_input({"key"}, {"age"}), 0), (std::vector<int>{0, 1, 0, 3, 1, 1}));
}

TEST_F(AlikeRows, ColumnsThatAreNotThereOrHoldMoreAreRefusedByName) {
    const auto refused = [&](const std::string& input) { return error_of(Exit::data, [&] { Alike(*data_, input); }); };
    expect_says(refused("alike/user//nothing"), "there is no column 'nothing'");
    expect_says(refused("alike/pixels//item"), "'pixels' has arrays");
    expect_says(refused("alike/user"), "names no two sides");
}

TEST_F(AlikeRows, ComeInBatches) {
    const Graph graph = parse_graph("graph \"g\" {\n  input age: f32[N]\n  input \"alike/user//item\": i32[N,2] "
                                    "role=target\n  output y = age\n}\n",
                                    "test");
    BatchOptions options;
    options.batch = 4;
    options.epochs = 1;
    options.seed = 3;
    Batcher batcher(data_, bind_inputs(graph, *data_, {}, {}, {}, true), options);
    const Alike alike(*data_, "alike/user//item");
    while (const Batch* batch = batcher.next())
        for (int64_t i = 0; i < batch->size; ++i) {
            const auto* numbers = batch->inputs.at("alike/user//item").as<int32_t>() + 2 * i;
            EXPECT_EQ((std::array{numbers[0], numbers[1]}), alike.numbers(batch->sample[size_t(i)]));
        }
    EXPECT_EQ(bind_inputs(graph, *data_, {}, {}, {}, false).size(), 1U) << "predictions need none";
}

} // namespace
} // namespace ds
