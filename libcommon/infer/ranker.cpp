#include "infer/ranker.h"

#include "task/ranked_list.h"

namespace ds {

void Ranker::hand_over(const std::function<void(const Predictions&)>& each) {
    std::vector<std::string> groups;
    std::vector<double> scores;
    for (const Predictions& some : held_)
        for (int64_t s = 0; s < some.samples() && !some.is_bad; ++s) {
            groups.push_back(some.groups[size_t(s)]);
            scores.push_back(some.of(s)[0]);
        }
    const std::vector<int64_t> ranks = ranks_in_groups(groups, scores);
    auto next = ranks.begin();
    for (Predictions& some : held_) {
        const int64_t ranked = some.is_bad ? 0 : some.samples();
        some.ranks.insert(some.ranks.end(), next, next + ranked);
        next += ranked;
        each(some);
    }
    held_.clear();
}

} // namespace ds
