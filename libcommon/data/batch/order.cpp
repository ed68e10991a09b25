#include "data/batch/order.h"

#include "base/rng.h"

namespace ds {

Permutation::Permutation(int64_t n, uint64_t seed, int64_t epoch) : n_(n), seed_(seed), epoch_(uint32_t(epoch)) {
    while ((uint64_t{1} << (2 * half_bits_)) < uint64_t(n)) ++half_bits_;
}

uint64_t Permutation::once(uint64_t x) const {
    const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
    uint64_t left = x >> half_bits_, right = x & mask;
    for (uint32_t round = 0; round < 4; ++round) {
        const rng::Block block = rng::draw(seed_, rng::Stream::shuffle, epoch_ * 4 + round, right);
        const uint64_t mixed = (left ^ (uint64_t(block[0]) << 32 | block[1])) & mask;
        left = right;
        right = mixed;
    }
    return left << half_bits_ | right;
}

int64_t Permutation::operator()(int64_t i) const {
    uint64_t x = uint64_t(i);
    do x = once(x);
    while (x >= uint64_t(n_));
    return int64_t(x);
}

} // namespace ds
