#include "report/pictures.h"

#include "base/error.h"
#include "data/picture/chart.h"

namespace ds {

void draw_confusion(const Metrics& metrics, const OutputNames& names, const std::string& path) {
    if (metrics.classes() == 0) fail(Exit::usage, "--confusion: {} has no classes", metrics.task().name);
    std::vector<std::string> labels;
    for (int64_t k = 0; k < metrics.classes(); ++k) labels.push_back(names.label(k));
    draw_heat_map(metrics.confusion(), labels, "true class", "predicted class", path);
}

} // namespace ds
