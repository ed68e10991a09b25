#include "task/curves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

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
        for (; i < by_score.size() && score_[by_score[i]] == score; ++i)
            (truth_[by_score[i]] ? yes : no) += times[by_score[i]];
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

Curve Ranking::curve(const std::string& name) const {
    double positives = 0, negatives = 0;
    descend({}, [&](double, double yes, double no) {
        positives += yes;
        negatives += no;
    });
    if (positives == 0 || negatives == 0)
        fail(Exit::data, "--{}: all samples have the same target; a curve needs both", name);
    const bool roc = name == "roc";
    Curve curve;
    curve.title = roc ? "ROC" : "precision and recall";
    curve.x_name = roc ? "false positive rate" : "recall";
    curve.y_name = roc ? "true positive rate" : "precision";
    if (roc) curve.points.emplace_back(0, 0);
    double right = 0, wrong = 0;
    descend({}, [&](double, double yes, double no) {
        right += yes;
        wrong += no;
        if (roc) curve.points.emplace_back(wrong / negatives, right / positives);
        else curve.points.emplace_back(right / positives, right / (right + wrong));
    });
    const double chance = positives / (positives + negatives);
    curve.reference =
        roc ? decltype(curve.reference){{0, 0}, {1, 1}} : decltype(curve.reference){{0, chance}, {1, chance}};
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
    Curve curve{"reliability", "probability told", "share that is so", {}, {{0, 0}, {1, 1}}};
    for (const Bin& bin : bins_of(ranking, {}))
        if (bin.weight > 0) curve.points.emplace_back(bin.score / bin.weight, bin.truth / bin.weight);
    return curve;
}

} // namespace ds
