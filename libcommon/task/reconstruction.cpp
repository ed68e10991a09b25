// What went in, given back: outputs and the truth [N,...] of one shape, in the unit of the data.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "task/ssim.h"
#include "task/task.h"

namespace ds {
namespace {

double ssim(const Metrics& m, Times t);

class Reconstructed : public Metrics {
public:
    using Metrics::Metrics;
    /// Sums over the elements of a sample; they are as many in all samples.
    struct Sample {
        double squares = 0, sizes = 0, similarity = 0;
    };
    double mean(Times times, double Sample::*part) const {
        double sum = 0, weight = 0;
        for (size_t i = 0; i < all_.size(); ++i) {
            sum += times[i] * (all_[i].*part);
            weight += times[i];
        }
        return ratio(sum, weight);
    }
    double mean_of_elements(Times times, double Sample::*part) const { return ratio(mean(times, part), elements_); }
    bool are_pictures() const { return pictures_; }
    /// Of numbers without a known range that of those that were measured.
    double peak() const { return peak_ > 0 ? peak_ : greatest_ - least_; }
    void set_peak(double peak) override { peak_ = peak; }

protected:
    bool has_own(const MetricRow& row) const override { return row.value != ssim || pictures_; }
    void take(const TensorView& output, const Tensor& truth, int64_t samples) override {
        const int64_t size = output.size() / std::max<int64_t>(1, output.shape[0]);
        elements_ = double(size);
        const Dims& shape = output.shape; // [N,C,H,W]
        pictures_ = peak_ > 0 && shape.size() == 4 && shape[2] >= ssim_window && shape[3] >= ssim_window;
        make_room(all_);
        std::vector<double> x(static_cast<size_t>(size)), t(static_cast<size_t>(size));
        for (int64_t s = 0; s < samples; ++s) {
            for (int64_t i = 0; i < size; ++i) {
                x[size_t(i)] = float_at(output, s * size + i);
                t[size_t(i)] = target_number(truth, s * size + i);
            }
            all_.push_back(sample_of(x, t));
            if (pictures_) all_.back().similarity = similarity(x, t, shape);
            if (!std::isfinite(all_.back().squares)) note_spoilt(s);
        }
    }

private:
    Sample sample_of(const std::vector<double>& x, const std::vector<double>& t) {
        Sample sample;
        for (size_t i = 0; i < x.size(); ++i) {
            const double error = x[i] - t[i];
            sample.squares += error * error;
            sample.sizes += std::abs(error);
            least_ = std::min(least_, t[i]);
            greatest_ = std::max(greatest_, t[i]);
        }
        return sample;
    }
    /// The mean over the channels.
    double similarity(std::span<const double> x, std::span<const double> t, const Dims& shape) const {
        const auto plane = size_t(shape[2] * shape[3]);
        double sum = 0;
        for (size_t at = 0; at < x.size(); at += plane)
            sum += structural_similarity(x.subspan(at, plane), t.subspan(at, plane), shape[2], shape[3], peak_);
        return sum / double(shape[1]);
    }

    std::vector<Sample> all_;
    double elements_ = 0, peak_ = 0;
    double least_ = std::numeric_limits<double>::infinity(), greatest_ = -least_;
    bool pictures_ = false;
};

using Sample = Reconstructed::Sample;
const Reconstructed& of(const Metrics& metrics) { return static_cast<const Reconstructed&>(metrics); }

double loss(const Metrics& m, Times) { return m.graph_loss(); }
double mse(const Metrics& m, Times t) { return of(m).mean_of_elements(t, &Sample::squares); }
double rmse(const Metrics& m, Times t) { return std::sqrt(mse(m, t)); }
double mae(const Metrics& m, Times t) { return of(m).mean_of_elements(t, &Sample::sizes); }
double psnr(const Metrics& m, Times t) { return signal_to_noise(of(m).peak(), mse(m, t)); }
double ssim(const Metrics& m, Times t) {
    return of(m).are_pictures() ? of(m).mean(t, &Sample::similarity) : std::nan("");
}

} // namespace

const Task reconstruction_task = {
    .name = "reconstruction",
    .doc = "what went in",
    .target = TargetMeaning::number,
    .of_input = true,
    .outputs = {"logits", "truth", "loss", "loss.count"},
    .metrics =
        {
            {"loss", "what training makes small", Better::less, loss, true, false, false},
            {"psnr", "peak signal to noise, in decibels, of all samples together", Better::greater, psnr, true},
            {"rmse", "root of the mean squared error, in the unit of the data", Better::less, rmse, true},
            {"mse", "mean squared error, in the unit of the data, squared", Better::less, mse},
            {"mae", "mean absolute error, in the unit of the data", Better::less, mae},
            {"ssim", "structural similarity of pictures", Better::greater, ssim},
        },
    .deciding = "psnr",
    .deciding_of_0_1 = "psnr",
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Reconstructed>(task); },
    .kept_of_sample = sizeof(Sample),
    .printing = &reconstruct_printing,
};

} // namespace ds
