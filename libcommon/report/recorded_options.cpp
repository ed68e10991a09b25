#include "report/recorded_options.h"

#include <algorithm>

namespace ds {

bool holds_text(std::string_view option) {
    constexpr std::string_view known[] = {
        "target",  "categorical", "missing", "delimiter", "set",      "columns",      "column",          "where",
        "on",      "id",          "drop",    "freeze",    "metric",   "class-weight", "label-separator", "weight",
        "classes", "group",       "file",    "text",      "lr-scale", "by",           "by-time",         "decimal"};
    return std::ranges::count(known, option) > 0;
}

bool holds_no_path(std::string_view option) {
    constexpr std::string_view known[] = {"val", "test", "fold", "grid", "size", "bind", "no-pass", "background"};
    return std::ranges::count(known, option) > 0;
}

bool names_an_output(std::string_view option) {
    constexpr std::string_view known[] = {"output",      "best",    "log",       "plot",      "depfile",
                                          "config",      "overlay", "curves",    "confusion", "sheet",
                                          "predictions", "raw",     "completion"};
    return std::ranges::count(known, option) > 0;
}

} // namespace ds
