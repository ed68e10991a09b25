// A class for each pixel: logits [N,H,W,K], class numbers [N,H,W], pixels that are ignored among them. Intersections
// and unions are those of all pixels of all samples together. A class that neither truth nor prediction has anywhere
// does not count in a mean, as in scikit-learn's jaccard_score and torchmetrics' JaccardIndex.
#include "base/parallel.h"
#include "task/class_row.h"
#include "task/task.h"

namespace ds {
namespace {

/// Pixels of one class: those of both, of the truth, of the prediction.
struct Overlap {
    double both = 0, truth = 0, predicted = 0;
    bool is_there() const { return truth + predicted > 0; }
    double iou() const { return both / (truth + predicted - both); }
    double dice() const { return 2 * both / (truth + predicted); }
};

class Segmented : public Metrics {
public:
    using Metrics::Metrics;
    struct Picture {
        double nats = 0, right = 0, pixels = 0; // sums over those that are not ignored
        bool finite = true;
    };

    struct Counts {
        uint32_t both = 0, truth = 0, predicted = 0;
    };
    static constexpr int64_t kept_of_class = sizeof(Counts);

    int64_t classes() const override { return classes_; }
    std::vector<int64_t> confusion() const override { return confusion_; }
    double mean(Times times, double Picture::*part) const {
        double sum = 0, pixels = 0;
        for (size_t s = 0; s < all_.size(); ++s) {
            sum += times[s] * (all_[s].*part);
            pixels += times[s] * all_[s].pixels;
        }
        return ratio(sum, pixels);
    }
    double mean(Times times, double (Overlap::*of_class)() const) const {
        double sum = 0, classes = 0;
        for (const Overlap& overlap : overlaps(times))
            if (overlap.is_there()) {
                sum += (overlap.*of_class)();
                ++classes;
            }
        return ratio(sum, classes);
    }

protected:
    void take(const TensorView& logits, const Tensor& target, int64_t samples) override {
        classes_ = logits.shape.back();
        const int64_t pixels = logits.size() / classes_ / logits.shape[0];
        check_labels(target, samples * pixels, classes_);
        const size_t first = all_.size(), width = size_t(classes_);
        make_room(all_);
        make_room(counts_, width);
        all_.resize(first + size_t(samples));
        counts_.resize(all_.size() * width);
        confusion_.resize(width * width);
        std::vector<std::vector<int64_t>> confusions(static_cast<size_t>(samples));
        parallel_for(samples, 1, [&](int64_t begin, int64_t end) {
            for (int64_t s = begin; s < end; ++s)
                all_[first + size_t(s)] = picture(logits, target, s, pixels, confusions[size_t(s)]);
        });
        for (size_t s = 0; s < size_t(samples); ++s) {
            if (!all_[first + s].finite) note_spoilt(int64_t(s));
            keep(confusions[s], &counts_[(first + s) * width]);
        }
    }

private:
    Picture picture(const TensorView& logits, const Tensor& target, int64_t s, int64_t pixels,
                    std::vector<int64_t>& confusion) const {
        Picture p;
        confusion.assign(size_t(classes_ * classes_), 0);
        for (int64_t r = s * pixels; r < (s + 1) * pixels; ++r) {
            const auto label = int64_t(target_number(target, r));
            const ClassRow row = class_row(logits, r, label == ignored_class ? 0 : label);
            p.finite = p.finite && row.finite;
            if (label == ignored_class) continue;
            p.nats += row.nats;
            p.right += row.top1;
            ++p.pixels;
            ++confusion[size_t(label * classes_ + row.predicted)];
        }
        return p;
    }
    /// What the means need of a sample's counts, and their sum over all samples.
    void keep(const std::vector<int64_t>& confusion, Counts* counts) {
        const auto width = size_t(classes_);
        for (size_t t = 0; t < width; ++t)
            for (size_t p = 0; p < width; ++p) {
                const int64_t n = confusion[t * width + p];
                confusion_[t * width + p] += n;
                counts[t].truth += uint32_t(n);
                counts[p].predicted += uint32_t(n);
                if (t == p) counts[t].both += uint32_t(n);
            }
    }
    std::vector<Overlap> overlaps(Times times) const {
        std::vector<Overlap> sums(static_cast<size_t>(classes_));
        for (size_t s = 0; s < all_.size(); ++s)
            for (size_t c = 0; c < sums.size(); ++c) {
                const Counts& counts = counts_[s * sums.size() + c];
                sums[c].both += times[s] * counts.both;
                sums[c].truth += times[s] * counts.truth;
                sums[c].predicted += times[s] * counts.predicted;
            }
        return sums;
    }

    int64_t classes_ = 0;
    std::vector<Picture> all_;
    std::vector<Counts> counts_;     // [samples, classes]
    std::vector<int64_t> confusion_; // of all samples
};

using Picture = Segmented::Picture;
const Segmented& of(const Metrics& metrics) { return static_cast<const Segmented&>(metrics); }

double loss(const Metrics& m, Times t) { return of(m).mean(t, &Picture::nats); }
double accuracy(const Metrics& m, Times t) { return of(m).mean(t, &Picture::right); }
double iou(const Metrics& m, Times t) { return of(m).mean(t, &Overlap::iou); }
double dice(const Metrics& m, Times t) { return of(m).mean(t, &Overlap::dice); }

} // namespace

const Task segmentation_task = {
    .name = "segmentation",
    .doc = "a class for each pixel",
    .target = TargetMeaning::class_number,
    .classes = true,
    .counted = "pixels",
    .overlaps = true,
    .train_batch = 16,
    .eval_batch = 16,
    .outputs = {"logits"},
    .metrics =
        {
            {"loss", "cross entropy of a pixel, in nats", Better::less, loss, true},
            {"iou", "intersection over union; mean over the classes that truth or prediction has", Better::greater, iou,
             true},
            {"pixel_accuracy", "share of pixels whose true class is the likeliest", Better::greater, accuracy, true},
            {"dice", "twice the intersection over the sum of both; mean over the same classes", Better::greater, dice},
        },
    .deciding = "iou",
    .deciding_of_0_1 = "iou",
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Segmented>(task); },
    .kept_of_class = Segmented::kept_of_class,
    .kept_of_sample = sizeof(Picture),
    .count_right = count_right_classes,
    .printing = &segment_printing,
};

} // namespace ds
