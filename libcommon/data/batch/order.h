// The order in which samples are drawn: a seeded permutation of [0, n) per epoch that is computed, not stored,
// so that any cursor is reached at once. A Feistel network of Philox rounds over the next power of four, with
// values beyond n walked on until they fall inside (Black & Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
#pragma once

#include <cstdint>

namespace ds {

class Permutation {
public:
    Permutation(int64_t n, uint64_t seed, int64_t epoch);
    int64_t operator()(int64_t i) const; // 0 <= i < n

private:
    uint64_t once(uint64_t x) const;
    int64_t n_;
    uint64_t seed_;
    uint32_t epoch_;
    int half_bits_ = 1;
};

} // namespace ds
