// Batches: what the thread prepares is what order, binding and augmentation say of each sample alone.
#include "data/batch/batcher.h"

#include <unistd.h>

#include <fstream>
#include <numeric>
#include <set>

#include "data/batch/order.h"
#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;

constexpr int64_t rows = 11;

Graph two_inputs() {
    return parse_graph(R"(graph "two" {
  input image: f32[N,1,2,3]
  input age: f64[N]
  input label: i32[N] role=target
  output image = image
  output age = age
  output label = label
})",
                       "test");
}

Graph tokens() {
    return parse_graph("graph \"text\" {\n  input tokens: i32[N,T]\n  input targets: i32[N,T] role=target\n"
                       "  output a = tokens\n  output b = targets\n}\n",
                       "test");
}

class Batches : public ::testing::Test {
protected:
    Batches() {
        DataFileWriter writer(folder_ / "d.h5");
        std::vector<uint8_t> image(rows * 6);
        std::iota(image.begin(), image.end(), uint8_t{0});
        std::vector<float> age;
        std::vector<int32_t> label;
        for (int i = 0; i < rows; ++i) age.push_back(float(i) / 2), label.push_back(i % 3);
        add(writer, {"image", DType::u8, {1, 2, 3}, false, "image", {}, {}}, image);
        add(writer, {"age", DType::f32, {}, false, "number", {}, {}}, age);
        add(writer, {"label", DType::i32, {}, false, "target", {"a", "b", "c"}, {}}, label);
        writer.set_split("odd", std::vector<int64_t>{1, 3, 5, 7, 9});
        writer.set_meta(R"({"statistics":{"image":{"mean":[0.25],"std":[0.5]}}})");
        writer.commit();
    }
    std::shared_ptr<DataSource> source(const std::string& split = "") {
        return std::make_shared<DataSource>(folder_ / "d.h5" + split);
    }
    static std::vector<InputBinding> bind(const DataSource& data, const std::vector<std::string>& labels = {}) {
        return bind_inputs(two_inputs(), data, data.preprocessing(), labels, {}, true);
    }
    test::Folder folder_;
};

float pixel(int64_t row, int64_t i) { return (float(row * 6 + i) / 255 - 0.25f) / 0.5f; }

// One thread ahead of a consumer that is sometimes slow, against each row by itself.
TEST_F(Batches, PrefetchGivesWhatEachSampleIsAlone) {
    const auto data = source();
    BatchOptions options;
    options.batch = 4;
    options.seed = 9;
    options.epochs = 3;
    options.augmentation.flip = true, options.augmentation.crop = options.augmentation.cutout = 1;
    options.augmentation.rotate = 20, options.augmentation.color_jitter = 0.3, options.augmentation.randaugment = 1;
    Batcher batcher(data, bind(*data), options);
    EXPECT_EQ(batcher.batches_per_epoch(), 3);
    std::vector<float> work;
    const std::vector<double> mean{0.25}, deviation{0.5};
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
        const Permutation order(rows, 9, epoch);
        for (int64_t at = 0; at < rows; at += 4) {
            const Batch* batch = batcher.next();
            ASSERT_TRUE(batch);
            if (at == 4) usleep(2000);
            ASSERT_EQ(batch->size, at == 8 ? 3 : 4);
            EXPECT_EQ(batch->last_of_epoch, at == 8);
            EXPECT_EQ(batch->next, (at == 8 ? Cursor{epoch + 1, 0} : Cursor{epoch, at + 4}));
            for (int64_t i = 0; i < batch->size; ++i) {
                const int64_t row = order(at + i);
                ASSERT_EQ(batch->sample[size_t(i)], row);
                EXPECT_EQ(batch->inputs.at("age").as<double>()[i], double(row) / 2);
                EXPECT_EQ(batch->inputs.at("label").as<int32_t>()[i], row % 3);
                std::vector<float> image;
                for (int64_t p = 0; p < 6; ++p) image.push_back(pixel(row, p));
                augment(image, {1, 2, 3, mean, deviation}, options.augmentation, 9, epoch, row, work);
                for (size_t p = 0; p < 6; ++p)
                    EXPECT_NEAR(batch->inputs.at("image").as<float>()[i * 6 + int64_t(p)], image[p], 1e-6);
            }
        }
    }
    EXPECT_EQ(batcher.next(), nullptr);
    EXPECT_EQ(batcher.next(), nullptr);
}

