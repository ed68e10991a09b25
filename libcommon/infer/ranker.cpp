#include "infer/ranker.h"

#include <algorithm>
#include <unordered_map>

namespace ds {

void Ranker::hand_over(const std::function<void(const Predictions&)>& each) {
    std::unordered_map<std::string, std::vector<double>> scores; // of each group, the greatest first
    for (const Predictions& some : held_)
        for (int64_t s = 0; s < some.samples() && !some.is_bad; ++s)
            scores[some.groups[size_t(s)]].push_back(some.of(s)[0]);
    for (auto& [group, all] : scores) std::ranges::sort(all, std::greater<>());
    for (Predictions& some : held_) {
        for (int64_t s = 0; s < some.samples() && !some.is_bad; ++s) {
            const std::vector<double>& all = scores[some.groups[size_t(s)]];
            some.ranks.push_back(std::ranges::lower_bound(all, some.of(s)[0], std::greater<>()) - all.begin() + 1);
        }
        each(some);
    }
    held_.clear();
}

} // namespace ds
