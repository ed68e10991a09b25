// One of K classes: logits [N,K], class numbers [N].
#include <cmath>

#include "base/parallel.h"
#include "task/class_row.h"
#include "task/curves.h"
#include "task/task.h"

namespace ds {
namespace {

class Classified : public Metrics {
public:
    using Metrics::Metrics;
    struct Sample : ClassRow {
        int64_t label = ignored_class;
        bool counts() const { return label != ignored_class; }
    };

    int64_t classes() const override { return classes_; }
    std::vector<int64_t> confusion() const override {
        const std::vector<double> counts = confusion_of({});
        return {counts.begin(), counts.end()};
    }
    std::vector<Curve> curves() const override {
        const Ranking second = classes_ == 2 ? of_second() : Ranking();
        if (second.has_both()) return {second.roc(), second.precision_recall(), reliability_curve(second)};
        const Ranking all = confidence();
        if (all.size() == 0) return {};
        return {reliability_curve(all)};
    }

    /// The sum over the samples that count of what `part` gives, over their number.
    template <class Part>
    double mean(Times times, const Part& part) const {
        double sum = 0, weight = 0;
        for (size_t i = 0; i < all_.size(); ++i)
            if (all_[i].counts()) {
                sum += times[i] * part(all_[i]);
                weight += times[i];
            }
        return ratio(sum, weight);
    }
    std::vector<double> confusion_of(Times times) const {
        std::vector<double> counts(size_t(classes_ * classes_));
        for (size_t i = 0; i < all_.size(); ++i)
            if (all_[i].counts()) counts[size_t(all_[i].label * classes_ + all_[i].predicted)] += times[i];
        return counts;
    }
    /// The predicted class's probability, and whether it is the true one.
    Ranking confidence() const {
        Ranking ranking;
        ranking.reserve(all_.size());
        for (const Sample& s : all_)
            if (s.counts()) ranking.add(s.probability, s.predicted == s.label);
        return ranking;
    }

protected:
    void take(const TensorView& logits, const Tensor& target, int64_t samples) override {
        classes_ = logits.shape.back();
        check_labels(target, samples, classes_);
        const size_t first = all_.size();
        make_room(all_);
        all_.resize(first + size_t(samples));
        parallel_for(samples, 256, [&](int64_t begin, int64_t end) {
            for (int64_t s = begin; s < end; ++s) {
                Sample& sample = all_[first + size_t(s)];
                const auto label = int64_t(target_number(target, s));
                static_cast<ClassRow&>(sample) = class_row(logits, s, label == ignored_class ? 0 : label);
                sample.label = label;
            }
        });
        for (int64_t s = 0; s < samples; ++s)
            if (!all_[first + size_t(s)].finite) note_spoilt(s);
    }

private:
    Ranking of_second() const { // of two classes: the second one's probability
        Ranking ranking;
        for (const Sample& s : all_)
            if (s.counts()) ranking.add(s.predicted == 1 ? s.probability : 1 - s.probability, s.label == 1);
        return ranking;
    }

    int64_t classes_ = 0;
    std::vector<Sample> all_;
};

using Sample = Classified::Sample;
const Classified& of(const Metrics& metrics) { return static_cast<const Classified&>(metrics); }

double loss(const Metrics& m, Times t) {
    return of(m).mean(t, [](const Sample& s) { return s.nats; });
}
double top1(const Metrics& m, Times t) {
    return of(m).mean(t, [](const Sample& s) { return s.top1; });
}
double top5(const Metrics& m, Times t) {
    return of(m).mean(t, [](const Sample& s) { return s.top5; });
}
double brier(const Metrics& m, Times t) {
    return of(m).mean(t, [](const Sample& s) { return s.brier; });
}

double macro(const Metrics& m, Times t, double ClassMetrics::*part) {
    double sum = 0, present = 0;
    for (const ClassMetrics& c : class_metrics(of(m).confusion_of(t)))
        if (c.count > 0) {
            sum += c.*part;
            ++present;
        }
    return ratio(sum, present);
}
double precision(const Metrics& m, Times t) { return macro(m, t, &ClassMetrics::precision); }
double recall(const Metrics& m, Times t) { return macro(m, t, &ClassMetrics::recall); }
double f1(const Metrics& m, Times t) { return macro(m, t, &ClassMetrics::f1); }

double ece(const Metrics& m, Times t) { return calibration_error(of(m).confidence(), t); }

} // namespace

const Task classification_task = {
    .name = "classification",
    .doc = "one of several classes",
    .target = TargetMeaning::class_number,
    .classes = true,
    .outputs = {"logits"},
    .metrics =
        {
            {"loss", "cross entropy, in nats", Better::less, loss, true},
            {"top1", "share of samples whose true class is the likeliest", Better::greater, top1, true},
            {"top5", "share of samples whose true class is among the five likeliest", Better::greater, top5},
            {"precision", "of what is given a class, the share that has it; mean over the classes that occur",
             Better::greater, precision},
            {"recall", "of what has a class, the share that is given it; mean over the classes that occur",
             Better::greater, recall},
            {"f1", "harmonic mean of the two for each class; mean over the classes that occur", Better::greater, f1},
            {"brier", "squared error of the probabilities, summed over the classes", Better::less, brier},
            {"ece", "calibration error: how far the likeliest class's probability is from how often it is right",
             Better::less, ece, false, false, false},
        },
    .deciding = "top1",
    .deciding_of_0_1 = "top1",
    .has_curves = true,
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Classified>(task); },
    .kept_of_sample = sizeof(Sample) + Ranking::kept_bytes,
    .count_right = count_right_classes,
    .printing = &class_printing,
};

} // namespace ds
