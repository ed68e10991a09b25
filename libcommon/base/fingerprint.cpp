#include "base/fingerprint.h"

#include <array>
#include <cstring>
#include <random>

namespace ds {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr size_t lanes = 4; // products in flight at once
constexpr size_t stride = lanes * 16;

using Key = std::array<uint64_t, 2 * lanes + 1>;

const Key& key() {
    static const Key drawn = [] {
        std::random_device device;
        Key made;
        for (uint64_t& word : made) word = uint64_t(device()) << 32 | device();
        return made;
    }();
    return drawn;
}

/// Both halves of the product, folded: every bit of the result depends on every bit of both factors.
uint64_t mix(uint64_t a, uint64_t b) {
    const Wide product = Wide(a) * b;
    return uint64_t(product) ^ uint64_t(product >> 64);
}

uint64_t word(const std::byte* at) {
    uint64_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

void take(std::array<uint64_t, lanes>& sums, const std::byte* at) {
    for (size_t i = 0; i < lanes; ++i)
        sums[i] = mix(word(at + 16 * i) ^ key()[2 * i], word(at + 16 * i + 8) ^ key()[2 * i + 1] ^ sums[i]) + sums[i];
}

} // namespace

uint64_t fingerprint(std::span<const std::byte> bytes) {
    std::array<uint64_t, lanes> sums{};
    size_t at = 0;
    for (; at + stride <= bytes.size(); at += stride) take(sums, bytes.data() + at);
    std::array<std::byte, stride> rest{};
    if (at < bytes.size()) std::memcpy(rest.data(), bytes.data() + at, bytes.size() - at);
    take(sums, rest.data());
    uint64_t all = uint64_t(bytes.size()) ^ key().back();
    for (const uint64_t sum : sums) all = mix(all ^ sum, 0x9e3779b97f4a7c15);
    return all | 1;
}

} // namespace ds
