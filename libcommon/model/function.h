// The functions that expressions of model files may call, as rows.
#pragma once

#include <span>
#include <vector>

#include "model/value.h"

namespace ds {

struct FunctionRow {
    std::string_view name;
    std::string_view arguments; // as a page names them: "x, y"
    std::string_view doc;
    size_t least, most; // how many arguments
    ModelValue (*call)(std::span<const ModelValue> arguments);
};

std::span<const FunctionRow> function_rows();

/// Error(config): no such function (naming the nearest and all), a wrong number of arguments, or no finite result.
ModelValue call_function(std::string_view name, const std::vector<ModelValue>& arguments);

} // namespace ds
