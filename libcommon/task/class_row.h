// One row of logits against its class: what top-k, loss and calibration are made of. Shared by classes and text.
#pragma once

#include <cstdint>

#include "tensor/tensor.h"

namespace ds {

struct ClassRow {
    bool finite = false;       // a softmax exists: no NaN, and the greatest is no infinity
    int64_t predicted = 0;     // the greatest; of equals the first
    double probability = 0;    // of the predicted class
    double nats = 0;           // -log of the true class's probability
    double top1 = 0, top5 = 0; // whether the true class is among the greatest; of equals: how likely it is
    double brier = 0;          // sum over the classes of (probability - truth)^2
};

/// Row r of logits [...,K]; `label` in 0..K-1.
ClassRow class_row(const TensorView& logits, int64_t r, int64_t label);

/// Targets of `rows` rows as class numbers. Error(data) for one that is neither below `classes` nor ignored_class.
void check_labels(const Tensor& target, int64_t rows, int64_t classes);

/// Rows of logits [...,K] with their greatest element at the target's class; targets outside are not counted.
int64_t count_right_classes(const TensorView& logits, const Tensor& target);

} // namespace ds
