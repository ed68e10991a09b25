// The root attributes `format` and `format_version`, as every file of ds-tools has them.
// Policy: a newer major version is refused, a newer minor one may hold parts that are passed over,
// older ones are read.
#pragma once

#include <string>

#include "io/hdf5/hdf5.h"

namespace ds {

struct FormatVersion {
    int major = 0, minor = 0;
};

/// Error(data) when `root` is of another kind ("model", "data") or newer than `known`.
FormatVersion check_format(const hdf5::Item& root, const std::string& kind, FormatVersion known,
                           const std::string& file);

} // namespace ds
