#include "report/run_plot.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/escape.h"
#include "base/names.h"
#include "data/picture/chart.h"

namespace ds {
namespace {

constexpr int64_t most_points = 1000; // of a line

/// Eight colours that the colour-blind tell apart, too (Okabe and Ito 2008, without yellow); then hues around the
/// circle.
Colour colour_of(size_t i, size_t count) {
    constexpr Colour known[] = {{0.00, 0.45, 0.70}, {0.84, 0.37, 0.00}, {0.00, 0.62, 0.45}, {0.80, 0.47, 0.65},
                                {0.34, 0.71, 0.91}, {0.90, 0.62, 0.00}, {0.15, 0.15, 0.18}, {0.55, 0.34, 0.16}};
    if (count <= std::size(known)) return known[i];
    const double hue = 6 * double(i) / double(count), light = i % 2 ? 0.55 : 0.8;
    const auto part = [&](double shift) {
        const double h = std::fmod(hue + shift, 6.0);
        return light * std::clamp(std::abs(h - 3) - 1, 0.0, 1.0);
    };
    return {part(0), part(4), part(2)};
}

bool is_validation(const std::string& key) { return key.starts_with("val_"); }

using Points = std::vector<std::pair<double, double>>;

/// The mean of the `window` values around each point, at up to most_points points.
Points smoothed(const std::vector<LogPoint>& series, double LogPlace::*x, int64_t window) {
    const auto n = int64_t(series.size());
    std::vector<double> sums(1);
    for (const LogPoint& p : series) sums.push_back(sums.back() + p.value);
    Points points;
    const int64_t stride = std::max<int64_t>(1, n / most_points);
    for (int64_t i = 0; i < n; i += stride) {
        const int64_t begin = std::max<int64_t>(0, i - (window - 1) / 2), end = std::min(n, i + window / 2 + 1);
        points.emplace_back(series[size_t(i)].at.*x, (sums[size_t(end)] - sums[size_t(begin)]) / double(end - begin));
    }
    return points;
}

std::vector<std::string> default_metrics(const std::vector<RunLog>& runs) {
    std::vector<std::string> keys;
    const auto add = [&](const std::string& key) {
        const bool known = std::ranges::any_of(runs, [&](const RunLog& r) { return r.series.contains(key); });
        if (known && std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    };
    add("loss");
    add("val_loss");
    for (const RunLog& run : runs) add(run.decided_by);
    if (keys.empty()) add(runs.front().series.begin()->first);
    return keys;
}

void check_metric(const std::vector<RunLog>& runs, const std::string& key) {
    std::set<std::string> known;
    for (const RunLog& run : runs)
        for (const auto& [name, series] : run.series) known.insert(name);
    if (!known.contains(key))
        fail(Exit::usage, "--metric {}: no run has it{}", key,
             name_hint(key, std::vector<std::string_view>(known.begin(), known.end())));
}

Line line_of(const RunLog& run, const std::string& key, const RunPlot& plot, Colour colour) {
    Line line{visible(run.name), {}, colour, is_validation(key)};
    const auto series = run.series.find(key);
    if (series == run.series.end()) return line; // the legend names it all the same
    const int64_t by_itself = is_validation(key) ? 1 : std::max<int64_t>(1, int64_t(series->second.size()) / 100);
    line.points = smoothed(series->second, plot.x, plot.smooth > 0 ? plot.smooth : by_itself);
    line.dots = line.dots && line.points.size() <= 60;
    return line;
}

/// On a logarithmic axis a line of zeros is none.
void check_drawable(const Panel& panel, const RunPlot& plot) {
    for (const Line& line : panel.lines)
        for (const auto& [x, y] : line.points)
            if ((!plot.log_x || x > 0) && (!plot.log_y || y > 0)) return;
    fail(Exit::usage, "{}: no value is above 0, so none has a place on a logarithmic axis", panel.title);
}

} // namespace

void draw_runs(const std::vector<RunLog>& runs, const RunPlot& plot, const std::string& path) {
    std::vector<Panel> panels;
    for (const std::string& key : plot.metrics) check_metric(runs, key);
    for (const std::string& key : plot.metrics.empty() ? default_metrics(runs) : plot.metrics) {
        Panel panel{key, {}};
        for (size_t i = 0; i < runs.size(); ++i)
            panel.lines.push_back(line_of(runs[i], key, plot, colour_of(i, runs.size())));
        check_drawable(panel, plot);
        panels.push_back(std::move(panel));
    }
    draw_lines(panels, plot.x_name, path, {plot.log_x, plot.log_y, true});
}

} // namespace ds