// What a sample becomes depends neither on its batch nor on how many threads share it.
TEST_F(Batches, SamplesAreTheSameInEveryBatchAndOnAnyNumberOfThreads) {
    const auto data = source();
    std::vector<std::map<int64_t, std::vector<float>>> seen;
    for (const auto& [batch_size, workers] : {std::pair<int64_t, int>{4, 1}, {4, 3}, {11, 2}, {1, 5}}) {
        BatchOptions options;
        options.batch = batch_size;
        options.workers = workers;
        options.seed = 9;
        options.epochs = 1;
        options.augmentation.crop = 1, options.augmentation.resized_crop = 0.3, options.augmentation.erase = 0.5;
        options.augmentation.randaugment = 2;
        Batcher batcher(data, bind(*data), options);
        auto& images = seen.emplace_back();
        while (const Batch* batch = batcher.next())
            for (int64_t i = 0; i < batch->size; ++i) {
                const float* image = batch->inputs.at("image").as<float>() + i * 6;
                images[batch->sample[size_t(i)]].assign(image, image + 6);
            }
        EXPECT_EQ(images.size(), size_t(rows));
        EXPECT_EQ(images, seen[0]);
    }
}

TEST_F(Batches, PrefetchStopsWhenNobodyTakesMore) {
    const auto data = source();
    for (int taken = 0; taken < 6; ++taken) {
        BatchOptions options;
        options.batch = 2;
        Batcher batcher(data, bind(*data), options);
        for (int i = 0; i < taken; ++i) ASSERT_TRUE(batcher.next());
    }
}

TEST_F(Batches, StartAtAnyCursor) {
    const auto data = source();
    BatchOptions options;
    options.batch = 3;
    options.epochs = 2;
    Batcher all(data, bind(*data), options);
    while (const Batch* whole = all.next()) {
        if (whole->next.epoch == 2) break;
        options.start = whole->next;
        Batcher from(data, bind(*data), options);
        const Batch* first = from.next();
        Batcher again(data, bind(*data), options);
        EXPECT_EQ(first->sample, again.next()->sample);
        const Permutation order(rows, 0, options.start.epoch);
        EXPECT_EQ(first->sample[0], order(options.start.position));
    }
}

TEST_F(Batches, ABatchLargerThanTheDataIsTheData) {
    const auto data = source();
    BatchOptions options;
    options.batch = 1000;
    options.shuffle = false;
    Batcher batcher(data, bind(*data), options);
    const Batch* batch = batcher.next();
    EXPECT_EQ(batch->size, rows);
    EXPECT_TRUE(batch->last_of_epoch);
    EXPECT_EQ(batch->inputs.at("age").shape(), (Dims{rows}));
}

TEST_F(Batches, ASplitIsItsRows) {
    const auto data = source(":odd");
    BatchOptions options;
    options.batch = 2;
    options.shuffle = false;
    options.epochs = 1;
    Batcher batcher(data, bind(*data), options);
    std::vector<double> ages;
    while (const Batch* batch = batcher.next())
        for (int64_t i = 0; i < batch->size; ++i) ages.push_back(batch->inputs.at("age").as<double>()[i]);
    EXPECT_EQ(ages, (std::vector<double>{0.5, 1.5, 2.5, 3.5, 4.5}));
}

TEST_F(Batches, ClassesAreMatchedByName) {
    const auto data = source();
    BatchOptions options;
    options.batch = rows;
    options.shuffle = false;
    Batcher batcher(data, bind(*data, {"c", "a", "b"}), options);
    const auto* label = batcher.next()->inputs.at("label").as<int32_t>();
    EXPECT_EQ(std::vector<int32_t>(label, label + 4), (std::vector<int32_t>{1, 2, 0, 1}));
    expect_says(error_of(Exit::data, [&] { bind(*data, {"c", "a"}); }), "does not know 'b' of column 'label'");
}

