// A vector for each sample, logits [N,D] of length 1, near those of its class: targets are classes, which need not be
// those of training. Each sample is measured against all others that were, by their cosines; one without another of its
// class is left out and counted, though others may find it. Memory holds all vectors twice, and a row of cosines for
// each thread. Equal cosines are their expectation.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/parallel.h"
#include "task/plane.h"
#include "task/ranked_list.h"
#include "task/task.h"

namespace ds {
namespace {

constexpr int64_t near = 10;

/// What a sample's neighbours are; NaN where it has no partner.
struct Found {
    double top1 = std::nan(""), hit = std::nan(""), precision = std::nan("");
};

/// Of a list in order: that some row of the first k is relevant.
double chance_of_hit(std::span<const ListRow> list, int64_t k) {
    double miss = 1;
    for (size_t begin = 0; begin < list.size() && int64_t(begin) < k;) {
        size_t end = begin, own = 0;
        for (; end < list.size() && list[end].score == list[begin].score; ++end) own += list[end].relevance > 0;
        const size_t n = end - begin, drawn = std::min(n, size_t(k) - begin);
        for (size_t t = 0; t < drawn; ++t) // without return
            miss *= own + t < n ? double(n - own - t) / double(n - t) : 0;
        begin = end;
    }
    return 1 - miss;
}

class Embedded : public Metrics {
public:
    using Metrics::Metrics;

    std::vector<std::pair<std::string, int64_t>> counts() const override {
        std::unordered_map<int64_t, int64_t> sizes;
        for (const int64_t label : label_) ++sizes[label];
        int64_t alone = 0;
        for (const int64_t label : label_) alone += label < 0 || sizes[label] < 2;
        return {{"without_partner", alone}};
    }
    double mean(Times times, double Found::*part) const {
        double sum = 0, count = 0;
        const std::vector<Found>& all = found();
        for (size_t s = 0; s < all.size(); ++s) {
            if (std::isnan(all[s].*part)) continue;
            sum += times[s] * (all[s].*part);
            count += times[s];
        }
        return ratio(sum, count);
    }
    std::vector<Curve> curves() const override {
        if (label_.size() < 3) return {};
        const Plane plane = principal_plane(vectors_, label_.size());
        Curve cloud{fmt::format("{:.0f} % and {:.0f} % of the variance", 100 * plane.share[0], 100 * plane.share[1]),
                    "principal components",
                    {},
                    {}};
        std::unordered_map<int64_t, size_t> place;
        const size_t step = label_.size() / most_dots + 1;
        for (size_t s = 0; s < label_.size(); s += step) {
            const auto [at, is_new] = place.try_emplace(label_[s], cloud.clouds.size());
            if (is_new) cloud.clouds.emplace_back();
            cloud.clouds[at->second].push_back(plane.points[s]);
        }
        return {cloud};
    }

protected:
    void take(const TensorView& output, const Tensor& target, int64_t samples) override {
        const int64_t size = output.size() / std::max<int64_t>(1, output.shape[0]);
        make_room(vectors_, size_t(size));
        make_room(label_);
        for (int64_t s = 0; s < samples; ++s) {
            bool finite = true;
            for (int64_t i = s * size; i < (s + 1) * size; ++i) {
                vectors_.push_back(float(float_at(output, i)));
                finite = finite && std::isfinite(vectors_.back());
            }
            label_.push_back(int64_t(target_number(target, s)));
            if (!finite) note_spoilt(s);
        }
        found_.clear();
    }

private:
    static constexpr size_t most_dots = 3000; // of a picture

    const std::vector<Found>& found() const {
        if (found_.size() == label_.size()) return found_;
        const size_t n = label_.size(), size = vectors_.size() / n;
        std::vector<float> by_number(vectors_.size()); // [size, n]: the cosines of one with all are sums of rows
        for (size_t s = 0; s < n; ++s)
            for (size_t i = 0; i < size; ++i) by_number[i * n + s] = vectors_[s * size + i];
        std::unordered_map<int64_t, int64_t> sizes;
        for (const int64_t label : label_) ++sizes[label];
        std::vector<Found> all(n);
        parallel_for(int64_t(n), 16, [&](int64_t begin, int64_t end) {
            std::vector<float> cosine(n);
            std::vector<ListRow> list;
            list.reserve(n);
            for (auto s = size_t(begin); s < size_t(end); ++s) {
                if (label_[s] < 0 || sizes.at(label_[s]) < 2) continue;
                std::ranges::fill(cosine, 0.0F);
                for (size_t i = 0; i < size; ++i) {
                    const float x = vectors_[s * size + i];
                    const float* row = by_number.data() + i * n;
                    for (size_t o = 0; o < n; ++o) cosine[o] += x * row[o];
                }
                all[s] = neighbours(s, cosine, list);
            }
        });
        return found_ = std::move(all);
    }
    Found neighbours(size_t s, const std::vector<float>& cosine, std::vector<ListRow>& list) const {
        list.clear();
        for (size_t o = 0; o < cosine.size(); ++o)
            if (o != s && label_[o] >= 0) list.push_back({cosine[o], label_[o] == label_[s] ? 1.0 : 0.0});
        put_in_order(list);
        return {chance_of_hit(list, 1), chance_of_hit(list, near), average_precision(list)};
    }

    std::vector<float> vectors_; // [samples, size]
    std::vector<int64_t> label_;
    mutable std::vector<Found> found_;
};

const Embedded& of(const Metrics& metrics) { return static_cast<const Embedded&>(metrics); }

double top1(const Metrics& m, Times t) { return of(m).mean(t, &Found::top1); }
double hit(const Metrics& m, Times t) { return of(m).mean(t, &Found::hit); }
double map(const Metrics& m, Times t) { return of(m).mean(t, &Found::precision); }

} // namespace

const Task embedding_task = {
    .name = "embedding",
    .doc = "vectors, near where classes are alike",
    .target = TargetMeaning::any_class,
    .vectors = 1,
    .outputs = {"logits"},
    .metrics =
        {
            {"top1", "share of samples whose nearest other one is of their class", Better::greater, top1, true},
            {"hit@10", "share of samples of whose ten nearest others one is of their class", Better::greater, hit},
            {"map", "average precision of the others of the class, the nearest first; mean over samples",
             Better::greater, map, true},
        },
    .deciding = "top1",
    .deciding_of_0_1 = "top1",
    .has_curves = true,
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Embedded>(task); },
    .kept_bytes = 2 * sizeof(float),
    .kept_of_sample =
        sizeof(int64_t) + sizeof(Found) + 2 * (sizeof(float) + sizeof(ListRow)), // the last of each thread
    .printing = &vector_printing,
};

} // namespace ds
