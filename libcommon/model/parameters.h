// The parameters of a model file: the section `set`, overrides of the command line, and what the data says.
#pragma once

#include "model/expression.h"
#include "model/model_file.h"

namespace ds {

/// A name that expressions of `set` may use, as the data defines it.
struct FactRow {
    std::string_view name;  // "data.classes"; one that ends in a dot is followed by the name of a column
    std::string_view words; // what a person calls it
    std::string_view doc;
};
std::span<const FactRow> fact_rows();

/// In the file's order, so that one may use another. Error(usage) for an override of a parameter that there is not,
/// Error(data) for a default that the data lacks, Error(config) for another that has no value.
Variables resolve_parameters(const Yaml& file, const ModelRequest& request);

/// Those that have a value before any data is known: `set` are the overrides, which nobody has checked yet.
Variables parameters_without_data(const Yaml& file, const std::map<std::string, std::string>& set);

} // namespace ds
