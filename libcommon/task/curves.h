// Scores against truth: areas, calibration, and the curves of both. Fawcett 2006 (ROC), Davis & Goadrich 2006 (PR),
// Guo et al. 2017 (calibration).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "task/metrics.h"

namespace ds {

/// Samples with a score each, the greater the surer, and whether it was so.
class Ranking {
public:
    void add(double score, bool truth);
    void reserve(size_t samples);
    size_t size() const { return score_.size(); }
    double score(size_t i) const { return score_[i]; }
    bool truth(size_t i) const { return truth_[i]; }

    /// Area under the ROC curve (Mann-Whitney): the share of pairs in the right order, equals counting half. NaN where
    /// one kind is missing.
    double area(Times times) const;
    /// Mean precision over the steps of recall. NaN without a yes.
    double average_precision(Times times) const;
    /// The score of the greatest f1: what is above it is a yes. NaN without a yes.
    double best_threshold() const;
    bool has_both() const; // a yes and a no, without which there are no curves
    Curve roc() const;
    Curve precision_recall() const;

    /// Bytes of each sample: a score, its truth, and where it stands in their order, with what sorting needs.
    static constexpr int64_t kept_bytes = sizeof(double) + 1, kept_bytes_in_order = kept_bytes + 6;

private:
    /// Calls step(score, yes, no) for each distinct score with how often it was so and not so, the greatest first.
    template <class Step>
    void descend(Times times, const Step& step) const;
    const std::vector<uint32_t>& order() const; // the greatest score first

    std::vector<double> score_;
    std::vector<bool> truth_;
    mutable std::vector<uint32_t> order_;
};

constexpr int calibration_bins = 15;

/// Expected calibration error: scores are probabilities, put into equal bins; the distance between mean score and share
/// of truth in each, weighted by its samples.
double calibration_error(const Ranking& ranking, Times times);
/// The share of truth over the mean score of each bin.
Curve reliability_curve(const Ranking& ranking);

} // namespace ds
