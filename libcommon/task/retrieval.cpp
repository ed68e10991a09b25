// Pairs of vectors [N,D] of length 1 each: by the first of a row its partner is looked for among the partners of all
// rows that were measured. Partners that are alike (data/batch/alike.h) are one, with the vector of the first row that
// has it; the other partners of rows that are alike on the first side are right, too, and do not stand before a row's
// own. Memory holds all vectors, those of partners twice, and a row of cosines for each thread. Equal cosines are their
// expectation.
#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "base/parallel.h"
#include "task/task.h"

namespace ds {
namespace {

/// Where a row's own partner stands: behind so many others, in any order with so many equal ones.
struct Place {
    int64_t before = 0, equal = 0;
    bool counts = false; // there are others

    double is_among(int64_t k) const { return std::clamp(double(k - before) / double(equal + 1), 0.0, 1.0); }
    double reciprocal() const {
        double sum = 0;
        for (int64_t place = before + 1; place <= before + equal + 1; ++place) sum += 1 / double(place);
        return sum / double(equal + 1);
    }
};

class Retrieved : public Metrics {
public:
    using Metrics::Metrics;

    std::vector<std::pair<std::string, int64_t>> counts() const override {
        const std::unordered_set<int32_t> all(second_number_.begin(), second_number_.end());
        return {{"partners", std::ssize(all)}};
    }
    template <class Measure>
    double mean(Times times, const Measure& measure) const {
        double sum = 0, count = 0;
        const std::vector<Place>& all = places();
        for (size_t s = 0; s < all.size(); ++s) {
            if (!all[s].counts) continue;
            sum += times[s] * measure(all[s]);
            count += times[s];
        }
        return ratio(sum, count);
    }

protected:
    void take(const TensorView& output, const Tensor& truth, int64_t samples) override {
        size_ = size_t(output.size() / std::max<int64_t>(1, output.shape[0]));
        make_room(first_, size_);
        make_room(second_, size_);
        make_room(first_number_);
        make_room(second_number_);
        for (int64_t s = 0; s < samples; ++s) {
            bool finite = true;
            for (int64_t i = s * int64_t(size_); i < (s + 1) * int64_t(size_); ++i) {
                first_.push_back(float(float_at(output, i)));
                second_.push_back(float(target_number(truth, i)));
                finite = finite && std::isfinite(first_.back()) && std::isfinite(second_.back());
            }
            const auto row = int32_t(first_number_.size()); // of nothing that is known each row is its own
            first_number_.push_back(groups() ? groups()->as<int32_t>()[2 * s] : row);
            second_number_.push_back(groups() ? groups()->as<int32_t>()[2 * s + 1] : row);
            if (!finite) note_spoilt(s);
        }
        places_.clear();
    }

private:
    /// Those that are looked for, each once.
    struct Partners {
        std::vector<size_t> row;                             // the first that has it
        std::vector<size_t> of_row;                          // which it is of each row
        std::unordered_map<int32_t, std::vector<size_t>> of; // all of the rows that are alike on the first side
        std::vector<float> by_number;                        // [size, partners]: cosines with all are sums of its rows
    };

    Partners partners() const {
        Partners all;
        std::unordered_map<int32_t, size_t> known;
        for (size_t s = 0; s < second_number_.size(); ++s) {
            const auto [at, is_new] = known.try_emplace(second_number_[s], all.row.size());
            if (is_new) all.row.push_back(s);
            all.of_row.push_back(at->second);
            all.of[first_number_[s]].push_back(at->second);
        }
        for (auto& [number, some] : all.of) { // the same one may come in several of its rows
            std::ranges::sort(some);
            some.erase(std::unique(some.begin(), some.end()), some.end());
        }
        const size_t n = all.row.size();
        all.by_number.resize(n * size_);
        for (size_t p = 0; p < n; ++p)
            for (size_t i = 0; i < size_; ++i) all.by_number[i * n + p] = second_[all.row[p] * size_ + i];
        return all;
    }
    const std::vector<Place>& places() const {
        if (places_.size() == first_number_.size()) return places_;
        const Partners all = partners();
        std::vector<Place> found(first_number_.size());
        parallel_for(int64_t(found.size()), 16, [&](int64_t begin, int64_t end) {
            std::vector<float> cosine(all.row.size());
            for (auto s = size_t(begin); s < size_t(end); ++s) {
                std::ranges::fill(cosine, 0.0F);
                for (size_t i = 0; i < size_; ++i) {
                    const float x = first_[s * size_ + i];
                    const float* row = all.by_number.data() + i * cosine.size();
                    for (size_t p = 0; p < cosine.size(); ++p) cosine[p] += x * row[p];
                }
                found[s] = place(cosine, all.of_row[s], all.of.at(first_number_[s]));
            }
        });
        return places_ = std::move(found);
    }
    static Place place(const std::vector<float>& cosine, size_t own, const std::vector<size_t>& right) {
        const auto count = [&](const auto& is_so) {
            int64_t n = std::ranges::count_if(cosine, is_so);
            for (const size_t p : right) n -= is_so(cosine[p]);
            return n;
        };
        Place found;
        found.before = count([&](float c) { return c > cosine[own]; });
        found.equal = count([&](float c) { return c == cosine[own]; });
        found.counts = right.size() < cosine.size();
        return found;
    }

    size_t size_ = 0;
    std::vector<float> first_, second_; // [samples, size]
    std::vector<int32_t> first_number_, second_number_;
    mutable std::vector<Place> places_;
};

const Retrieved& of(const Metrics& metrics) { return static_cast<const Retrieved&>(metrics); }

template <int64_t k>
double recall(const Metrics& m, Times t) {
    return of(m).mean(t, [](const Place& place) { return place.is_among(k); });
}
double mrr(const Metrics& m, Times t) {
    return of(m).mean(t, [](const Place& place) { return place.reciprocal(); });
}

} // namespace

const Task retrieval_task = {
    .name = "retrieval",
    .doc = "pairs, of which the one finds the other",
    .target = TargetMeaning::number,
    .of_input = true,
    .vectors = 2,
    .train_batch = 256,
    .outputs = {"logits", "truth"},
    .metrics =
        {
            {"mrr", "1 / place of a sample's partner among those of all samples, the nearest first; mean over samples",
             Better::greater, mrr, true},
            {"recall@1", "share of samples whose partner is the nearest of all", Better::greater, recall<1>, true},
            {"recall@10", "share of samples whose partner is among the ten nearest", Better::greater, recall<10>, true},
            {"recall@100", "share of samples whose partner is among the hundred nearest", Better::greater, recall<100>},
        },
    .deciding = "mrr",
    .deciding_of_0_1 = "mrr",
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Retrieved>(task); },
    .kept_bytes = 3 * sizeof(float),
    .kept_of_sample = sizeof(Place) + 160, // the lists and tables by which partners are found
    .printing = &pair_printing,
};

} // namespace ds
