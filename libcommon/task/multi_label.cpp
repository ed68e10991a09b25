// Any number of K labels: logits [N,K], targets [N,K] of 0 and 1.
#include <algorithm>
#include <cmath>

#include "task/curves.h"
#include "task/task.h"

namespace ds {
namespace {

/// What is predicted of a label, or of all together, and what is so.
struct Counts {
    double hit = 0, predicted = 0, true_ones = 0;
    double f1() const { return predicted + true_ones > 0 ? 2 * hit / (predicted + true_ones) : 0; }
};

class Labels : public Metrics {
public:
    using Metrics::Metrics;
    std::vector<ClassMetrics> per_class() const override {
        std::vector<ClassMetrics> all;
        for (const Counts& c : label_counts({}))
            all.push_back({c.true_ones, c.predicted > 0 ? c.hit / c.predicted : 0,
                           c.true_ones > 0 ? c.hit / c.true_ones : 0, c.f1()});
        return all;
    }
    std::vector<Curve> curves() const override {
        if (!pooled_.has_both()) return {};
        return {pooled_.precision_recall(), reliability_curve(pooled_)};
    }
    /// That of the greatest f1_micro.
    std::optional<double> best_threshold() const override { return pooled_.best_threshold(); }

    std::vector<Counts> label_counts(Times times) const {
        std::vector<Counts> all(labels_.size());
        for (size_t k = 0; k < all.size(); ++k)
            for (size_t s = 0; s < labels_[k].size(); ++s) {
                const bool yes = is_predicted(k, s), truth = labels_[k].truth(s);
                all[k].hit += times[s] * (yes && truth);
                all[k].predicted += times[s] * yes;
                all[k].true_ones += times[s] * truth;
            }
        return all;
    }
    /// Share of the samples whose labels are all right.
    double exact(Times times) const {
        double right = 0, count = 0;
        for (size_t s = 0; s < size_t(samples()); ++s) {
            bool all = true;
            for (size_t k = 0; k < labels_.size(); ++k) all = all && is_predicted(k, s) == labels_[k].truth(s);
            right += times[s] * all;
            count += times[s];
        }
        return ratio(right, count);
    }
    /// log(1 + e^x) - x t, without overflow; mean over samples and labels.
    double loss(Times times) const {
        double sum = 0, count = 0;
        for (const Ranking& label : labels_)
            for (size_t s = 0; s < label.size(); ++s) {
                const double x = label.score(s);
                sum += times[s] * (std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))) - x * label.truth(s));
                count += times[s];
            }
        return ratio(sum, count);
    }
    /// Over the labels that some sample has.
    double mean_average_precision(Times times) const {
        double sum = 0, count = 0;
        for (const Ranking& label : labels_)
            if (const double own = label.average_precision(times); !std::isnan(own)) sum += own, ++count;
        return ratio(sum, count);
    }

protected:
    void take(const TensorView& output, const Tensor& target, int64_t samples) override {
        const int64_t labels = output.size() / std::max<int64_t>(1, output.shape[0]);
        if (labels_.empty()) {
            labels_.resize(size_t(labels));
            for (Ranking& label : labels_) label.reserve(expected());
            pooled_.reserve(expected() * labels_.size());
        }
        for (int64_t s = 0; s < samples; ++s) {
            bool finite = true;
            for (int64_t k = 0; k < labels; ++k) {
                const double x = float_at(output, s * labels + k);
                const bool truth = target_number(target, s * labels + k) > 0.5;
                finite = finite && std::isfinite(x);
                labels_[size_t(k)].add(x, truth);
                pooled_.add(logistic(x), truth);
            }
            if (!finite) note_spoilt(s);
        }
    }

private:
    bool is_predicted(size_t k, size_t s) const { return logistic(labels_[k].score(s)) > threshold(); }
    std::vector<Ranking> labels_; // by logits: in their order no two are equal because they are large
    Ranking pooled_;              // probabilities of all labels
};

const Labels& of(const Metrics& metrics) { return static_cast<const Labels&>(metrics); }

double loss(const Metrics& m, Times t) { return of(m).loss(t); }
double map(const Metrics& m, Times t) { return of(m).mean_average_precision(t); }
double exact(const Metrics& m, Times t) { return of(m).exact(t); }
double f1_macro(const Metrics& m, Times t) {
    double sum = 0, labels = 0;
    for (const Counts& c : of(m).label_counts(t)) sum += c.f1(), ++labels;
    return ratio(sum, labels);
}
Counts together(const Metrics& m, Times t) {
    Counts all;
    for (const Counts& c : of(m).label_counts(t)) {
        all.hit += c.hit;
        all.predicted += c.predicted;
        all.true_ones += c.true_ones;
    }
    return all;
}
double f1_micro(const Metrics& m, Times t) { return together(m, t).f1(); }
double precision(const Metrics& m, Times t) {
    const Counts c = together(m, t);
    return c.predicted > 0 ? c.hit / c.predicted : 0;
}
double recall(const Metrics& m, Times t) {
    const Counts c = together(m, t);
    return c.true_ones > 0 ? c.hit / c.true_ones : 0;
}

} // namespace

const Task multi_label_task = {
    .name = "multi-label",
    .doc = "any number of labels",
    .target = TargetMeaning::zero_or_one,
    .outputs = {"logits"},
    .metrics =
        {
            {"loss", "cross entropy of a label, in nats", Better::less, loss, true},
            {"map", "average precision of each label; mean over the labels that occur", Better::greater, map, true},
            {"f1_micro", "f1 of all labels together", Better::greater, f1_micro, true, true},
            {"f1_macro", "f1 of each label; mean over all labels, 0 for one that is neither there nor predicted",
             Better::greater, f1_macro, true, true},
            {"precision", "of the labels that are given, the share that is there", Better::greater, precision, false,
             true},
            {"recall", "of the labels that are there, the share that is given", Better::greater, recall, false, true},
            {"exact", "share of samples of which all labels are right", Better::greater, exact, false, true},
        },
    .deciding = "map",
    .deciding_of_0_1 = "map",
    .has_curves = true,
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Labels>(task); },
    .kept_bytes = Ranking::kept_bytes_in_order + Ranking::kept_bytes,
    .printing = &labels_printing,
};

} // namespace ds
