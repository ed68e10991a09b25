#include "base/fingerprint.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace ds {
namespace {

std::vector<std::byte> counting(size_t n) {
    std::vector<std::byte> bytes(n);
    for (size_t i = 0; i < n; ++i) bytes[i] = std::byte(i * 7 + i / 256);
    return bytes;
}

TEST(Fingerprint, IsOfTheBytesAlone) {
    for (size_t n : {0u, 1u, 63u, 64u, 65u, 16384u}) {
        const std::vector<std::byte> a = counting(n), b = counting(n);
        EXPECT_EQ(fingerprint(a), fingerprint(b)) << n;
        EXPECT_NE(fingerprint(a), 0u) << n;
    }
}

TEST(Fingerprint, NoticesEveryBit) {
    std::vector<std::byte> bytes = counting(200);
    std::set<uint64_t> seen{fingerprint(bytes)};
    for (std::byte& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            byte ^= std::byte(1 << bit);
            EXPECT_TRUE(seen.insert(fingerprint(bytes)).second);
            byte ^= std::byte(1 << bit);
        }
}

TEST(Fingerprint, NoticesLengthsAndSwappedPieces) {
    std::vector<std::byte> bytes(256);
    std::set<uint64_t> seen;
    for (size_t n = 0; n <= bytes.size(); ++n)
        EXPECT_TRUE(seen.insert(fingerprint(std::span(bytes).first(n))).second) << n << " zeros";
    bytes = counting(256);
    std::vector<std::byte> swapped(bytes.begin() + 64, bytes.end());
    swapped.insert(swapped.end(), bytes.begin(), bytes.begin() + 64);
    EXPECT_NE(fingerprint(bytes), fingerprint(swapped));
}

} // namespace
} // namespace ds
