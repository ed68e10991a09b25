#include "data/batch/group_order.h"

#include <algorithm>

#include "base/rng.h"
#include "data/batch/order.h"

namespace ds {
namespace {

constexpr size_t most_open = 32; // batches that have room while they are filled

enum Use : uint32_t { which_fit = 0, order_of_batches = 1, places_of_size = 2 };

} // namespace

GroupOrder::GroupOrder(const Groups& groups, int64_t batch, bool shuffle, uint64_t seed)
    : groups_(groups), batch_(batch), shuffle_(shuffle), seed_(seed) {
    cut_into_pieces();
    fill_batches();
}

uint64_t GroupOrder::seed_for(uint32_t use, int64_t size) const {
    const rng::Block block = rng::draw(seed_, rng::Stream::group, use, uint64_t(size));
    return uint64_t(block[0]) << 32 | block[1];
}

void GroupOrder::cut_into_pieces() {
    for (int64_t g = 0; g < groups_.count(); ++g) {
        const auto size = int64_t(groups_.rows(g).size());
        cut_groups_ += size > batch_;
        rows_ += size;
        largest_ = std::max(largest_, size);
        for (int64_t begin = 0; begin < size; begin += batch_)
            pieces_.push_back({int32_t(g), int32_t(begin), int32_t(std::min(batch_, size - begin))});
    }
    std::ranges::stable_sort(pieces_, {}, &Piece::size);
}

void GroupOrder::fill_batches() {
    const auto n = int64_t(pieces_.size());
    std::vector<int32_t> order(pieces_.size()); // in which they are put into batches
    for (int64_t i = 0; i < n; ++i)
        order[size_t(i)] = int32_t(shuffle_ ? Permutation(n, seed_for(which_fit), 0)(i) : i);
    const auto first_row = [&](int32_t p) {
        return groups_.rows(pieces_[size_t(p)].group)[size_t(pieces_[size_t(p)].begin)];
    };
    if (!shuffle_) std::ranges::sort(order, {}, first_row);
    struct Bin {
        std::vector<int32_t> slots;
        int64_t room = 0;
    };
    std::vector<Bin> bins;
    std::vector<size_t> open;
    for (const int32_t p : order) {
        const int64_t size = pieces_[size_t(p)].size;
        auto fits = std::ranges::find_if(open, [&](size_t b) { return bins[b].room >= size; });
        if (fits == open.end()) {
            if (open.size() == most_open) open.erase(open.begin());
            bins.push_back({{}, batch_});
            fits = open.insert(open.end(), bins.size() - 1);
        }
        Bin& bin = bins[*fits];
        bin.slots.push_back(p);
        bin.room -= size;
        if (bin.room == 0) open.erase(fits);
    }
    for (const Bin& bin : bins) {
        starts_.push_back(int64_t(slots_.size()));
        slots_.insert(slots_.end(), bin.slots.begin(), bin.slots.end());
    }
    starts_.push_back(int64_t(slots_.size()));
}

int64_t GroupOrder::places() const { return batches() == 1 ? rows_ : batches() * batch_; }

/// Of those of the slot's size, another one in each epoch.
const GroupOrder::Piece& GroupOrder::piece_at(int32_t slot, int64_t epoch) const {
    if (!shuffle_) return pieces_[size_t(slot)];
    const int32_t size = pieces_[size_t(slot)].size;
    const auto begin = std::ranges::lower_bound(pieces_, size, {}, &Piece::size),
               end = std::ranges::upper_bound(pieces_, size, {}, &Piece::size);
    const int64_t first = begin - pieces_.begin();
    const Permutation places(end - begin, seed_for(places_of_size, size), epoch);
    return pieces_[size_t(first + places(slot - first))];
}

std::vector<int64_t> GroupOrder::rows(int64_t b, int64_t epoch) const {
    if (shuffle_) b = Permutation(batches(), seed_for(order_of_batches), epoch)(b);
    std::vector<int64_t> all;
    for (int64_t s = starts_[size_t(b)]; s < starts_[size_t(b) + 1]; ++s) {
        const Piece& piece = piece_at(slots_[size_t(s)], epoch);
        const auto own = groups_.rows(piece.group).subspan(size_t(piece.begin), size_t(piece.size));
        all.insert(all.end(), own.begin(), own.end());
    }
    if (batches() > 1) all.resize(size_t(batch_), -1);
    return all;
}

} // namespace ds