TEST_F(Batches, ErrorsNameColumnAndInput) {
    const auto data = source();
    const auto bind_one = [&](const std::string& input) {
        const Graph graph = parse_graph(
            "graph \"g\" {\n  input " + input + "\n  output o = " + input.substr(0, input.find(':')) + "\n}\n", "test");
        return error_of(Exit::data, [&] { bind_inputs(graph, *data, {}, {}, {}, true); });
    };
    const std::string shape = bind_one("image: f32[N,1,4,4]");
    expect_says(shape, "column 'image' has rows of shape [1,2,3]");
    expect_says(shape, "[1,4,4]");
    const std::string none = bind_one("weight: f32[N,9]");
    expect_says(none, "no column for the model's input 'weight'");
    expect_says(none, "age (number f32");
    const Graph by_shape =
        parse_graph("graph \"g\" {\n  input picture: f32[N,1,2,3]\n  output o = picture\n}\n", "test");
    EXPECT_EQ(bind_inputs(by_shape, *data, {}, {}, {}, true)[0].column, 0);
}

/// 40 letters in three rows, one of them empty.
class TextBatches : public ::testing::Test {
protected:
    TextBatches() {
        for (int i = 0; i < 40; ++i) text_.push_back(uint8_t('a' + i));
        DataFileWriter writer(folder_ / "t.h5");
        const int64_t lengths[] = {7, 0, 33};
        writer.append_ragged(writer.add_column({"tokens", DType::u8, {}, true, "text", {}, {}}),
                             std::as_bytes(std::span(text_)), lengths);
        writer.set_meta("{}");
        writer.commit();
        data_ = std::make_shared<DataSource>(folder_ / "t.h5");
    }
    std::vector<InputBinding> bind(int64_t length) {
        return bind_inputs(tokens(), *data_, {}, {}, {{"T", length}}, true);
    }
    test::Folder folder_;
    std::vector<uint8_t> text_;
    std::shared_ptr<DataSource> data_;
};

// Windows span rows, so a column with a value for each row has none for a window.
TEST_F(TextBatches, AColumnBesideTheTextIsRefused) {
    DataFileWriter writer(folder_ / "both.h5");
    const int64_t lengths[] = {20, 20};
    writer.append_ragged(writer.add_column({"tokens", DType::u8, {}, true, "text", {}, {}}),
                         std::as_bytes(std::span(text_)), lengths);
    add(writer, {"age", DType::f32, {}, false, "number", {}, {}}, std::vector<float>{1, 2});
    writer.set_meta("{}");
    writer.commit();
    const auto both = std::make_shared<DataSource>(folder_ / "both.h5");
    const Graph graph = parse_graph("graph \"g\" {\n  input tokens: i32[N,T]\n  input age: f32[N]\n"
                                    "  output a = tokens\n  output b = age\n}\n",
                                    "test");
    const auto batcher = [&] { Batcher(both, bind_inputs(graph, *both, {}, {}, {{"T", 4}}, true), {}); };
    expect_says(error_of(Exit::data, batcher), "column 'age' has a value for each row");
}

TEST_F(TextBatches, WindowsFollowOneAnotherAndTargetsAreTheNextByte) {
    BatchOptions options;
    options.batch = 4;
    options.shuffle = false;
    options.epochs = 1;
    Batcher batcher(data_, bind(6), options);
    ASSERT_EQ(batcher.samples_per_epoch(), 6); // 6 x 6 + 1 of 40
    int64_t at = 0;
    while (const Batch* batch = batcher.next())
        for (int64_t i = 0; i < batch->size * 6; ++i, ++at) {
            ASSERT_EQ(batch->inputs.at("tokens").as<int32_t>()[i], text_[size_t(at)]);
            ASSERT_EQ(batch->inputs.at("targets").as<int32_t>()[i], text_[size_t(at) + 1]);
        }
    EXPECT_EQ(at, 36);
}

