// Yes or no: one logit a sample [N] or [N,1], targets [N] of 0 and 1.
#include <cmath>

#include "task/curves.h"
#include "task/task.h"

namespace ds {
namespace {

class YesNo : public Metrics {
public:
    using Metrics::Metrics;
    int64_t classes() const override { return 2; }
    std::vector<int64_t> confusion() const override {
        const std::vector<double> counts = confusion_of({});
        return {counts.begin(), counts.end()};
    }
    std::vector<Curve> curves() const override {
        if (!logits_.has_both()) return {};
        return {logits_.roc(), logits_.precision_recall(), reliability_curve(probabilities_)};
    }
    std::optional<double> best_threshold() const override { return probabilities_.best_threshold(); }

    std::vector<double> confusion_of(Times times) const {
        std::vector<double> counts(4);
        for (size_t i = 0; i < logits_.size(); ++i)
            counts[size_t(2 * logits_.truth(i) + (probabilities_.score(i) > threshold()))] += times[i];
        return counts;
    }
    template <class Part>
    double mean(Times times, const Part& part) const {
        double sum = 0, weight = 0;
        for (size_t i = 0; i < logits_.size(); ++i) {
            sum += times[i] * part(logits_.score(i), probabilities_.score(i), double(logits_.truth(i)));
            weight += times[i];
        }
        return ratio(sum, weight);
    }
    const Ranking& logits() const { return logits_; } // in their order no two are equal because they are large
    const Ranking& probabilities() const { return probabilities_; }

protected:
    void take(const TensorView& output, const Tensor& target, int64_t samples) override {
        if (logits_.size() == 0) {
            logits_.reserve(expected());
            probabilities_.reserve(expected());
        }
        for (int64_t s = 0; s < samples; ++s) {
            const double x = float_at(output, s);
            if (!std::isfinite(x)) note_spoilt(s);
            logits_.add(x, target_number(target, s) > 0.5);
            probabilities_.add(logistic(x), target_number(target, s) > 0.5);
        }
    }

private:
    Ranking logits_, probabilities_;
};

const YesNo& of(const Metrics& metrics) { return static_cast<const YesNo&>(metrics); }

/// log(1 + e^x) - x t, without overflow.
double loss(const Metrics& m, Times t) {
    return of(m).mean(t, [](double x, double, double truth) {
        return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))) - x * truth;
    });
}
double auc(const Metrics& m, Times t) { return of(m).logits().area(t); }
double average_precision(const Metrics& m, Times t) { return of(m).logits().average_precision(t); }
double brier(const Metrics& m, Times t) {
    return of(m).mean(t, [](double, double p, double truth) { return (p - truth) * (p - truth); });
}
double ece(const Metrics& m, Times t) { return calibration_error(of(m).probabilities(), t); }
double accuracy(const Metrics& m, Times t) {
    return of(m).mean(t, [&](double, double p, double truth) { return double((p > m.threshold()) == (truth > 0.5)); });
}
ClassMetrics yes(const Metrics& m, Times t) { return class_metrics(of(m).confusion_of(t))[1]; }
double precision(const Metrics& m, Times t) { return yes(m, t).precision; }
double recall(const Metrics& m, Times t) { return yes(m, t).recall; }
double f1(const Metrics& m, Times t) { return yes(m, t).f1; }

} // namespace

const Task binary_task = {
    .name = "binary",
    .doc = "yes or no",
    .target = TargetMeaning::zero_or_one,
    .classes = true,
    .outputs = {"logits"},
    .metrics =
        {
            {"loss", "cross entropy, in nats", Better::less, loss, true},
            {"auc", "area under the ROC curve: how often a yes is put above a no", Better::greater, auc, true},
            {"average_precision", "mean precision over all thresholds, weighted by the gain of recall", Better::greater,
             average_precision},
            {"brier", "squared error of the probability", Better::less, brier},
            {"ece", "calibration error: how far probabilities are from how often it is so", Better::less, ece, false,
             false, false},
            {"accuracy", "share of samples that are predicted right", Better::greater, accuracy, true, true},
            {"precision", "of those predicted yes, the share that is", Better::greater, precision, false, true},
            {"recall", "of those that are yes, the share that is predicted so", Better::greater, recall, false, true},
            {"f1", "harmonic mean of the two", Better::greater, f1, false, true},
        },
    .deciding = "auc",
    .deciding_of_0_1 = "accuracy",
    .has_curves = true,
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<YesNo>(task); },
    .kept_of_sample = Ranking::kept_bytes_in_order + Ranking::kept_bytes,
    .printing = &yes_no_printing,
};

} // namespace ds
