#include "task/metrics.h"

#include <cmath>

#include "base/error.h"
#include "task/task.h"

namespace ds {

double ratio(double a, double b) { return b > 0 ? a / b : std::nan(""); }

double target_number(const Tensor& target, int64_t i) {
    switch (target.dtype()) {
    case DType::f32: return double(target.as<float>()[i]);
    case DType::f64: return target.as<double>()[i];
    case DType::i64: return double(target.as<int64_t>()[i]);
    default: return double(target.as<int32_t>()[i]);
    }
}

void Metrics::add(const TensorView& output, const Tensor& target, int64_t samples, double loss_sum, double loss_count,
                  const Tensor* groups, const UnreadTags* unread) {
    if (samples <= 0) return;
    loss_sum_ += loss_sum;
    loss_count_ += loss_count;
    groups_ = groups;
    unread_ = unread;
    take(output, target, samples);
    groups_ = nullptr;
    unread_ = nullptr;
    samples_ += samples;
}

void Metrics::note_spoilt(int64_t sample_of_batch) {
    if (spoilt_++ == 0) first_spoilt_ = samples_ + sample_of_batch;
}

double Metrics::graph_loss() const { return ratio(loss_sum_, loss_count_); }

double Metrics::value(const MetricRow& row, Times times) const {
    if (spoilt() > 0 || samples() == 0) return std::nan("");
    return row.value(row.part < 0 ? *this : part(size_t(row.part)), times);
}

double Metrics::value(std::string_view name) const { return value(task_.metric(name)); }

std::vector<std::pair<std::string, double>> Metrics::values() const {
    std::vector<std::pair<std::string, double>> all;
    for (const MetricRow& row : task_.metrics)
        if (has(row)) all.emplace_back(row.name, value(row));
    return all;
}

double Metrics::score(const MetricRow& row) const { return row.better == Better::greater ? value(row) : -value(row); }

std::vector<ClassMetrics> Metrics::per_class() const {
    const std::vector<int64_t> counts = confusion();
    return class_metrics(std::vector<double>(counts.begin(), counts.end()));
}

std::vector<ClassMetrics> class_metrics(std::span<const double> confusion) {
    const auto classes = size_t(std::llround(std::sqrt(double(confusion.size()))));
    std::vector<ClassMetrics> all(classes);
    const auto share = [](double a, double b) { return b > 0 ? a / b : 0; };
    for (size_t c = 0; c < classes; ++c) {
        double predicted = 0;
        for (size_t o = 0; o < classes; ++o) {
            all[c].count += confusion[c * classes + o];
            predicted += confusion[o * classes + c];
        }
        const double hit = confusion[c * classes + c];
        all[c].precision = share(hit, predicted);
        all[c].recall = share(hit, all[c].count);
        all[c].f1 = share(2 * hit, predicted + all[c].count);
        all[c].iou = share(hit, predicted + all[c].count - hit);
    }
    return all;
}

} // namespace ds
