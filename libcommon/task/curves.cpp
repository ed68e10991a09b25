#include "task/curves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace ds {
namespace {

struct Bin {
    double weight = 0, score = 0, truth = 0; // sums
};

std::array<Bin, calibration_bins> bins_of(const Ranking& ranking, Times times) {
    std::array<Bin, calibration_bins> bins;
    for (size_t i = 0; i < ranking.size(); ++i) {
        const int at = std::clamp(int(std::ceil(ranking.score(i) * calibration_bins)) - 1, 0, calibration_bins - 1);
        bins[size_t(at)].weight += times[i];
        bins[size_t(at)].score += times[i] * ranking.score(i);
        bins[size_t(at)].truth += times[i] * double(ranking.truth(i));
    }
    return bins;
}

} // namespace

void Ranking::add(double score, bool truth) {
    score_.push_back(score);
    truth_.push_back(truth);
    order_.clear();
}

void Ranking::reserve(size_t samples) {
    score_.reserve(samples);
    truth_.reserve(samples);
}

const std::vector<uint32_t>& Ranking::order() const {
    if (order_.size() == score_.size()) return order_;
    order_.resize(score_.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) { return score_[a] > score_[b]; });
    return order_;
}

template <class Step>
void Ranking::descend(Times times, const Step& step) const {
    const std::vector<uint32_t>& by_score = order();
    for (size_t i = 0; i < by_score.size();) {
        const double score = score_[by_score[i]];
        double yes = 0, no = 0;
        do (truth_[by_score[i]] ? yes : no) += times[by_score[i]];
        while (++i < by_score.size() && score_[by_score[i]] == score); // a NaN is equal to nothing, and one step
        if (yes + no > 0) step(score, yes, no);
    }
}

double Ranking::area(Times times) const {
    double above = 0, positives = 0, negatives = 0; // above: pairs, a yes over a no
    descend(times, [&](double, double yes, double no) {
        above += no * (positives + 0.5 * yes);
        positives += yes;
        negatives += no;
    });
    return ratio(above, positives * negatives);
}

double Ranking::average_precision(Times times) const {
    double sum = 0, positives = 0, said = 0;
    descend(times, [&](double, double yes, double no) {
        positives += yes;
        said += yes + no;
        sum += yes * positives / said;
    });
    return ratio(sum, positives);
}

double Ranking::best_threshold() const {
    double total = 0, positives = 0, said = 0, best = 0, threshold = std::nan(""), last = std::nan("");
    bool is_best = false; // the last step: what is below it sets the threshold between the two
    descend({}, [&](double, double yes, double) { total += yes; });
    const auto between = [&](double below) {
        const double middle = last / 2 + below / 2;
        threshold = middle < last ? middle : below;
    };
    descend({}, [&](double score, double yes, double no) {
        if (is_best) between(score);
        positives += yes;
        said += yes + no;
        last = score;
        is_best = total > 0 && 2 * positives / (said + total) > best;
        if (is_best) best = 2 * positives / (said + total);
    });
    if (is_best) between(0);
    return threshold;
}

bool Ranking::has_both() const {
    const auto yes = std::count(truth_.begin(), truth_.end(), true);
    return yes > 0 && yes < std::ptrdiff_t(truth_.size());
}

Curve Ranking::roc() const {
    Curve curve{"ROC: true positive rate", "false positive rate", {{0, 0}}, {{0, 0}, {1, 1}}};
    const auto positives = double(std::count(truth_.begin(), truth_.end(), true));
    double right = 0, wrong = 0;
    descend({}, [&](double, double yes, double no) {
        right += yes;
        wrong += no;
        curve.points.emplace_back(wrong / (double(size()) - positives), right / positives);
    });
    return curve;
}

Curve Ranking::precision_recall() const {
    const auto positives = double(std::count(truth_.begin(), truth_.end(), true));
    const double chance = positives / double(size());
    Curve curve{"precision over recall", "recall", {}, {{0, chance}, {1, chance}}};
    double right = 0, said = 0;
    descend({}, [&](double, double yes, double no) {
        right += yes;
        said += yes + no;
        curve.points.emplace_back(right / positives, right / said);
    });
    return curve;
}

double calibration_error(const Ranking& ranking, Times times) {
    double error = 0, total = 0;
    for (const Bin& bin : bins_of(ranking, times)) {
        error += std::abs(bin.truth - bin.score);
        total += bin.weight;
    }
    return ratio(error, total);
}

Curve reliability_curve(const Ranking& ranking) {
    Curve curve{"calibration: share that is so", "probability told", {}, {{0, 0}, {1, 1}}};
    for (const Bin& bin : bins_of(ranking, {}))
        if (bin.weight > 0) curve.points.emplace_back(bin.score / bin.weight, bin.truth / bin.weight);
    return curve;
}

} // namespace ds
