// What a model's outputs on data are worth, by task:
//   classification  loss, top1, top5, precision, recall, f1 (macro: the mean over classes that occur)
//   text            loss (per token), perplexity, bits_per_byte, top1
//   binary          loss, accuracy, auc (Mann-Whitney, ties counted half), precision, recall, f1 at probability 1/2
//   regression      loss, mae
// Kept per sample as well, for predictions and for the bootstrap.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace ds {

struct ClassMetrics {
    int64_t count = 0; // samples of the class
    double precision = 0, recall = 0, f1 = 0;
};

struct SampleMetric {
    double value = 0;  // 1 right, 0 wrong; text: nats, summed over the valid tokens; regression: squared errors
    double weight = 0; // 1, or 0 where the target is ignored; text: valid tokens; regression: numbers
};

class Metrics {
public:
    explicit Metrics(std::string task) : task_(std::move(task)) {}

    /// One batch: logits [rows...,K] (binary and regression: [rows] or [rows,1]) of `samples` samples, and their
    /// targets.
    void add(const TensorView& logits, const Tensor& target, int64_t samples, double loss_sum, double count);

    const std::string& task() const { return task_; }
    /// Names and values, the most important first.
    std::vector<std::pair<std::string, double>> values() const;
    double value(const std::string& name) const; // Error(usage) listing the known names
    /// The metric that models are selected and compared by: top1, accuracy, or for text and numbers the loss.
    std::string deciding() const;
    bool greater_is_better() const { return deciding() != "loss"; }
    double score() const; // its value, with the sign that makes greater better

    int64_t samples() const { return int64_t(samples_.size()); }
    int64_t classes() const { return classes_; }
    const std::vector<int64_t>& confusion() const { return confusion_; } // [true class][predicted class]
    std::vector<ClassMetrics> per_class() const;
    /// What each sample adds to the deciding metric, which is the sum of `value` over the sum of `weight`.
    const std::vector<SampleMetric>& per_sample() const { return samples_; }
    const std::vector<int32_t>& predicted() const { return predicted_; } // class, one a sample (classification, binary)
    const std::vector<double>& output() const {
        return output_;
    } // probability of the predicted class (binary: of 1; regression: the value)
    const std::vector<double>& target() const { return target_; }

private:
    void add_classes(const TensorView& logits, const Tensor& target, int64_t samples);
    void add_numbers(const TensorView& logits, const Tensor& target, int64_t samples);
    double auc() const;

    std::string task_;
    double loss_ = 0, count_ = 0, rows_ = 0, top1_ = 0, top5_ = 0, absolute_ = 0;
    int64_t classes_ = 0;
    std::vector<int64_t> confusion_;
    std::vector<SampleMetric> samples_;
    std::vector<double> output_, target_;
    std::vector<int32_t> predicted_;
};

/// How many rows of logits [...,K] have their greatest element at the target's class; targets outside are not counted.
int64_t count_correct(const TensorView& logits, const Tensor& target, int64_t rows);

} // namespace ds
