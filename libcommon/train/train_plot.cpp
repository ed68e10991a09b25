#include "train/train_plot.h"

#include <algorithm>
#include <cmath>

#include "data/picture/chart.h"

namespace ds {
namespace {

constexpr Colour training_colour{0.45, 0.65, 0.87}, validation_colour{0.85, 0.37, 0.1};

/// The mean of about a hundredth of the run around each point, at up to 500 points.
std::vector<std::pair<double, double>> smoothed(const std::vector<CurvePoint>& points, double CurvePoint::*value) {
    const int64_t n = int64_t(points.size()), half = std::max<int64_t>(0, n / 200),
                  stride = std::max<int64_t>(1, n / 500);
    std::vector<std::pair<double, double>> line;
    for (int64_t i = 0; i < n; i += stride) {
        double sum = 0, used = 0;
        for (int64_t k = std::max<int64_t>(0, i - half); k <= std::min(n - 1, i + half); ++k) {
            sum += points[size_t(k)].*value;
            ++used;
        }
        line.emplace_back(points[size_t(i)].step, sum / used);
    }
    return line;
}

Panel panel(const TrainReport& report, const std::string& title, double CurvePoint::*value) {
    Panel p{title, {{"training", smoothed(report.training, value), training_colour, false}}};
    if (report.validation.empty()) return p;
    Line line{"validation", {}, validation_colour, true};
    for (const CurvePoint& point : report.validation)
        if (!std::isnan(point.*value)) line.points.emplace_back(point.step, point.*value);
    if (!line.points.empty()) p.lines.push_back(std::move(line));
    return p;
}

/// What validations are selected by, where the training's loss is measured by none.
Panel deciding_panel(const TrainReport& report) {
    Panel p{report.decided_by, {}};
    Line line{"validation", {}, validation_colour, true};
    for (const CurvePoint& point : report.validation)
        if (!std::isnan(point.decides)) line.points.emplace_back(point.step, point.decides);
    p.lines.push_back(std::move(line));
    return p;
}

} // namespace

void draw_training(const TrainReport& report, const std::string& path) {
    std::vector<Panel> panels{panel(report, "loss", &CurvePoint::loss)};
    const bool has_accuracy = std::any_of(report.training.begin(), report.training.end(),
                                          [](const CurvePoint& p) { return std::isfinite(p.top1); });
    if (has_accuracy) panels.push_back(panel(report, "accuracy", &CurvePoint::top1));
    const auto& measured = report.validation;
    if (!measured.empty() && std::ranges::all_of(measured, [](const CurvePoint& p) { return std::isnan(p.loss); }))
        panels.push_back(deciding_panel(report));
    draw_lines(panels, "step", path);
}

} // namespace ds
