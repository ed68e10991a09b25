#include "task/ranked_list.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace ds {
namespace {

bool is_relevant(const ListRow& row) { return row.relevance > 0; }
double gain(double relevance) { return std::exp2(relevance) - 1; }

/// Calls each(begin, end) for each run of equal scores, from the top, until it says false.
template <class Each>
void each_tie(std::span<const ListRow> list, const Each& each) {
    for (size_t begin = 0; begin < list.size();) {
        size_t end = begin + 1;
        while (end < list.size() && list[end].score == list[begin].score) ++end;
        if (!each(begin, end)) return;
        begin = end;
    }
}

size_t relevant_in(std::span<const ListRow> list) { return size_t(std::ranges::count_if(list, is_relevant)); }

/// The sum of the discounts of places [begin, end) that are among the first k.
double discounts(size_t begin, size_t end, size_t k) {
    double sum = 0;
    for (size_t i = begin; i < std::min(end, k); ++i) sum += 1 / std::log2(double(i) + 2);
    return sum;
}

double best_gain(std::span<const ListRow> list, size_t k) {
    std::vector<double> gains;
    for (const ListRow& row : list) gains.push_back(gain(row.relevance));
    const size_t n = std::min(k, gains.size());
    std::partial_sort(gains.begin(), gains.begin() + int64_t(n), gains.end(), std::greater<>());
    double sum = 0;
    for (size_t i = 0; i < n; ++i) sum += gains[i] * discounts(i, i + 1, k);
    return sum;
}

} // namespace

void put_in_order(std::vector<ListRow>& list) { std::ranges::sort(list, std::greater<>(), &ListRow::score); }

double ndcg(std::span<const ListRow> list, int64_t k) {
    const size_t first = k > 0 ? std::min(size_t(k), list.size()) : list.size();
    const double best = best_gain(list, first);
    if (!(best > 0)) return std::nan("");
    double sum = 0;
    each_tie(list, [&](size_t begin, size_t end) {
        double gains = 0;
        for (size_t i = begin; i < end; ++i) gains += gain(list[i].relevance);
        sum += gains / double(end - begin) * discounts(begin, end, first);
        return end < first;
    });
    return sum / best;
}

double average_precision(std::span<const ListRow> list) {
    double sum = 0, seen = 0;
    each_tie(list, [&](size_t begin, size_t end) {
        const auto n = double(end - begin), own = double(relevant_in(list.subspan(begin, end - begin)));
        for (size_t i = begin; own > 0 && i < end; ++i) { // of the equals before place i, so many are relevant
            const double before = n > 1 ? double(i - begin) * (own - 1) / (n - 1) : 0;
            sum += own / n * (seen + before + 1) / double(i + 1);
        }
        seen += own;
        return true;
    });
    return seen > 0 ? sum / seen : std::nan("");
}

double reciprocal_rank(std::span<const ListRow> list) {
    double expected = std::nan("");
    each_tie(list, [&](size_t begin, size_t end) {
        const auto own = double(relevant_in(list.subspan(begin, end - begin)));
        if (own == 0) return true;
        double none_before = 1;
        expected = 0;
        for (size_t i = begin; i < end && none_before > 0; ++i) { // drawn one after another, without return
            const double here = own / double(end - i);
            expected += none_before * std::min(1.0, here) / double(i + 1);
            none_before *= 1 - std::min(1.0, here);
        }
        return false;
    });
    return expected;
}

double recall(std::span<const ListRow> list, int64_t k) {
    const auto all = double(relevant_in(list));
    const size_t first = k > 0 ? size_t(k) : list.size();
    double sum = 0;
    each_tie(list, [&](size_t begin, size_t end) {
        const auto own = double(relevant_in(list.subspan(begin, end - begin)));
        sum += own * double(std::min(end, first) - begin) / double(end - begin);
        return end < first;
    });
    return all > 0 ? sum / all : std::nan("");
}

std::vector<int64_t> ranks_in_groups(std::span<const std::string> groups, std::span<const double> scores) {
    std::unordered_map<std::string_view, std::vector<double>> in_order; // of each group, the greatest first
    for (size_t i = 0; i < scores.size(); ++i) in_order[groups[i]].push_back(scores[i]);
    for (auto& [group, all] : in_order) std::ranges::sort(all, std::greater<>());
    std::vector<int64_t> ranks;
    for (size_t i = 0; i < scores.size(); ++i) {
        const std::vector<double>& all = in_order[groups[i]];
        ranks.push_back(std::ranges::lower_bound(all, scores[i], std::greater<>()) - all.begin() + 1);
    }
    return ranks;
}

} // namespace ds
