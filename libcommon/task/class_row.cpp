#include "task/class_row.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "task/task.h"

namespace ds {
namespace {

template <class T>
int64_t argmax(const T* x, int64_t n) {
    int64_t best = 0;
    for (int64_t k = 1; k < n; ++k)
        if (x[k] > x[best]) best = k;
    return best;
}

/// That one of `equal` rows, `above` of them behind others, is among the first k.
double chance(double above, double equal, double k) { return std::clamp((k - above) / equal, 0.0, 1.0); }

template <class T>
ClassRow row_of(const T* x, int64_t n, int64_t label) {
    ClassRow row;
    row.predicted = argmax(x, n);
    const double top = double(x[row.predicted]), own = double(x[label]);
    double sum = 0, squares = 0, above = 0, equal = 0;
    for (int64_t k = 0; k < n; ++k) {
        const double e = std::exp(double(x[k]) - top);
        sum += e;
        squares += e * e;
        above += double(x[k]) > own;
        equal += double(x[k]) == own;
    }
    row.finite = std::isfinite(sum); // a NaN anywhere, or an infinity at the top
    if (!row.finite) return row;
    const double p = std::exp(own - top) / sum;
    row.probability = 1 / sum;
    row.nats = std::log(sum) + top - own;
    row.top1 = chance(above, equal, 1);
    row.top5 = chance(above, equal, 5);
    row.brier = squares / (sum * sum) - 2 * p + 1;
    return row;
}

} // namespace

ClassRow class_row(const TensorView& logits, int64_t r, int64_t label) {
    const int64_t n = logits.shape.back();
    return logits.dtype == DType::f64 ? row_of(logits.as<double>() + r * n, n, label)
                                      : row_of(logits.as<float>() + r * n, n, label);
}

void check_labels(const Tensor& target, int64_t rows, int64_t classes) {
    for (int64_t r = 0; r < rows; ++r) {
        const auto label = int64_t(target_number(target, r));
        if (label != ignored_class && (label < 0 || label >= classes))
            fail(Exit::data, "row {} of the batch has class {}, and there are {} classes", r, label, classes);
    }
}

int64_t count_right_classes(const TensorView& logits, const Tensor& target) {
    const int64_t classes = logits.shape.back();
    std::atomic<int64_t> total{0};
    parallel_for(logits.size() / classes, 256, [&](int64_t begin, int64_t end) {
        int64_t correct = 0;
        for (int64_t r = begin; r < end; ++r) {
            const int64_t best = logits.dtype == DType::f64 ? argmax(logits.as<double>() + r * classes, classes)
                                                            : argmax(logits.as<float>() + r * classes, classes);
            correct += best == int64_t(target_number(target, r));
        }
        total += correct;
    });
    return total;
}

} // namespace ds
