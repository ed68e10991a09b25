// Numbers: outputs and targets of one shape [N,...], or [N,1] and [N].
#include <algorithm>
#include <cmath>
#include <numeric>

#include "task/task.h"

namespace ds {
namespace {

class Errors : public Metrics {
public:
    using Metrics::Metrics;
    template <class Part>
    double mean(Times times, const Part& part) const {
        double sum = 0, weight = 0;
        for (size_t i = 0; i < output_.size(); ++i) {
            sum += times[i / size_] * part(output_[i] - target_[i]);
            weight += times[i / size_];
        }
        return ratio(sum, weight);
    }
    /// 1 - squared error over squared distance to the mean, of each number of a sample; their mean.
    double r2(Times times) const {
        double sum = 0;
        for (size_t k = 0; k < size_; ++k) sum += r2_of(k, times);
        return ratio(sum, double(size_));
    }
    /// The error that a share q of the numbers stays within; between two of them, in proportion.
    double quantile(double q, Times times) const {
        double count = 0, seen = 0, below = 0;
        for (size_t i = 0; i < output_.size(); ++i) count += times[i / size_];
        if (count == 0) return std::nan("");
        const double place = q * (count - 1), whole = std::floor(place);
        for (const uint32_t i : order()) {
            const double before = seen;
            seen += times[i / size_];
            if (seen == before) continue;
            if (before <= whole && whole < seen) below = error(i);
            if (seen > whole + 1 || seen == count) return below + (place - whole) * (error(i) - below);
        }
        return below;
    }

protected:
    void take(const TensorView& output, const Tensor& target, int64_t samples) override {
        const int64_t numbers = output.size() / std::max<int64_t>(1, output.shape[0]);
        size_ = size_t(std::max<int64_t>(1, numbers));
        make_room(output_, size_);
        make_room(target_, size_);
        for (int64_t s = 0; s < samples; ++s) {
            bool finite = true;
            for (int64_t i = s * numbers; i < (s + 1) * numbers; ++i) {
                output_.push_back(float_at(output, i));
                target_.push_back(target_number(target, i));
                finite = finite && std::isfinite(output_.back());
            }
            if (!finite) note_spoilt(s);
        }
        order_.clear();
    }

private:
    double error(uint32_t i) const { return std::abs(output_[i] - target_[i]); }
    const std::vector<uint32_t>& order() const { // the smallest error first
        if (order_.size() == output_.size()) return order_;
        order_.resize(output_.size());
        std::iota(order_.begin(), order_.end(), 0U);
        std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) { return error(a) < error(b); });
        return order_;
    }
    double r2_of(size_t k, Times times) const {
        double count = 0, sum = 0, squares = 0, errors = 0;
        for (size_t i = k; i < target_.size(); i += size_) {
            count += times[i / size_];
            sum += times[i / size_] * target_[i];
        }
        const double mean = ratio(sum, count);
        for (size_t i = k; i < target_.size(); i += size_) {
            squares += times[i / size_] * (target_[i] - mean) * (target_[i] - mean);
            errors += times[i / size_] * (output_[i] - target_[i]) * (output_[i] - target_[i]);
        }
        return 1 - ratio(errors, squares);
    }

    size_t size_ = 1; // numbers of a sample
    std::vector<double> output_, target_;
    mutable std::vector<uint32_t> order_;
};

const Errors& of(const Metrics& metrics) { return static_cast<const Errors&>(metrics); }

double loss(const Metrics& m, Times) { return m.graph_loss(); }
double rmse(const Metrics& m, Times t) {
    return std::sqrt(of(m).mean(t, [](double error) { return error * error; }));
}
double mae(const Metrics& m, Times t) {
    return of(m).mean(t, [](double error) { return std::abs(error); });
}
double r2(const Metrics& m, Times t) { return of(m).r2(t); }
double median(const Metrics& m, Times t) { return of(m).quantile(0.5, t); }
double most(const Metrics& m, Times t) { return of(m).quantile(0.9, t); }

} // namespace

const Task regression_task = {
    .name = "regression",
    .doc = "numbers",
    .target = TargetMeaning::number,
    .outputs = {"logits", "loss", "loss.count"},
    .metrics =
        {
            {"loss", "what training makes small", Better::less, loss, true, false, false},
            {"rmse", "root of the mean squared error, in the target's unit", Better::less, rmse, true},
            {"mae", "mean absolute error, in the target's unit", Better::less, mae, true},
            {"r2", "the part of the target's variance that is explained", Better::greater, r2, true},
            {"error_p50", "absolute error that half of the numbers stay within", Better::less, median},
            {"error_p90", "absolute error that nine tenths of the numbers stay within", Better::less, most},
        },
    .deciding = "rmse",
    .deciding_of_0_1 = "loss",
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Errors>(task); },
    .kept_bytes = 2 * sizeof(double) + sizeof(uint32_t),
    .printing = &number_printing,
};

} // namespace ds
