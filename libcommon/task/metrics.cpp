#include "task/metrics.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/parallel.h"

namespace ds {
namespace {

double target_number(const Tensor& target, int64_t i) {
    switch (target.dtype()) {
    case DType::f32: return double(target.as<float>()[i]);
    case DType::f64: return target.as<double>()[i];
    case DType::i64: return double(target.as<int64_t>()[i]);
    default: return double(target.as<int32_t>()[i]);
    }
}

template <class T>
int64_t argmax(const T* x, int64_t n) {
    int64_t best = 0;
    for (int64_t k = 1; k < n; ++k)
        if (x[k] > x[best]) best = k;
    return best;
}

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

} // namespace

void Metrics::add(const TensorView& logits, const Tensor& target, int64_t samples, double loss_sum, double count) {
    loss_ += loss_sum;
    count_ += count;
    if (task_ == "classification" || task_ == "text") add_classes(logits, target, samples);
    else add_numbers(logits, target, samples);
}

void Metrics::add_classes(const TensorView& logits, const Tensor& target, int64_t samples) {
    const int64_t k = logits.shape.back(), rows = samples > 0 ? count(logits.shape) / k : 0,
                  per_sample = samples > 0 ? rows / samples : 0;
    classes_ = k;
    const bool keep = task_ == "classification";
    if (keep) confusion_.resize(size_t(k * k));
    for (int64_t s = 0; s < samples; ++s) {
        double right = 0, valid = 0, nats = 0;
        for (int64_t r = s * per_sample; r < (s + 1) * per_sample; ++r) {
            const int64_t label = int64_t(target_number(target, r));
            int64_t best = 0, above = 0;
            double sum = 0;
            for (int64_t c = 1; c < k; ++c)
                if (float_at(logits, r * k + c) > float_at(logits, r * k + best)) best = c;
            for (int64_t c = 0; c < k; ++c)
                sum += std::exp(float_at(logits, r * k + c) - float_at(logits, r * k + best));
            if (keep) {
                predicted_.push_back(int32_t(best));
                output_.push_back(1 / sum);
                target_.push_back(double(label));
            }
            if (label < 0 || label >= k) continue; // ignored
            for (int64_t c = 0; c < k; ++c) above += float_at(logits, r * k + c) > float_at(logits, r * k + label);
            ++valid;
            nats += std::log(sum) + float_at(logits, r * k + best) - float_at(logits, r * k + label);
            right += best == label;
            top5_ += above < 5;
            if (keep) ++confusion_[size_t(label * k + best)];
        }
        rows_ += valid;
        top1_ += right;
        samples_.push_back({keep ? right : nats, valid});
    }
}

void Metrics::add_numbers(const TensorView& logits, const Tensor& target, int64_t samples) {
    const int64_t per_sample = samples > 0 ? count(logits.shape) / samples : 0;
    const bool binary = task_ == "binary";
    if (binary) {
        classes_ = 2;
        confusion_.resize(4);
    }
    for (int64_t s = 0; s < samples; ++s) {
        double error = 0;
        for (int64_t i = s * per_sample; i < (s + 1) * per_sample; ++i) {
            const double x = float_at(logits, i), t = target_number(target, i);
            const double value = binary ? 1 / (1 + std::exp(-x)) : x;
            output_.push_back(value);
            target_.push_back(t);
            error += (value - t) * (value - t);
            absolute_ += std::abs(value - t);
            ++rows_;
            if (!binary) continue;
            const int predicted = value > 0.5, truth = t > 0.5;
            predicted_.push_back(predicted);
            ++confusion_[size_t(truth * 2 + predicted)];
            top1_ += predicted == truth;
        }
        if (binary) samples_.push_back({double((output_.back() > 0.5) == (target_.back() > 0.5)), 1});
        else samples_.push_back({error, double(per_sample)});
    }
}

std::vector<ClassMetrics> Metrics::per_class() const {
    std::vector<ClassMetrics> all(confusion_.empty() ? 0 : size_t(classes_));
    for (size_t c = 0; c < all.size(); ++c) {
        int64_t predicted = 0;
        for (size_t o = 0; o < all.size(); ++o) {
            all[c].count += confusion_[c * all.size() + o];
            predicted += confusion_[o * all.size() + c];
        }
        const double hit = double(confusion_[c * all.size() + c]);
        all[c].precision = ratio(hit, double(predicted));
        all[c].recall = ratio(hit, double(all[c].count));
        all[c].f1 = ratio(2 * all[c].precision * all[c].recall, all[c].precision + all[c].recall);
    }
    return all;
}

double Metrics::auc() const {
    if (std::any_of(output_.begin(), output_.end(), [](double p) { return std::isnan(p); }))
        return std::nan(""); // no order
    std::vector<size_t> order(output_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return output_[a] < output_[b]; });
    double positives = 0, rank_sum = 0;
    for (size_t i = 0; i < order.size();) {
        size_t end = i;
        while (end < order.size() && output_[order[end]] == output_[order[i]]) ++end;
        const double rank = 0.5 * double(i + 1 + end); // the mean rank of equals
        for (; i < end; ++i)
            if (target_[order[i]] > 0.5) {
                ++positives;
                rank_sum += rank;
            }
    }
    const double negatives = double(order.size()) - positives;
    if (positives == 0 || negatives == 0) return std::nan("");
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

std::vector<std::pair<std::string, double>> Metrics::values() const {
    const double loss = ratio(loss_, count_);
    if (task_ == "text")
        return {{"loss", loss},
                {"perplexity", std::exp(loss)},
                {"bits_per_byte", loss / std::log(2.0)},
                {"top1", ratio(top1_, rows_)}};
    if (task_ == "regression") return {{"loss", loss}, {"mae", ratio(absolute_, rows_)}};
    const std::vector<ClassMetrics> classes = per_class();
    if (task_ == "binary") {
        const ClassMetrics& one = classes.size() > 1 ? classes[1] : ClassMetrics{};
        return {{"loss", loss},         {"accuracy", ratio(top1_, rows_)},
                {"auc", auc()},         {"precision", one.precision},
                {"recall", one.recall}, {"f1", one.f1}};
    }
    double precision = 0, recall = 0, f1 = 0, present = 0;
    for (const ClassMetrics& c : classes) {
        if (c.count == 0) continue;
        ++present;
        precision += c.precision;
        recall += c.recall;
        f1 += c.f1;
    }
    return {{"loss", loss},
            {"top1", ratio(top1_, rows_)},
            {"top5", ratio(top5_, rows_)},
            {"precision", ratio(precision, present)},
            {"recall", ratio(recall, present)},
            {"f1", ratio(f1, present)}};
}

double Metrics::value(const std::string& name) const {
    std::string known;
    for (const auto& [key, value] : values()) {
        if (key == name) return value;
        known += (known.empty() ? "" : ", ") + key;
    }
    fail(Exit::usage, "there is no metric '{}' for {}; there are: {}", name, task_, known);
}

std::string Metrics::deciding() const {
    if (task_ == "classification") return "top1";
    return task_ == "binary" ? "accuracy" : "loss";
}

double Metrics::score() const { return greater_is_better() ? ratio(top1_, rows_) : -ratio(loss_, count_); }

int64_t count_correct(const TensorView& logits, const Tensor& target, int64_t rows) {
    const int64_t classes = logits.shape.back();
    std::atomic<int64_t> total{0};
    parallel_for(rows, 256, [&](int64_t begin, int64_t end) {
        int64_t correct = 0;
        for (int64_t r = begin; r < end; ++r) {
            const int64_t best = logits.dtype == DType::f64 ? argmax(logits.as<double>() + r * classes, classes)
                                                            : argmax(logits.as<float>() + r * classes, classes);
            correct += best == int64_t(target.as<int32_t>()[r]);
        }
        total += correct;
    });
    return total;
}

} // namespace ds
