#include "io/checkpoint/checkpoint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "tests/unit/io/fixture.h"

namespace ds::test {

TEST(Checkpoint, ComesBackAsItWas) {
    const Folder folder;
    Checkpoint c = small_checkpoint();
    c.parameters[0].attributes["follows"] = "axis 0";
    c.attributes["objective"] = "cross_entropy";
    const Digest digest = save_checkpoint(c, folder / "m.h5");
    const Checkpoint back = load_checkpoint(folder / "m.h5");
    EXPECT_EQ(back.graph_text, c.graph_text);
    EXPECT_EQ(back.labels, c.labels);
    EXPECT_EQ(back.preprocessing_json, c.preprocessing_json);
    EXPECT_EQ(back.tokenizer_json, "");
    EXPECT_EQ(back.run_state_json, c.run_state_json);
    EXPECT_EQ(back.history, c.history);
    EXPECT_EQ(back.attributes, c.attributes);
    EXPECT_EQ(back.file_digest, digest);
    ASSERT_EQ(back.parameters.size(), 2u);
    ASSERT_EQ(back.state.size(), 2u);
    for (const TensorRecord& r : c.parameters) {
        ASSERT_NE(back.parameter(r.name), nullptr) << r.name;
        EXPECT_TRUE(same(back.parameter(r.name)->tensor, r.tensor)) << r.name;
        EXPECT_EQ(back.parameter(r.name)->attributes, r.attributes);
        EXPECT_EQ(back.parameter(r.name)->digest, tree_digest(r.tensor.bytes_span()));
    }
    EXPECT_EQ(std::count_if(back.state.begin(), back.state.end(), [](const auto& r) { return r.name == "step"; }), 1);
    EXPECT_EQ(back.parameter("no"), nullptr);
    EXPECT_EQ(model_digest(back), model_digest(c));
}

TEST(Checkpoint, KeepsEveryElementTypeAndRank) {
    const Folder folder;
    Checkpoint c;
    const DType all[] = {DType::f64, DType::f32, DType::bf16, DType::f16,    DType::i64,
                         DType::i32, DType::i8,  DType::u8,   DType::boolean};
    for (const DType dtype : all) {
        Tensor t(dtype, {3, 5});
        for (size_t i = 0; i < t.byte_size(); ++i) t.data()[i] = std::byte(dtype == DType::boolean ? i % 2 : i * 7);
        c.parameters.push_back(record(std::string("of_") + std::string(name(dtype)), t));
    }
    c.parameters.push_back(record("scalar", Tensor(DType::f32, {})));
    c.parameters.push_back(record("empty", Tensor(DType::f32, {0, 4})));
    c.parameters.push_back(record("deep", ramp({1, 2, 1, 2, 1, 2, 1, 2})));
    save_checkpoint(c, folder / "m.h5");
    const Checkpoint back = load_checkpoint(folder / "m.h5");
    ASSERT_EQ(back.parameters.size(), c.parameters.size());
    for (const TensorRecord& r : c.parameters) EXPECT_TRUE(same(back.parameter(r.name)->tensor, r.tensor)) << r.name;
}

TEST(Checkpoint, NothingAtAllComesBackToo) {
    const Folder folder;
    save_checkpoint(Checkpoint(), folder / "m.h5");
    const Checkpoint back = load_checkpoint(folder / "m.h5");
    EXPECT_TRUE(back.parameters.empty() && back.state.empty() && back.graph_text.empty() && back.history.empty());
}

TEST(Checkpoint, EqualContentsGiveEqualBytes) {
    const Folder folder;
    Checkpoint c = small_checkpoint();
    save_checkpoint(c, folder / "a.h5");
    std::swap(c.parameters[0], c.parameters[1]); // the order in memory does not matter
    sleep(1);                                    // nor does the clock
    save_checkpoint(c, folder / "b.h5");
    EXPECT_EQ(slurp(folder / "a.h5"), slurp(folder / "b.h5"));
}

TEST(Checkpoint, DottedNamesKeepTheirSpelling) {
    const Folder folder;
    Checkpoint c;
    c.parameters = {record("block.0.weight", ramp({2})), record("block/1/weight", ramp({3}))};
    save_checkpoint(c, folder / "m.h5");
    const Checkpoint back = load_checkpoint(folder / "m.h5");
    EXPECT_NE(back.parameter("block.0.weight"), nullptr);
    EXPECT_NE(back.parameter("block/1/weight"), nullptr);
}

TEST(Checkpoint, NamesThatCannotBeStoredAreRefused) {
    const Folder folder;
    for (const auto& names :
         std::vector<std::vector<std::string>>{{""}, {"a//b"}, {"a/"}, {"a..b"}, {"a.b", "a/b"}, {"a", "a/b"}}) {
        Checkpoint c;
        for (const std::string& name : names) c.parameters.push_back(record(name, ramp({1})));
        error_of(Exit::data, [&] { save_checkpoint(c, folder / "m.h5"); });
        EXPECT_FALSE(std::filesystem::exists(folder / "m.h5")) << names[0];
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "a temporary was left";
}

TEST(Checkpoint, ATextWithANulByteIsRefused) {
    const Folder folder;
    Checkpoint c;
    c.graph_text = std::string("a\0b", 3);
    error_of(Exit::data, [&] { save_checkpoint(c, folder / "m.h5"); });
    c.graph_text.clear();
    c.labels = {std::string("\0", 1)};
    error_of(Exit::data, [&] { save_checkpoint(c, folder / "m.h5"); });
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Checkpoint, ManyTensorsAndALongGraph) {
    const Folder folder;
    Checkpoint c;
    c.graph_text.assign(1 << 20, 'g');
    for (int i = 0; i < 2000; ++i) c.parameters.push_back(record(fmt::format("layer{}/w", i), ramp({i % 7 + 1})));
    for (int i = 0; i < 300; ++i) c.history.push_back(std::string(1000, 'h'));
    save_checkpoint(c, folder / "m.h5");
    const Checkpoint back = load_checkpoint(folder / "m.h5");
    EXPECT_EQ(back.parameters.size(), 2000u);
    EXPECT_EQ(back.graph_text, c.graph_text);
    EXPECT_EQ(back.history, c.history);
    EXPECT_TRUE(same(back.parameter("layer1999/w")->tensor, c.parameters[1999].tensor));
}

TEST(Checkpoint, ALongHistoryStaysInOrder) {
    const Folder folder;
    Checkpoint c;
    for (int i = 0; i < 10003; ++i) c.history.push_back(std::to_string(i));
    save_checkpoint(c, folder / "m.h5");
    EXPECT_EQ(load_checkpoint(folder / "m.h5").history, c.history);
}

TEST(Checkpoint, SummaryNeedsNoPayload) {
    const Folder folder;
    Checkpoint c;
    c.parameters = {record("big", ramp({1 << 20, 2})), record("small", ramp({3}))}; // 8 MiB
    save_checkpoint(c, folder / "m.h5");
    std::string bytes = slurp(folder / "m.h5");
    bytes[4096 + 5000000] = char(bytes[4096 + 5000000] ^ 1);
    spill(folder / "m.h5", bytes);
    LoadOptions options;
    options.payload = false;
    options.verify = Verify::metadata;
    const Checkpoint back = load_checkpoint(folder / "m.h5", options);
    EXPECT_EQ(back.parameter("big")->shape, (Dims{1 << 20, 2}));
    EXPECT_TRUE(back.parameter("big")->tensor.empty());
    EXPECT_EQ(back.parameter("big")->digest, tree_digest(c.parameters[0].tensor.bytes_span()));
    options.verify = Verify::everything;
    const std::string message = error_of(Exit::data, [&] { load_checkpoint(folder / "m.h5", options); });
    EXPECT_NE(message.find("/parameters/big is damaged"), std::string::npos) << message;
}

TEST(Checkpoint, FifoAndPipeReadLikeAFile) {
    const Folder folder;
    save_checkpoint(small_checkpoint(), folder / "m.h5");
    const std::string bytes = slurp(folder / "m.h5");
    ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
    std::thread writer([&] { spill(folder / "fifo", bytes); });
    const Checkpoint back = load_checkpoint(folder / "fifo");
    writer.join();
    EXPECT_EQ(back.graph_text, small_checkpoint().graph_text);
    EXPECT_EQ(back.file_digest, load_checkpoint(folder / "m.h5").file_digest);
}

TEST(Checkpoint, DashWritesTheSameBytesToStdout) {
    const Folder folder;
    save_checkpoint(small_checkpoint(), folder / "m.h5");
    const int keep = dup(STDOUT_FILENO), to = open((folder / "out").c_str(), O_CREAT | O_WRONLY, 0600);
    dup2(to, STDOUT_FILENO);
    save_checkpoint(small_checkpoint(), "-");
    dup2(keep, STDOUT_FILENO);
    close(keep);
    close(to);
    EXPECT_EQ(slurp(folder / "out"), slurp(folder / "m.h5"));
}

TEST(Checkpoint, AnotherKindIsRefused) {
    const Folder folder;
    Checkpoint c = small_checkpoint();
    c.kind = "data";
    save_checkpoint(c, folder / "d.h5");
    const std::string message = error_of(Exit::data, [&] { load_checkpoint(folder / "d.h5"); });
    EXPECT_NE(message.find("a 'ds-tools data' file, not a model"), std::string::npos) << message;
}

TEST(Checkpoint, ANewerMajorVersionSaysWhatToDo) {
    const Folder folder;
    Checkpoint c = small_checkpoint();
    c.version_major = 2;
    save_checkpoint(c, folder / "m.h5");
    const std::string message = error_of(Exit::data, [&] { load_checkpoint(folder / "m.h5"); });
    EXPECT_NE(message.find("install a newer ds-tools"), std::string::npos) << message;
}

TEST(Checkpoint, InputDigestIsTheSealsOrThatOfTheBytes) {
    const Folder folder;
    const Digest digest = save_checkpoint(small_checkpoint(), folder / "m.h5");
    EXPECT_EQ(input_digest(folder / "m.h5"), digest);
    const std::string raw(3000000, 'x');
    spill(folder / "raw.bin", raw);
    EXPECT_EQ(input_digest(folder / "raw.bin"), tree_digest(std::as_bytes(std::span(raw))));
}

TEST(Checkpoint, OtherThingsAreRefusedInOneLine) {
    const Folder folder;
    spill(folder / "text", "hello\n");
    spill(folder / "empty", "");
    EXPECT_NE(error_of(Exit::data, [&] { load_checkpoint(folder / "text"); }).find("not a model"), std::string::npos);
    EXPECT_NE(error_of(Exit::data, [&] { load_checkpoint(folder / "empty"); }).find("empty"), std::string::npos);
    EXPECT_NE(error_of(Exit::data, [&] { load_checkpoint(folder.path().string()); }).find("directory"),
              std::string::npos);
    EXPECT_NE(error_of(Exit::data, [&] { load_checkpoint("/dev/null"); }).find("empty"), std::string::npos);
    EXPECT_NE(error_of(Exit::data, [&] { load_checkpoint("/dev/zero"); }).find("a device"), std::string::npos);
    error_of(Exit::no_input, [&] { load_checkpoint(folder / "missing"); });
}

} // namespace ds::test
