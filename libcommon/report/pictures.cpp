#include "report/pictures.h"

#include "base/error.h"
#include "data/picture/chart.h"

namespace ds {
namespace {

constexpr int most_dots = 30; // more are a line
constexpr Colour measured{0.13, 0.37, 0.66}, reference{0.72, 0.72, 0.76};

/// Hues far from each other, again and again.
Colour colour_of(size_t k) {
    constexpr Colour colours[] = {{0.12, 0.47, 0.71}, {0.84, 0.15, 0.16}, {0.17, 0.63, 0.17}, {0.95, 0.50, 0.05},
                                  {0.58, 0.40, 0.74}, {0.55, 0.34, 0.29}, {0.89, 0.47, 0.76}, {0.35, 0.35, 0.35},
                                  {0.74, 0.74, 0.13}, {0.09, 0.75, 0.81}};
    return colours[k % std::size(colours)];
}

Panel panel_of(const Curve& curve) {
    Panel panel{curve.title, {}, curve.x_name};
    for (size_t k = 0; k < curve.clouds.size(); ++k)
        panel.lines.push_back({"", curve.clouds[k], colour_of(k), true, false});
    if (!panel.lines.empty()) return panel;
    panel.lines.push_back({"", curve.reference, reference, false});
    panel.lines.push_back({"", curve.points, measured, curve.points.size() <= size_t(most_dots)});
    return panel;
}

} // namespace

void draw_curves(const Metrics& metrics, const std::string& path) {
    const std::vector<Curve> curves = metrics.curves();
    if (curves.empty()) fail(Exit::data, "--curves: these samples have none; all of one kind make no curve");
    std::vector<Panel> panels;
    for (const Curve& curve : curves) panels.push_back(panel_of(curve));
    draw_lines(panels, "", path);
}

void draw_confusion(const Metrics& all, const OutputNames& all_names, const std::string& path) {
    size_t part = 0; // the first head that has classes
    while (part + 1 < all_names.parts.size() && all.part(part).classes() == 0) ++part;
    const Metrics& metrics = all.part(part);
    const OutputNames& names = all_names.parts.empty() ? all_names : all_names.parts[part].names;
    if (metrics.classes() == 0) fail(Exit::usage, "--confusion: {} has no classes", metrics.task().title());
    std::vector<std::string> labels;
    for (int64_t k = 0; k < metrics.classes(); ++k) labels.push_back(names.label(k));
    draw_heat_map(metrics.confusion(), labels, "true class", "predicted class", path);
}

} // namespace ds
