#include "data/batch/window_order.h"

#include <algorithm>

#include "base/rng.h"

namespace ds {
namespace {

/// For the chunks (0), or the samples of a window (from 1).
uint64_t seed_of(uint64_t seed, int64_t epoch, uint64_t which) {
    const rng::Block block = rng::draw(seed, rng::Stream::window, uint32_t(epoch), which);
    return uint64_t(block[0]) << 32 | block[1];
}

} // namespace

WindowOrder::WindowOrder(int64_t samples, WindowSizes sizes, uint64_t seed, int64_t epoch)
    : samples_(samples),
      chunks_((samples + sizes.chunk - 1) / sizes.chunk),
      sizes_(sizes),
      seed_(seed),
      epoch_(epoch),
      order_(chunks_, seed_of(seed, epoch, 0), 0) {
    while (order_(short_at_) != chunks_ - 1) ++short_at_;
}

int64_t WindowOrder::start(int64_t j) const {
    return j * sizes_.chunk - (j > short_at_ ? chunks_ * sizes_.chunk - samples_ : 0);
}

int64_t WindowOrder::first_chunk(int64_t w) const { return std::min(w * sizes_.window, chunks_); }

WindowOrder::Range WindowOrder::chunk(int64_t j) const {
    const int64_t begin = order_(j) * sizes_.chunk;
    return {begin, std::min(samples_, begin + sizes_.chunk)};
}

int64_t WindowOrder::window_of(int64_t i) const {
    const int64_t w = i / (sizes_.window * sizes_.chunk);
    return w + (w + 1 < windows() && i >= start_of_window(w + 1)); // behind the short chunk all is earlier
}

int64_t WindowOrder::operator()(int64_t i) const {
    const int64_t w = window_of(i), begin = start_of_window(w), size = start_of_window(w + 1) - begin;
    const int64_t place = Permutation(size, seed_of(seed_, epoch_, uint64_t(w) + 1), 0)(i - begin);
    int64_t j = first_chunk(w) + place / sizes_.chunk;
    j += begin + place >= start(j + 1);
    return chunk(j).begin + begin + place - start(j);
}

} // namespace ds
