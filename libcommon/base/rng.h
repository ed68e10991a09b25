// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as
// 1, 2, 3", SC 2011). A number is a pure function of (seed, stream, counter), so results depend on
// neither thread count nor resume point. Each use has its own named stream.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace ds::rng {

/// Who draws. A stream's number is part of the meaning of a seed: never renumber.
enum class Stream : uint32_t {
    init = 1,      // parameter initialisation (sub-stream: hash of the parameter's name)
    shuffle = 2,   // sample order (counter: epoch)
    augment = 3,   // augmentation (counter: epoch, sample)
    dropout = 4,   // dropout masks (sub-stream: the node's number)
    split = 5,     // ds-data split, sample
    generate = 6,  // ds-infer sampling
    bootstrap = 7, // ds-eval --compare
    window = 8,    // windowed shuffle (counter: epoch, window)
    group = 9      // which groups of rows share a batch (sub-stream: use; counter: size)
};

using Block = std::array<uint32_t, 4>;

/// Ten rounds of Philox4x32 on a 128-bit counter and a 64-bit key.
inline Block philox(Block c, std::array<uint32_t, 2> k) {
    for (int round = 0; round < 10; ++round) {
        const uint64_t p0 = uint64_t{0xD2511F53u} * c[0];
        const uint64_t p1 = uint64_t{0xCD9E8D57u} * c[2];
        c = {uint32_t(p1 >> 32) ^ c[1] ^ k[0], uint32_t(p1), uint32_t(p0 >> 32) ^ c[3] ^ k[1], uint32_t(p0)};
        k[0] += 0x9E3779B9u;
        k[1] += 0xBB67AE85u;
    }
    return c;
}

/// Four words for position `index` of sub-stream `sub` of `stream`, under `seed`.
inline Block draw(uint64_t seed, Stream stream, uint32_t sub, uint64_t index) {
    return philox({uint32_t(index), uint32_t(index >> 32), sub, uint32_t(stream)},
                  {uint32_t(seed), uint32_t(seed >> 32)});
}

inline double to_unit_double(uint32_t hi, uint32_t lo) { // [0, 1)
    return double((uint64_t(hi) << 32 | lo) >> 11) * 0x1p-53;
}

/// A sequence for code that draws one after another: same constructor arguments, same numbers.
class Sequence {
public:
    Sequence(uint64_t seed, Stream stream, uint32_t sub = 0, uint64_t start = 0)
        : seed_(seed), index_(start), stream_(stream), sub_(sub) {}
    uint32_t u32() {
        if (used_ == 4) {
            block_ = draw(seed_, stream_, sub_, index_++);
            used_ = 0;
        }
        return block_[used_++];
    }
    uint64_t u64() {
        const uint64_t hi = u32();
        return hi << 32 | u32();
    }
    double uniform() {
        const uint32_t hi = u32();
        return to_unit_double(hi, u32());
    }
    /// Uniform in [0, n), without modulo bias (Lemire's multiply and reject).
    uint64_t below(uint64_t n) {
        for (;;) {
            const Wide m = Wide{u64()} * n;
            if (uint64_t(m) >= n || uint64_t(m) >= (0 - n) % n) return uint64_t(m >> 64);
        }
    }
    /// Standard normal, by Box-Muller.
    double normal() {
        const double u = 1.0 - uniform(), v = uniform();
        return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586476925 * v);
    }

private:
    __extension__ typedef unsigned __int128 Wide; // not ISO C++, and no library type does it
    uint64_t seed_, index_;
    Stream stream_;
    uint32_t sub_;
    Block block_{};
    int used_ = 4;
};

/// FNV-1a of a name, for sub-streams that follow a parameter and not its position.
constexpr uint32_t sub_stream(const char* text, std::size_t length) {
    uint32_t h = 2166136261u;
    for (std::size_t i = 0; i < length; ++i) h = (h ^ uint8_t(text[i])) * 16777619u;
    return h;
}

} // namespace ds::rng
