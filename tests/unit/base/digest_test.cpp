// SHA-256 against published vectors; the parallel tree against its definition written out plainly.
#include "base/digest.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"

namespace ds {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::vector<std::byte> pattern(size_t n) {
    std::vector<std::byte> bytes(n);
    for (size_t i = 0; i < n; ++i) bytes[i] = std::byte((i * 131 + i / 977) & 0xff);
    return bytes;
}

/// The definition in digest.h, one step after the other.
Digest plain_tree(std::span<const std::byte> bytes) {
    std::string text = "ds-tree-1";
    for (int i = 0; i < 8; ++i) text += char(bytes.size() >> (8 * i) & 0xff);
    for (size_t at = 0; at < bytes.size(); at += 1 << 20) {
        const Digest digest = sha256(bytes.subspan(at, std::min<size_t>(1 << 20, bytes.size() - at)));
        text.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    }
    return sha256(bytes_of(text));
}

TEST(Sha256, KnownAnswers) {
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(bytes_of("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(TreeDigest, FollowsItsDefinitionAtEveryEdge) {
    constexpr size_t mib = 1 << 20;
    for (const size_t n : {size_t{0}, size_t{1}, mib - 1, mib, mib + 1, 5 * mib + 17}) {
        const auto bytes = pattern(n);
        EXPECT_EQ(tree_digest(bytes), plain_tree(bytes)) << n << " bytes";
    }
}

TEST(TreeDigest, SeesTheLengthAndTheOrderOfChunks) {
    std::vector<std::byte> zeros(1 << 20);
    const Digest one = tree_digest(zeros);
    zeros.resize(2 << 20);
    EXPECT_NE(one, tree_digest(zeros));
    auto bytes = pattern(2 << 20);
    const Digest before = tree_digest(bytes);
    std::swap_ranges(bytes.begin(), bytes.begin() + (1 << 20), bytes.begin() + (1 << 20));
    EXPECT_NE(before, tree_digest(bytes));
}

TEST(TreeHasher, PiecesOfAnySizeGiveTheSameDigest) {
    const auto bytes = pattern((35 << 20) + 123);
    const Digest expected = plain_tree(bytes);
    for (const size_t piece : {size_t{4097}, size_t{1} << 20, size_t{17} << 20, bytes.size()}) {
        TreeHasher hasher;
        for (size_t at = 0; at < bytes.size(); at += piece)
            hasher.update(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
        EXPECT_EQ(hasher.finish(), expected) << "pieces of " << piece;
    }
}

TEST(TreeHasher, DoesNotDependOnThreads) {
    const auto bytes = pattern(7 << 20);
    const int before = threads();
    set_threads(1);
    const Digest one = tree_digest(bytes);
    set_threads(3);
    EXPECT_EQ(tree_digest(bytes), one);
    set_threads(before);
}

TEST(DigestHex, ReadsBackAndRefusesTheRest) {
    const Digest digest = sha256({});
    EXPECT_EQ(digest_from_hex(to_hex(digest)), digest);
    EXPECT_THROW(digest_from_hex("e3b0"), Error);
    EXPECT_THROW(digest_from_hex(std::string(63, 'a') + "g"), Error);
    EXPECT_THROW(digest_from_hex(std::string(65, 'a')), Error);
}

} // namespace
} // namespace ds