TEST_F(TextBatches, AnEpochHasAPhaseOfItsOwn) {
    BatchOptions options;
    options.batch = 6;
    options.epochs = 30;
    Batcher batcher(data_, bind(6), options);
    std::vector<int> phases(6);
    while (const Batch* batch = batcher.next()) {
        std::vector<bool> seen(40);
        const int32_t phase = (batch->inputs.at("tokens").as<int32_t>()[0] - 'a') % 6;
        ++phases[size_t(phase)];
        for (int64_t i = 0; i < 36; ++i) {
            const size_t at = size_t(batch->inputs.at("tokens").as<int32_t>()[i] - 'a');
            ASSERT_FALSE(seen[at]); // no byte stands in two windows
            seen[at] = true;
            ASSERT_EQ(batch->inputs.at("targets").as<int32_t>()[i], 'a' + int(at) + 1);
        }
    }
    for (size_t p = 0; p < 4; ++p) EXPECT_GT(phases[p], 0); // 40 - 1 - 36 = 3 bytes are left over
    EXPECT_EQ(phases[4] + phases[5], 0);
}

TEST_F(TextBatches, TooLittleTextIsAnError) {
    expect_says(error_of(Exit::data, [&] { Batcher(data_, bind(40), {}); }),
                "40 tokens of text are too few for one window of 40");
}

#if defined(__has_feature)
#define DS_HAS_FEATURE(x) __has_feature(x)
#else
#define DS_HAS_FEATURE(x) 0
#endif
// Sanitizers keep what was freed, and shadows of all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || DS_HAS_FEATURE(address_sanitizer)
constexpr bool memory_is_plain = false;
#else
constexpr bool memory_is_plain = true;
#endif

int64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    int64_t pages = 0, resident = 0;
    file >> pages >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

// Ninety-six MiB of images, of which a batch takes one.
TEST(LargeData, BatchesDoNotLoadTheFile) {
    const test::Folder folder;
    constexpr int64_t item = 1 << 17, count = 768;
    {
        DataFileWriter writer(folder / "large.h5");
        const int column = writer.add_column({"x", DType::u8, {item}, false, "number", {}, {}});
        std::vector<uint8_t> row(item);
        for (int64_t i = 0; i < count; ++i) {
            std::fill(row.begin(), row.end(), uint8_t(i));
            writer.append(column, std::as_bytes(std::span(row)));
        }
        writer.set_meta("{}");
        writer.commit();
    }
    const Graph graph = parse_graph("graph \"g\" {\n  input x: f32[N,131072]\n  output o = x\n}\n", "test");
    const int64_t before = resident_bytes();
    const auto data = std::make_shared<DataSource>(folder / "large.h5");
    BatchOptions options;
    options.batch = 4;
    options.epochs = 1;
    Batcher batcher(data, bind_inputs(graph, *data, {}, {}, {}, true), options);
    int64_t samples = 0, sum = 0;
    while (const Batch* batch = batcher.next())
        for (int64_t i = 0; i < batch->size; ++i, ++samples)
            sum += int64_t(batch->inputs.at("x").as<float>()[i * item]);
    EXPECT_EQ(samples, count);
    EXPECT_EQ(sum, 3 * 255 * 128);
    if (memory_is_plain) {
        EXPECT_LT(resident_bytes() - before, int64_t{32} << 20);
    }
}

/// All samples of an epoch from a place on, and a sum of what their inputs hold.
std::pair<std::vector<int64_t>, double> samples_from(const std::shared_ptr<const DataSource>& data,
                                                     const std::vector<InputBinding>& bindings, BatchOptions options,
                                                     Cursor start) {
    options.start = start, options.epochs = start.epoch + 1;
    Batcher batcher(data, bindings, options);
    std::pair<std::vector<int64_t>, double> all;
    while (const Batch* batch = batcher.next()) {
        all.first.insert(all.first.end(), batch->sample.begin(), batch->sample.end());
        for (int64_t i = 0; i < batch->size; ++i) all.second += double(i + 1) * batch->inputs.at("age").as<double>()[i];
    }
    return all;
}

