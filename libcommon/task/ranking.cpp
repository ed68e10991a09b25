// A score for each row [N] or [N,1], by which the rows of a group are put in order; targets are relevances from 0 up.
// Measured over whole groups, however rows and batches lay; a group without a relevant row has no best order: it is
// left out and counted. Without groups all rows are one.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "task/ranked_list.h"
#include "task/task.h"

namespace ds {
namespace {

class RankedGroups : public Metrics {
public:
    using Metrics::Metrics;

    int64_t draws() const override { return std::ssize(lists_); }
    std::vector<std::pair<std::string, int64_t>> counts() const override {
        int64_t without = 0;
        for (const List& list : lists()) without += !has_relevant(list.rows);
        return {{"groups", std::ssize(lists_)}, {"without_relevant", without}};
    }
    /// The mean over groups.
    template <class Measure>
    double mean(Times times, const Measure& measure) const {
        double sum = 0, count = 0;
        const std::vector<List>& all = lists();
        for (size_t g = 0; g < all.size(); ++g) {
            if (times[g] == 0 || !has_relevant(all[g].rows)) continue;
            sum += times[g] * measure(all[g].rows);
            count += times[g];
        }
        return ratio(sum, count);
    }
    /// NDCG and recall by the length of the list; beside them what chance gets.
    std::vector<Curve> curves() const override {
        size_t longest = 0;
        for (const List& list : lists()) longest = std::max(longest, list.rows.size());
        if (longest < 2 || std::isnan(mean({}, [](const auto& list) { return reciprocal_rank(list); }))) return {};
        Curve gain{"NDCG of the first k", "k", {}, {}}, found{"Recall of the first k", "k", {}, {}};
        const auto most = int64_t(std::min<size_t>(longest, most_places));
        for (int64_t k = 1; k <= most; ++k) {
            gain.points.emplace_back(k, mean({}, [&](const auto& list) { return ndcg(list, k); }));
            found.points.emplace_back(k, mean({}, [&](const auto& list) { return recall(list, k); }));
            gain.reference.emplace_back(k, mean({}, [&](const auto& list) { return ndcg(all_alike(list), k); }));
            found.reference.emplace_back(k, mean({}, [&](const auto& list) { return recall(all_alike(list), k); }));
        }
        return {gain, found};
    }

protected:
    void take(const TensorView& output, const Tensor& target, int64_t samples) override {
        for (int64_t s = 0; s < samples; ++s) {
            const double score = float_at(output, s);
            if (!std::isfinite(score)) note_spoilt(s);
            const int32_t number = groups() ? groups()->as<int32_t>()[2 * s] : 0;
            const auto place = place_.try_emplace(number, lists_.size()).first->second;
            if (place == lists_.size()) lists_.emplace_back();
            lists_[place].rows.push_back({score, target_number(target, s)});
            lists_[place].in_order = false;
        }
    }

private:
    static constexpr size_t most_places = 50; // of a curve
    struct List {
        std::vector<ListRow> rows;
        bool in_order = false;
    };
    static bool has_relevant(const std::vector<ListRow>& list) {
        return std::ranges::any_of(list, [](const ListRow& row) { return row.relevance > 0; });
    }
    static std::vector<ListRow> all_alike(std::vector<ListRow> list) {
        for (ListRow& row : list) row.score = 0;
        return list;
    }
    const std::vector<List>& lists() const {
        for (List& list : lists_) {
            if (!list.in_order) put_in_order(list.rows);
            list.in_order = true;
        }
        return lists_;
    }

    mutable std::vector<List> lists_;
    std::unordered_map<int32_t, size_t> place_; // of each group among the lists
};

template <int64_t k>
double ndcg_at(const Metrics& m, Times t) {
    return static_cast<const RankedGroups&>(m).mean(t, [](const auto& list) { return ndcg(list, k); });
}
double map(const Metrics& m, Times t) {
    return static_cast<const RankedGroups&>(m).mean(t, [](const auto& list) { return average_precision(list); });
}
double mrr(const Metrics& m, Times t) {
    return static_cast<const RankedGroups&>(m).mean(t, [](const auto& list) { return reciprocal_rank(list); });
}
double recall_at_10(const Metrics& m, Times t) {
    return static_cast<const RankedGroups&>(m).mean(t, [](const auto& list) { return recall(list, 10); });
}

} // namespace

const Task ranking_task = {
    .name = "ranking",
    .doc = "rows of a group in the order of their relevance",
    .target = TargetMeaning::relevance,
    .ranks = true,
    .train_batch = 512,
    .eval_batch = 1024,
    .outputs = {"logits"},
    .metrics =
        {
            {"ndcg@10", "NDCG of a group's first ten, gains 2^relevance - 1; mean over groups", Better::greater,
             ndcg_at<10>, true},
            {"ndcg@5", "the same of the first five", Better::greater, ndcg_at<5>},
            {"ndcg", "the same of all rows", Better::greater, ndcg_at<0>},
            {"map", "average precision of a group, relevant is what is above 0; mean over groups", Better::greater, map,
             true},
            {"mrr", "1 / place of a group's first relevant row; mean over groups", Better::greater, mrr, true},
            {"recall@10", "of a group's relevant rows, the share among the first ten; mean over groups",
             Better::greater, recall_at_10},
        },
    .deciding = "ndcg@10",
    .deciding_of_0_1 = "ndcg@10",
    .has_curves = true,
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<RankedGroups>(task); },
    .kept_of_sample = 2 * sizeof(ListRow), // lists of unknown length grow by doubling
    .printing = &score_printing,
};

} // namespace ds
