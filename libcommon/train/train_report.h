// What a training run says while it runs: the progress line, a JSON line per step and validation, and the
// points of its curve.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "train/log_file.h"
#include "train/trainer.h"

namespace ds {

struct CurvePoint {
    double step = 0, loss = 0, top1 = 0; // top1 is NaN when the task has no classes
    double decides = 0;                  // of a validation: the metric by which models are selected
};

class TrainReport {
public:
    /// `log`: a file's path, "-" for `print`, "" for none. A run that was resumed after step `resumed` goes on in
    /// the same file.
    TrainReport(const std::string& log, std::optional<int64_t> resumed, std::function<void(const std::string&)> print);

    void on_step(const StepReport& report);
    void on_validation(const Validation& validation);
    void on_end(const std::string& reason);
    /// Error(io) when the log is not whole. A log that cannot be written does not stop the run: that is a warning, and
    /// this error, to be asked for when the model is safe.
    void close();
    /// Totals since the start: samples a second, and the share of time spent waiting for data.
    double samples_per_second() const { return seconds_ > 0 ? double(samples_) / seconds_ : 0; }
    double smooth_loss() const { return smooth_loss_; } // mean of about the last fifty steps
    double waited_share() const { return seconds_ > 0 ? waited_ / seconds_ : 0; }

    std::vector<CurvePoint> training, validation;
    std::string decided_by; // a metric

private:
    void write(const Json& line);
    void note(const StepReport& report);

    std::string path_;
    std::unique_ptr<LogFile> file_;
    std::optional<Error> trouble_; // of the log: nothing is written after it
    std::function<void(const std::string&)> print_;
    std::unique_ptr<Progress> progress_;
    double seconds_ = 0, waited_ = 0, smooth_loss_ = 0, smooth_top1_ = 0;
    int64_t samples_ = 0, steps_ = 0;
};

} // namespace ds
