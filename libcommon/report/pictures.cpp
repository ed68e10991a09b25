#include "report/pictures.h"

#include "base/error.h"
#include "data/picture/chart.h"

namespace ds {

void draw_confusion(const Metrics& metrics, const std::vector<std::string>& labels, const std::string& path) {
    if (metrics.confusion().empty()) fail(Exit::usage, "--confusion: {} has no classes", metrics.task());
    std::vector<std::string> names;
    for (int64_t k = 0; k < metrics.classes(); ++k)
        names.push_back(size_t(k) < labels.size() ? labels[size_t(k)] : std::to_string(k));
    draw_heat_map(metrics.confusion(), names, "true class", "predicted class", path);
}

} // namespace ds
