#include "train/train_report.h"

#include <cmath>

#include "base/error.h"
#include "base/log.h"

namespace ds {
namespace {

/// "auc 0.9312", "accuracy 0.8700 at 0.5".
std::string metric_words(const Metrics& metrics, const MetricRow& row) {
    return fmt::format("{} {:.4f}{}", row.name, metrics.value(row),
                       row.at_threshold ? fmt::format(" at {:g}", metrics.threshold()) : "");
}

} // namespace

TrainReport::TrainReport(const std::string& log, std::optional<int64_t> resumed,
                         std::function<void(const std::string&)> print)
    : path_(log), print_(std::move(print)) {
    if (!path_.empty() && path_ != "-") file_ = std::make_unique<LogFile>(path_, resumed);
}

void TrainReport::write(const Json& line) {
    if (trouble_) return;
    try {
        if (path_ == "-") print_(line.dump() + "\n");
        else if (file_) file_->write(line.dump() + "\n");
    } catch (const Error& error) {
        log::info(
            fmt::format("{}; the training goes on without its log", error.what())); // close() tells it as an error
        trouble_ = error;
    }
}

void TrainReport::close() {
    if (trouble_)
        throw Error(trouble_->code(), fmt::format("{}; the model was saved, its log is cut short", trouble_->what()));
    if (file_) file_->close();
}

void TrainReport::note(const StepReport& report) {
    // A running mean over about fifty steps, so that the line can be read.
    const double keep = std::min(0.98, double(steps_) / double(steps_ + 1));
    smooth_loss_ = keep * smooth_loss_ + (1 - keep) * report.loss;
    smooth_top1_ = keep * smooth_top1_ + (1 - keep) * (std::isnan(report.top1) ? 0 : report.top1);
    ++steps_;
    samples_ += report.samples;
    seconds_ += report.seconds;
    waited_ += report.waited;
}

void TrainReport::on_step(const StepReport& report) {
    if (!progress_) progress_ = std::make_unique<Progress>("training", report.end, "steps");
    note(report);
    training.push_back({double(report.step), report.loss, report.top1, std::nan("")});
    std::string words = fmt::format("epoch {}  loss {:.4f}", report.epoch, smooth_loss_);
    if (!std::isnan(report.top1)) words += fmt::format("  top1 {:.1f} %", 100 * smooth_top1_);
    words += fmt::format("  {:.0f} samples/s", samples_per_second());
    progress_->update(report.step, words);
    if (path_.empty()) return;
    Json line = Json::object();
    line.set("step", report.step).set("epoch", report.epoch).set("loss", report.loss);
    if (!std::isnan(report.top1)) line.set("top1", report.top1);
    line.set("lr", report.lr)
        .set("grad_norm", report.grad_norm)
        .set("seconds", report.seconds)
        .set("waited", report.waited);
    line.set("samples", report.samples);
    write(line);
}

void TrainReport::on_validation(const Validation& v) {
    double loss = std::nan(""), top1 = std::nan(""), decides = std::nan("");
    std::string words;
    Json line = Json::object();
    line.set("step", v.step);
    for (const MetricRow& row : v.metrics.task().metrics) {
        if (!v.metrics.has(row)) continue;
        const double value = v.metrics.value(row);
        if (row.name == "loss") loss = value;
        if (row.name == v.decided_by) decides = value;
        if (row.name == "top1" || (row.part == 0 && row.name.ends_with(".top1"))) top1 = value;
        if (row.headline || row.name == v.decided_by) words += "  " + metric_words(v.metrics, row);
        line.set("val_" + std::string(row.name), value);
    }
    line.set("best", v.is_best).set("decided_by", v.decided_by);
    decided_by = v.decided_by;
    validation.push_back({double(v.step), loss, top1, decides});
    log::info(fmt::format("step {}: validation{}{}", v.step, words,
                          v.is_best ? fmt::format("  (best {} so far)", v.decided_by) : ""));
    if (v.metrics.spoilt() > 0)
        log::info(fmt::format("step {}: the outputs of {} of {} validation samples are not finite", v.step,
                              v.metrics.spoilt(), v.metrics.samples()));
    write(line);
}

void TrainReport::on_end(const std::string& reason) {
    if (progress_) progress_->finish();
    Json line = Json::object();
    line.set("end", reason.empty() ? std::string("done") : reason);
    line.set("samples_per_second", samples_per_second()).set("waited_share", waited_share());
    write(line);
    log::info(fmt::format("{} steps, {:.0f} samples/s, {:.2f} % of the time waiting for data{}", steps_,
                          samples_per_second(), 100 * waited_share(), reason.empty() ? "" : "; stopped: " + reason));
}

} // namespace ds
