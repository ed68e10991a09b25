// A metric as it is printed for people.
#pragma once

#include <string>

#include <fmt/format.h>

#include "base/json.h"

namespace ds {

/// Four digits; "nan" for null, which stands where a metric is not defined on the data.
inline std::string metric_text(const Json& value) {
    return value.is_number() ? fmt::format("{:.4f}", value.as_number()) : "nan";
}

} // namespace ds
