// Files from elsewhere: refused in one clear line, sealed or not, without a crash, a hang or a look outside of the
// file. h5py writes them (hostile.py); without it these tests are skipped.
#include <algorithm>
#include <memory>
#include <random>

#include "io/seal/seal.h"
#include "tests/unit/io/fixture.h"
#include "unit/files.h"

namespace ds::test {

namespace {

class Hostile : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        folder_ = std::make_unique<Folder>();
        have_h5py_ = std::system("/usr/bin/python3 -c 'import h5py' 2>/dev/null") == 0;
        const std::string script =
            (std::filesystem::path(ds::testing::data_folder()).parent_path() / "unit/io/hostile.py").string();
        const std::string command = "/usr/bin/python3 '" + script + "' '" + folder_->path().string() + "'";
        if (have_h5py_) {
            ASSERT_EQ(std::system(command.c_str()), 0);
        }
    }
    static void TearDownTestSuite() { folder_.reset(); }
    void SetUp() override {
        if (!have_h5py_) GTEST_SKIP() << "no h5py";
    }

    std::vector<std::string> files(const std::string& prefix) const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder_->path()))
            if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path().string());
        std::sort(found.begin(), found.end());
        EXPECT_FALSE(found.empty());
        return found;
    }

    // A seal that fits: everything is metadata, and the table is empty.
    std::string seal_by_force(const std::string& path) const {
        std::string bytes = slurp(path);
        const std::string empty_table(8, '\0');
        bytes += empty_table;
        const auto all = std::as_bytes(std::span(bytes));
        seal::Block block;
        block.length = bytes.size();
        block.payload_end = seal::payload_begin;
        block.table_offset = bytes.size() - empty_table.size();
        block.table_length = 1;
        block.chunks_offset = bytes.size();
        block.metadata = seal::digest_of_metadata(all.subspan(seal::block_size, seal::payload_begin - seal::block_size),
                                                  all.subspan(seal::payload_begin));
        block.payload = seal::digest_of_payloads({});
        spill(path + ".sealed", seal::write_block(block) + bytes.substr(seal::block_size));
        return path + ".sealed";
    }

    static inline std::unique_ptr<Folder> folder_;
    static inline bool have_h5py_ = false;
};

LoadOptions unsealed() {
    LoadOptions options;
    options.allow_unsealed = true;
    return options;
}

} // namespace

TEST_F(Hostile, AnUnsealedFileIsRefusedUnlessAllowed) {
    for (const std::string& path : files("good-")) {
        const std::string message = error_of(Exit::data, [&] { load_checkpoint(path); });
        EXPECT_NE(message.find("ds-info --seal"), std::string::npos) << message;
    }
}

TEST_F(Hostile, GoodUnsealedFilesAreRead) {
    for (const std::string& path : files("good-")) {
        const Checkpoint c = load_checkpoint(path, unsealed());
        EXPECT_EQ(c.graph_text, "graph tiny") << path;
        EXPECT_EQ(c.labels, (std::vector<std::string>{"one", "two"}));
        ASSERT_NE(c.parameter("a"), nullptr);
        EXPECT_EQ(c.parameter("a")->tensor.as<float>()[5], 5.0f);
    }
    const Checkpoint types = load_checkpoint(*folder_ / "good-types.h5", unsealed());
    EXPECT_EQ(types.parameter("of_big_f4")->tensor.as<float>()[3], 3.0f);
    EXPECT_EQ(types.parameter("of_big_i8")->tensor.as<int64_t>()[4], 4);
    const Checkpoint packed = load_checkpoint(*folder_ / "good-packed.h5", unsealed());
    EXPECT_EQ(packed.parameter("packed")->tensor.as<float>()[9999], 1.0f);
}

TEST_F(Hostile, WhatWasReadUnsealedCanBeSealed) {
    save_checkpoint(load_checkpoint(*folder_ / "good-types.h5", unsealed()), *folder_ / "sealed.h5");
    EXPECT_EQ(load_checkpoint(*folder_ / "sealed.h5").parameter("of_f2")->dtype, DType::f16);
}

TEST_F(Hostile, ACopyByAnotherProgramCanBeSealed) {
    save_checkpoint(small_checkpoint(), *folder_ / "ours.h5");
    const std::string copy = "import h5py, sys\n"
                             "with h5py.File(sys.argv[1]) as a, h5py.File(sys.argv[2], 'w') as b:\n"
                             "    for k, v in a.attrs.items(): b.attrs[k] = v\n"
                             "    for k in a: a.copy(k, b)\n"
                             "    b['parameters/conv1/bias'][0] = 42\n";
    spill(*folder_ / "edit.py", copy);
    const std::string command = fmt::format("/usr/bin/python3 '{}' '{}' '{}'", *folder_ / "edit.py",
                                            *folder_ / "ours.h5", *folder_ / "copy.h5");
    ASSERT_EQ(std::system(command.c_str()), 0);
    save_checkpoint(load_checkpoint(*folder_ / "copy.h5", unsealed()), *folder_ / "sealed.h5");
    EXPECT_EQ(load_checkpoint(*folder_ / "sealed.h5").parameter("conv1/bias")->tensor.as<float>()[0], 42.0f);
}

TEST_F(Hostile, BadFilesAreRefusedInOneLine) {
    for (const std::string& path : files("bad-")) {
        SCOPED_TRACE(path);
        const std::string message = error_of(Exit::data, [&] { load_checkpoint(path, unsealed()); });
        EXPECT_EQ(message.find("damaged"), std::string::npos) << message;
        RecordProperty(std::filesystem::path(path).stem().string(), message);
    }
}

TEST_F(Hostile, ASealChangesNothing) {
    for (const std::string& path : files("bad-")) {
        SCOPED_TRACE(path);
        error_of(Exit::data, [&] { load_checkpoint(seal_by_force(path)); });
    }
}

TEST_F(Hostile, NothingIsReadFromOtherFiles) {
    const std::string message =
        error_of(Exit::data, [&] { load_checkpoint(*folder_ / "bad-external-storage.h5", unsealed()); });
    EXPECT_NE(message.find("external storage"), std::string::npos) << message;
}

// HDF5 crashes and hangs on some of these: the child takes it.
TEST_F(Hostile, FlippedBitsWithoutASealNeverHurt) {
    const std::string good = slurp(*folder_ / "good-plain.h5");
    std::mt19937 random(7);
    const int tries = std::getenv("DS_NIGHTLY") ? 20000 : 300;
    for (int i = 0; i < tries; ++i) {
        std::string bad = good;
        const size_t bit = random() % (good.size() * 8);
        bad[bit / 8] = char(bad[bit / 8] ^ (1 << bit % 8));
        spill(*folder_ / "flipped.h5", bad);
        try {
            load_checkpoint(*folder_ / "flipped.h5", unsealed());
        } catch (const Error& error) {
            EXPECT_EQ(int(error.code()), int(Exit::data)) << bit << ": " << error.what();
        }
    }
}

} // namespace ds::test
