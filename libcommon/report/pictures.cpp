#include "report/pictures.h"

#include "base/error.h"
#include "data/picture/chart.h"

namespace ds {
namespace {

constexpr int most_dots = 30; // more are a line
constexpr Colour measured{0.13, 0.37, 0.66}, reference{0.72, 0.72, 0.76};

Panel panel_of(const Curve& curve) {
    Panel panel{curve.title, {}, curve.x_name};
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
    if (metrics.classes() == 0) fail(Exit::usage, "--confusion: {} has no classes", metrics.task().name);
    std::vector<std::string> labels;
    for (int64_t k = 0; k < metrics.classes(); ++k) labels.push_back(names.label(k));
    draw_heat_map(metrics.confusion(), labels, "true class", "predicted class", path);
}

} // namespace ds
