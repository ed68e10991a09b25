// The tensors of a model file: shape, type, mean, deviation, digest.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "io/checkpoint/checkpoint.h"

namespace ds {

struct ParameterRow {
    std::string name, dtype, shape, digest;
    int64_t elements = 0;
    double mean = 0, deviation = 0; // NaN for integers and 16-bit floats
};
/// Parameters, then state; needs payload.
std::vector<ParameterRow> parameter_rows(const Checkpoint& checkpoint);
std::string parameter_table(const std::vector<ParameterRow>& rows);
Json parameter_json(const std::vector<ParameterRow>& rows);

} // namespace ds
