// The seal finds every flipped bit, every cut and every appended byte before HDF5 sees the file.
#include "io/seal/seal.h"

#include "io/sealed/sealed_file.h"
#include "tests/unit/io/fixture.h"

namespace ds::test {

namespace {

std::vector<std::byte> to_bytes(const std::string& text) {
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    return {begin, begin + text.size()};
}

// What opening and verifying these bytes says; "" when nothing is found wrong.
std::string verdict(const std::string& bytes) {
    try {
        SealedReader(Source("f", to_bytes(bytes))).verify();
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(int(error.code()), int(Exit::data)) << error.what();
        return error.what();
    }
}

std::string sample_file() {
    const Folder folder;
    save_checkpoint(small_checkpoint(), folder / "m.h5");
    return slurp(folder / "m.h5");
}

seal::Block block_of(const std::string& bytes) { return seal::read_block(to_bytes(bytes), bytes.size(), "f"); }

// The part that a wrong byte at `at` must be blamed on, as the message puts it.
bool names_part(const std::string& message, size_t at, const seal::Block& block) {
    const auto has = [&](const char* word) { return message.find(word) != std::string::npos; };
    if (at < seal::block_size) return has("header") || has("not a model");
    if (at < seal::payload_begin || at >= block.payload_end) return has("the metadata is damaged");
    return has("/parameters/") || has("/state/") || has("between the arrays") || has("behind the last array");
}

bool nightly() { return std::getenv("DS_NIGHTLY") != nullptr; }

} // namespace

TEST(Seal, EveryFlippedBitIsFoundAndItsPartNamed) {
    const std::string good = sample_file();
    const seal::Block block = block_of(good);
    ASSERT_EQ(verdict(good), "");
    const size_t stride = nightly() ? 1 : 13;
    for (size_t bit = 0; bit < good.size() * 8; bit += bit < 8 * seal::block_size ? 1 : stride) {
        std::string bad = good;
        bad[bit / 8] = char(bad[bit / 8] ^ (1 << bit % 8));
        const std::string message = verdict(bad);
        ASSERT_TRUE(names_part(message, bit / 8, block)) << "bit " << bit << ": '" << message << "'";
    }
}

TEST(Seal, ADamagedTensorIsNamed) {
    const std::string bytes = sample_file();
    const SealedReader reader(Source("f", to_bytes(bytes)));
    for (const seal::Entry& e : reader.entries()) {
        std::string bad = bytes;
        bad[e.offset + e.length - 1] = char(bad[e.offset + e.length - 1] ^ 0x80);
        EXPECT_NE(verdict(bad).find(e.name + " is damaged"), std::string::npos) << e.name;
    }
}

TEST(Seal, ACutAtAnyLengthIsFound) {
    const std::string good = sample_file();
    for (size_t length = 0; length < good.size(); length += length < 1024 || nightly() ? 1 : 37) {
        const std::string message = verdict(good.substr(0, length));
        ASSERT_TRUE(message.find("cut short") != std::string::npos ||
                    message.find("not a model") != std::string::npos || message.find("empty") != std::string::npos)
            << length << ": '" << message << "'";
    }
}

TEST(Seal, AppendedBytesAreFound) {
    EXPECT_NE(verdict(sample_file() + '\0').find("bytes were appended"), std::string::npos);
    EXPECT_NE(verdict(sample_file() + std::string(5000, 'x')).find("bytes were appended"), std::string::npos);
}

TEST(Seal, ANewerVersionIsToldFromADamagedOne) {
    std::string bytes = sample_file();
    seal::Block block = block_of(bytes);
    block.major = 2;
    const std::string newer = seal::write_block(block) + bytes.substr(seal::block_size);
    EXPECT_NE(verdict(newer).find("install a newer ds-tools"), std::string::npos) << verdict(newer);
    bytes[bytes.find("1.0")] = '2';
    EXPECT_NE(verdict(bytes).find("header"), std::string::npos);
}

TEST(Seal, ASealThatContradictsItsFileIsRefused) {
    const std::string good = sample_file();
    const auto resealed = [&](auto change) {
        seal::Block block = block_of(good);
        change(block);
        return verdict(seal::write_block(block) + good.substr(seal::block_size));
    };
    EXPECT_EQ(resealed([](seal::Block&) {}), "");
    for (const uint64_t wrong : {uint64_t{0}, uint64_t{4095}, uint64_t{1} << 62, UINT64_MAX}) {
        EXPECT_NE(resealed([&](seal::Block& b) { b.length = wrong; }), "");
        EXPECT_NE(resealed([&](seal::Block& b) { b.payload_end = wrong; }), "");
        EXPECT_NE(resealed([&](seal::Block& b) { b.table_offset = wrong; }), "");
        EXPECT_NE(resealed([&](seal::Block& b) { b.table_length = wrong; }), "");
        EXPECT_NE(resealed([&](seal::Block& b) { b.chunks_offset = wrong; }), "");
        EXPECT_NE(resealed([&](seal::Block& b) { b.chunks_length = wrong; }), "");
    }
    EXPECT_NE(resealed([](seal::Block& b) { b.payload[3] ^= 1; }), "");
    EXPECT_NE(resealed([](seal::Block& b) { b.table_length -= 10; }), "");
    EXPECT_NE(resealed([](seal::Block& b) { b.chunks_length -= 32; }), "");
}

TEST(Seal, MetadataWithoutBoundIsRefusedBeforeItIsRead) {
    const Folder folder;
    seal::Block block;
    block.length = uint64_t{1} << 40; // a file of holes
    block.payload_end = seal::payload_begin;
    block.table_offset = block.chunks_offset = seal::payload_begin;
    spill(folder / "f.h5", seal::write_block(block));
    std::error_code error;
    std::filesystem::resize_file(folder / "f.h5", block.length, error);
    if (error) GTEST_SKIP() << "no file of 1 TiB with holes here";
    const std::string message = error_of(Exit::data, [&] { load_checkpoint(folder / "f.h5"); });
    EXPECT_NE(message.find("bytes of metadata"), std::string::npos) << message;
}

TEST(Seal, TheTreeOfChunksIsTheTreeOfTheBytes) {
    for (const size_t length : {size_t{0}, size_t{1}, size_t{1} << 20, (size_t{1} << 20) + 1, size_t{5} << 19}) {
        std::vector<std::byte> bytes(length, std::byte{7});
        std::vector<Digest> chunks;
        for (size_t at = 0; at < length; at += seal::chunk_size)
            chunks.push_back(sha256(std::span(bytes).subspan(at, std::min<size_t>(seal::chunk_size, length - at))));
        EXPECT_EQ(seal::tree_of_chunks(chunks, length), tree_digest(bytes)) << length;
        EXPECT_EQ(seal::chunk_count(length), chunks.size());
    }
}

TEST(Seal, TheTableComesBackAndItsLiesAreFound) {
    seal::Entry a;
    a.name = "/parameters/a";
    a.offset = seal::payload_begin;
    a.length = 100;
    a.chunks = {sha256({})};
    a.digest = seal::tree_of_chunks(a.chunks, a.length);
    seal::Entry b = a;
    b.name = "/parameters/b c"; // a name may hold blanks
    b.offset = seal::payload_begin + 128;
    seal::Block block;
    block.payload_end = seal::payload_begin + 256;
    block.payload = seal::digest_of_payloads({a, b});
    const std::string table = seal::write_table({a, b}), chunks = seal::write_chunks({a, b});
    const auto back = seal::read_table(block, table, chunks, "f");
    ASSERT_EQ(back.size(), 2u);
    EXPECT_EQ(back[1].name, "/parameters/b c");
    const auto refused = [&](const std::vector<seal::Entry>& entries) {
        error_of(Exit::data,
                 [&] { seal::read_table(block, seal::write_table(entries), seal::write_chunks(entries), "f"); });
    };
    refused({b, a});
    refused({a});
    auto longer = b;
    longer.length = uint64_t{1} << 62;
    refused({a, longer});
    auto overlapping = b;
    overlapping.offset -= 64;
    refused({a, overlapping});
    auto other = b;
    other.digest[0] ^= 1;
    refused({a, other});
}

} // namespace ds::test