// 4096 samples of 1 KiB: four chunks of 1 MiB, two in a window.
TEST_F(Batches, AWindowIsResumedAnywhereAndMixesItsChunks) {
    DataFileWriter writer(folder_ / "w.h5");
    std::vector<float> age;
    for (int i = 0; i < 4096; ++i) age.push_back(float(i));
    add(writer, {"image", DType::u8, {1, 32, 32}, false, "image", {}, {}}, std::vector<uint8_t>(4096 * 1024));
    add(writer, {"age", DType::f32, {}, false, "number", {}, {}}, age);
    writer.set_meta("{}");
    writer.commit();
    const Graph graph = parse_graph("graph \"g\" {\n  input image: f32[N,1,32,32]\n  input age: f64[N]\n"
                                    "  output a = image\n  output b = age\n}\n",
                                    "test");
    const auto data = std::make_shared<DataSource>(folder_ / "w.h5");
    const auto bindings = bind_inputs(graph, *data, {}, {}, {}, false);
    EXPECT_EQ(stored_bytes(*data, bindings), 1028);
    EXPECT_EQ(window_sizes(*data, bindings, 2 << 20).chunk, 1020);
    EXPECT_EQ(window_sizes(*data, bindings, 2 << 20).window, 2);
    BatchOptions options;
    options.batch = 100, options.seed = 3, options.window = 2 << 20;
    const auto whole = samples_from(data, bindings, options, {0, 0});
    ASSERT_EQ(whole.first.size(), 4096u);
    EXPECT_EQ(std::set<int64_t>(whole.first.begin(), whole.first.end()).size(), 4096u);
    std::set<int64_t> chunks;
    for (int i = 0; i < 1036; ++i) chunks.insert(whole.first[size_t(i)] / 1020);
    EXPECT_EQ(chunks.size(), 2u); // the last chunk has 16 samples, so a window may have no more than these
    for (const int64_t at : {100, 2000, 2100, 4000}) {
        const auto rest = samples_from(data, bindings, options, {0, at});
        EXPECT_EQ(rest.first, std::vector<int64_t>(whole.first.begin() + at, whole.first.end())) << at;
    }
    options.window = 0;
    EXPECT_NE(samples_from(data, bindings, options, {0, 0}).first, whole.first);
}

TEST_F(Batches, TextsAreMixedInWindowsToo) {
    DataFileWriter writer(folder_ / "t.h5");
    const int column = writer.add_column({"text", DType::u8, {}, true, "text", {}, {}});
    for (const int64_t length : {5, 0, 40, 300}) {
        const std::vector<std::byte> text(static_cast<size_t>(length));
        writer.append_ragged(column, text, std::span(&length, 1));
    }
    writer.set_meta("{}");
    writer.commit();
    const auto data = std::make_shared<DataSource>(folder_ / "t.h5");
    BatchOptions options;
    options.batch = 7, options.window = 1, options.epochs = 2;
    Batcher batcher(data, bind_inputs(tokens(), *data, {}, {}, {{"T", 8}}, true), options);
    std::multiset<int64_t> seen;
    while (const Batch* batch = batcher.next()) seen.insert(batch->sample.begin(), batch->sample.end());
    ASSERT_EQ(seen.size(), 2u * 43);
    for (int64_t s = 0; s < 43; ++s) EXPECT_EQ(seen.count(s), 2u);
}

// They would pass through as they are, without a word.
TEST_F(Batches, ImagesThatAreNotFloatsAreNotVaried) {
    const auto data = source();
    const Graph graph = parse_graph("graph \"g\" {\n  input image: f64[N,1,2,3]\n  output a = image\n}\n", "test");
    const auto bindings = bind_inputs(graph, *data, data->preprocessing(), {}, {}, false);
    BatchOptions options;
    options.batch = 4, options.epochs = 1;
    EXPECT_NE(Batcher(data, bindings, options).next(), nullptr);
    options.augmentation.flip = true;
    const std::string message = error_of(Exit::usage, [&] { Batcher(data, bindings, options); });
    expect_says(message, "images [C,H,W] of f32; the input 'image' is f64[1,2,3]");
}

} // namespace
} // namespace ds
