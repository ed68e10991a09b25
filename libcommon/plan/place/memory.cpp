// Places buffers in one arena. Placing is greedy: buffers are taken in some order and each gets the lowest gap
// that is free over its whole life. No single order is best for every network, so several are tried, and the best
// is then improved by taking the buffers that stick out at the top earlier. Deterministic.
#include "plan/place/memory.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace ds {

namespace {

using Indices = std::vector<int32_t>;

int64_t round_up(int64_t n, int64_t alignment) { return (n + alignment - 1) / alignment * alignment; }

class Placer {
public:
    Placer(std::span<const BufferRequest> requests, int64_t alignment) : requests_(requests) {
        for (const BufferRequest& r : requests) sizes_.push_back(round_up(std::max<int64_t>(r.bytes, 0), alignment));
    }

    int64_t size(int32_t i) const { return sizes_[size_t(i)]; }
    int64_t life(int32_t i) const { return request(i).last - request(i).first + 1; }
    const BufferRequest& request(int32_t i) const { return requests_[size_t(i)]; }

    /// Bytes alive at each step, counted from the first one of all.
    std::vector<int64_t> alive() const {
        int32_t end = 0;
        for (const BufferRequest& r : requests_) end = std::max(end, r.last + 1);
        std::vector<int64_t> change(size_t(end) + 1, 0);
        for (size_t i = 0; i < sizes_.size(); ++i) {
            change[size_t(requests_[i].first)] += sizes_[i];
            change[size_t(requests_[i].last) + 1] -= sizes_[i];
        }
        std::partial_sum(change.begin(), change.end(), change.begin());
        return change;
    }

    /// Places in the given order; returns the arena's bytes and fills `offsets`.
    int64_t place(const Indices& order, std::vector<int64_t>& offsets) const {
        offsets.assign(sizes_.size(), 0);
        Indices by_offset; // those placed so far
        int64_t arena = 0;
        for (int32_t i : order) {
            if (size(i) == 0) continue;
            const int64_t at = lowest_gap(i, by_offset, offsets);
            offsets[size_t(i)] = at;
            arena = std::max(arena, at + size(i));
            auto later = [&](int64_t offset, int32_t j) { return offset < offsets[size_t(j)]; };
            by_offset.insert(std::upper_bound(by_offset.begin(), by_offset.end(), at, later), i);
        }
        return arena;
    }

private:
    bool together(int32_t a, int32_t b) const {
        return request(a).first <= request(b).last && request(b).first <= request(a).last;
    }

    int64_t lowest_gap(int32_t i, const Indices& by_offset, const std::vector<int64_t>& offsets) const {
        int64_t at = 0;
        for (int32_t j : by_offset) {
            if (!together(i, j)) continue;
            if (at + size(i) <= offsets[size_t(j)]) break;
            at = std::max(at, offsets[size_t(j)] + size(j));
        }
        return at;
    }

    std::span<const BufferRequest> requests_;
    std::vector<int64_t> sizes_;
};

Indices sorted_by(size_t n, const std::function<std::pair<int64_t, int64_t>(int32_t)>& key) {
    Indices order(n);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return key(a) < key(b); });
    return order;
}

std::vector<Indices> first_orders(const Placer& p, size_t n, const std::vector<int64_t>& alive) {
    const auto peak = int32_t(std::max_element(alive.begin(), alive.end()) - alive.begin());
    auto at_peak = [&](int32_t i) { return p.request(i).first <= peak && peak <= p.request(i).last; };
    return {
        sorted_by(n, [&](int32_t i) { return std::pair(-p.size(i), -p.life(i)); }),
        sorted_by(n, [&](int32_t i) { return std::pair(-p.life(i), -p.size(i)); }),
        sorted_by(n, [&](int32_t i) { return std::pair(-p.size(i) * p.life(i), -p.size(i)); }),
        sorted_by(n, [&](int32_t i) { return std::pair(int64_t(p.request(i).first), -p.life(i)); }),
        sorted_by(n, [&](int32_t i) { return std::pair(int64_t(-p.request(i).last), -p.life(i)); }),
        sorted_by(n, [&](int32_t i) { return std::pair(int64_t(at_peak(i) ? 0 : 1), -p.life(i)); }),
        sorted_by(n, [&](int32_t i) { return std::pair(int64_t(at_peak(i) ? 0 : 1), -p.size(i)); }),
    };
}

/// The same order with the buffers that reach the top of the arena taken `stride` places earlier.
Indices lift_top(const Placer& p, const Indices& order, const std::vector<int64_t>& offsets, int64_t arena,
                 size_t stride) {
    Indices next = order;
    for (size_t k = 0; k < next.size(); ++k) {
        if (p.size(next[k]) == 0 || offsets[size_t(next[k])] + p.size(next[k]) != arena) continue;
        const size_t to = k > stride ? k - stride : 0;
        std::rotate(next.begin() + int64_t(to), next.begin() + int64_t(k), next.begin() + int64_t(k) + 1);
    }
    return next;
}

} // namespace

MemoryPlan plan_memory(std::span<const BufferRequest> requests, int64_t alignment) {
    MemoryPlan best;
    best.offsets.assign(requests.size(), 0);
    if (requests.empty()) return best;
    const Placer p(requests, alignment);
    const std::vector<int64_t> alive = p.alive();
    best.lower_bound = *std::max_element(alive.begin(), alive.end());
    best.bytes = -1;

    Indices best_order;
    std::vector<int64_t> offsets;
    auto attempt = [&](const Indices& order) {
        const int64_t bytes = p.place(order, offsets);
        const bool better = best.bytes < 0 || bytes < best.bytes;
        if (better) {
            best.bytes = bytes;
            best.offsets = offsets;
            best_order = order;
        }
        return better;
    };
    for (const Indices& order : first_orders(p, requests.size(), alive)) {
        attempt(order);
        if (best.bytes == best.lower_bound) return best;
    }
    // Work grows with the square of the buffers: enough tries for a thousand, few for many thousands.
    const auto n = int64_t(requests.size());
    int64_t tries = std::clamp<int64_t>(50'000'000 / (n * n + 1), 4, 60);
    for (size_t stride = size_t(n); stride > 0 && tries > 0 && best.bytes > best.lower_bound; --tries) {
        if (!attempt(lift_top(p, best_order, best.offsets, best.bytes, stride))) stride /= 2;
    }
    return best;
}

} // namespace ds
