// The order of a windowed shuffle, for data that memory does not hold: chunks of neighbouring samples come in a seeded
// order, and the samples of a window of so many chunks are mixed. Reads lie close together, and each sample comes once.
// Like Permutation it is computed, not stored, so that any cursor is reached at once.
#pragma once

#include "data/batch/order.h"

namespace ds {

/// How many samples make a chunk, and how many chunks a window.
struct WindowSizes {
    int64_t chunk = 1, window = 2;
};

class WindowOrder {
public:
    WindowOrder(int64_t samples, WindowSizes sizes, uint64_t seed, int64_t epoch);
    int64_t operator()(int64_t i) const; // 0 <= i < samples

    int64_t epoch() const { return epoch_; }
    int64_t windows() const { return (chunks_ + sizes_.window - 1) / sizes_.window; }
    int64_t window_of(int64_t i) const; // the window that place i of the order is in
    int64_t start_of_window(int64_t w) const { return start(first_chunk(w)); }
    /// Chunks in the order: those of window w are [first_chunk(w), first_chunk(w + 1)).
    int64_t first_chunk(int64_t w) const;
    /// The samples [begin, end) of chunk j of the order.
    struct Range {
        int64_t begin, end;
    };
    Range chunk(int64_t j) const;

private:
    int64_t start(int64_t j) const; // the place in the order where its chunk j starts
    int64_t samples_, chunks_;
    WindowSizes sizes_;
    uint64_t seed_;
    int64_t epoch_;
    Permutation order_;    // of the chunks
    int64_t short_at_ = 0; // where the last chunk, which may have fewer samples, comes in the order
};

} // namespace ds
