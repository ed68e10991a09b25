// How an epoch's samples fall into batches: all of one size, and what becomes of the rest.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ds {

/// The samples that do not fill a batch: one of their own, left out, or added to the batch before.
enum class LastBatch { keep, drop, merge };
constexpr std::array<std::string_view, 3> last_batch_names{"keep", "drop", "merge"};

struct Batching {
    int64_t samples = 0, batch = 1;
    LastBatch last = LastBatch::keep;

    int64_t rest() const { return samples % batch; }
    /// Samples of an epoch that are in some batch.
    int64_t used() const { return last == LastBatch::drop ? samples - rest() : samples; }
    int64_t batches() const {
        if (last == LastBatch::merge) return std::max<int64_t>(samples > 0, samples / batch);
        return (used() + batch - 1) / batch;
    }
    /// Of the batch that starts at this sample of the epoch.
    int64_t size_at(int64_t position) const {
        const int64_t left = used() - position;
        return last == LastBatch::merge && left < 2 * batch ? left : std::min(batch, left);
    }
    int64_t largest() const { return last == LastBatch::merge && samples >= batch ? batch + rest() : size_at(0); }
    int64_t smallest() const { return last == LastBatch::keep && rest() > 0 ? rest() : size_at(0); }
    /// Every size that a batch of an epoch has, once, the largest first.
    std::vector<int64_t> sizes() const {
        std::vector<int64_t> all{largest()};
        for (const int64_t size : {size_at(0), smallest()})
            if (size != all.back()) all.push_back(size);
        return all;
    }
};

} // namespace ds
