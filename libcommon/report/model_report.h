// What a model file is, in words: summary, parameters, history, the script that makes it again, differences.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "io/checkpoint/checkpoint.h"

namespace ds {

/// Inputs, outputs, sizes, MACs per sample, metrics, origin. `checkpoint` may be without payload.
Json summary(const Checkpoint& checkpoint);
std::string summary_text(const Json& summary);

struct ParameterRow {
    std::string name, dtype, shape, digest;
    int64_t elements = 0;
    double mean = 0, deviation = 0;
};
/// Parameters, then state; needs payload.
std::vector<ParameterRow> parameter_rows(const Checkpoint& checkpoint);
std::string parameter_table(const std::vector<ParameterRow>& rows);
Json parameter_json(const std::vector<ParameterRow>& rows);

/// One line a command since the raw data: what it was told, what it read, what it measured.
std::string history_text(const std::vector<std::string>& history);

/// A shell script that, run where the raw inputs lie by their names, makes the file again. `name`: what to call it.
std::string history_script(const std::vector<std::string>& history, const std::string& name);

/// Lines that say where two models differ: "- only in a", "+ only in b", "! changed". Empty: they are the same model.
std::vector<std::string> differences(const Checkpoint& a, const Checkpoint& b);

} // namespace ds
