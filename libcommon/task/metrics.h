// What a model's outputs on data are worth. Each task's file keeps what it needs of every sample; a metric is a
// function of the samples and of how many times each counts, so that whatever is measured can also be drawn anew by a
// bootstrap. A sample whose outputs are no finite numbers spoils every metric: they are NaN, and hold no bound.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/batch/facts.h"
#include "tensor/tensor.h"

namespace ds {

struct Task;
class Metrics;

/// How many times each sample counts; without a list, once.
class Times {
public:
    Times() = default;
    explicit Times(std::span<const uint32_t> times) : times_(times) {}
    double operator[](size_t sample) const { return times_.empty() ? 1.0 : double(times_[sample]); }

private:
    std::span<const uint32_t> times_;
};

enum class Better : uint8_t { greater, less };

struct MetricRow {
    std::string_view name;
    std::string_view doc; // one clause
    Better better;
    double (*value)(const Metrics&, Times); // NaN where it is not defined
    bool headline = false;                  // stands in the line of a validation
    bool at_threshold = false;              // depends on Metrics::threshold()
    bool of_samples = true;                 // can be drawn anew, sample by sample
    int part = -1;                          // of a joint task: what it measures; -1: the whole
};

struct ClassMetrics {
    double count = 0; // samples (or pixels) of the class
    double precision = 0, recall = 0, f1 = 0, iou = 0;
};

/// A measurement as a line: y over x, and the line that means nothing was learned (or, for calibration, perfection).
struct Curve {
    std::string title, x_name;
    std::vector<std::pair<double, double>> points, reference;
    std::vector<std::vector<std::pair<double, double>>>
        clouds{}; // in place of a line: dots, a colour for each of these
};

class Metrics {
public:
    explicit Metrics(const Task& task) : task_(task) {}
    virtual ~Metrics() = default;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// How many samples will come, before the first: what is kept of them then takes the room that it needs
    /// (Task::kept_bytes), and is not moved into twice as much as it grows.
    virtual void expect(int64_t samples) { expected_ = size_t(samples); }
    /// One batch: outputs (see the task's row for their shape) of `samples` samples, their targets, and the graph's own
    /// loss: its sum and over how many targets. Error(data) for a target that the outputs cannot mean.
    /// `groups` [samples,2]: which rows belong together (data/batch/groups.h); null: nobody said. `unread`: of texts,
    /// the classes of words that outputs and targets have no room for; null: all have.
    void add(const TensorView& output, const Tensor& target, int64_t samples, double loss_sum, double loss_count,
             const Tensor* groups = nullptr, const UnreadTags* unread = nullptr);

    const Task& task() const { return task_; }
    virtual int64_t samples() const { return samples_; }
    /// What is drawn anew by a bootstrap: samples, or groups of them. Times go by it.
    virtual int64_t draws() const { return samples(); }
    /// What else was counted, by name.
    virtual std::vector<std::pair<std::string, int64_t>> counts() const { return {}; }
    /// Samples whose outputs are not finite, and the first of them (-1: none).
    virtual int64_t spoilt() const { return spoilt_; }
    virtual int64_t first_spoilt() const { return first_spoilt_; }
    /// What a joint task is measured by (task/joint.h), in the order of its parts; of another one itself.
    virtual const Metrics& part(size_t) const { return *this; }
    Metrics& part(size_t i) { return const_cast<Metrics&>(std::as_const(*this).part(i)); }

    double value(const MetricRow& row, Times times = {}) const;
    double value(std::string_view name) const; // Error(usage) listing the known names
    /// Of all metrics that the samples have.
    std::vector<std::pair<std::string, double>> values() const;
    /// False where the samples are not of the kind that this is a measure of: rows of numbers are no pictures.
    bool has(const MetricRow& row) const { return (row.part < 0 ? *this : part(size_t(row.part))).has_own(row); }
    /// The value with the sign that makes greater better.
    double score(const MetricRow& row) const;
    /// The mean of the graph's own loss over all targets; NaN without any.
    double graph_loss() const;

    /// Above this probability a yes is predicted.
    double threshold() const { return threshold_; }
    virtual void set_threshold(double threshold) { threshold_ = threshold; }
    /// The threshold of the greatest f1 on these samples; none for a task without thresholds, NaN without a yes.
    virtual std::optional<double> best_threshold() const { return {}; }

    /// The range of what outputs are held to, where that is known (255 for bytes); 0: not known.
    virtual void set_peak(double) {}
    /// The names of the classes, where they are known.
    virtual void set_labels(const std::vector<std::string>&) {}

    virtual int64_t classes() const { return 0; }
    virtual std::vector<int64_t> confusion() const { return {}; } // [true class][predicted class]
    /// Of classes, or of labels, which have no confusion matrix.
    virtual std::vector<ClassMetrics> per_class() const;
    /// The curves that these samples have.
    virtual std::vector<Curve> curves() const { return {}; }

protected:
    virtual bool has_own(const MetricRow&) const { return true; }
    /// Keeps a batch. It has been seen that the target has the right size; says which sample is spoilt.
    virtual void take(const TensorView& output, const Tensor& target, int64_t samples) = 0;
    void note_spoilt(int64_t sample_of_batch);
    const Tensor* groups() const { return groups_; }     // of the batch that is taken
    const UnreadTags* unread() const { return unread_; } // likewise
    size_t expected() const { return expected_; }
    /// For a list that gets so many elements of each sample.
    template <class T>
    void make_room(std::vector<T>& list, size_t each = 1) const {
        if (list.empty()) list.reserve(expected_ * each);
    }

private:
    const Task& task_;
    const Tensor* groups_ = nullptr;
    const UnreadTags* unread_ = nullptr;
    size_t expected_ = 0;
    int64_t samples_ = 0, spoilt_ = 0, first_spoilt_ = -1;
    double loss_sum_ = 0, loss_count_ = 0, threshold_ = 0.5;
};

/// a / b, NaN when there is nothing to divide by.
double ratio(double a, double b);
/// 10 log10(peak^2 / mean square), in decibels; most_signal_to_noise where there is no noise, NaN without a peak.
double signal_to_noise(double peak, double mean_square);
constexpr double most_signal_to_noise = 200; // more than float64 could tell from none
/// Element i of a target of any number type.
double target_number(const Tensor& target, int64_t i);
/// Counts of [true][predicted] to what each class is worth; 0 where nothing was predicted or is there.
std::vector<ClassMetrics> class_metrics(std::span<const double> confusion);

} // namespace ds
