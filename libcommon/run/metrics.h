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
    /// The value to select models by, greater is better: top1, accuracy, or minus the loss.
    double score() const;

    int64_t samples() const { return int64_t(sample_score_.size()); }
    int64_t classes() const { return classes_; }
    const std::vector<int64_t>& confusion() const { return confusion_; } // [true class][predicted class]
    std::vector<ClassMetrics> per_class() const;
    const std::vector<double>& sample_score() const {
        return sample_score_;
    } // 1 right, 0 wrong (text: share of tokens; regression: -error^2)
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
    std::vector<double> sample_score_, output_, target_;
    std::vector<int32_t> predicted_;
};

} // namespace ds
