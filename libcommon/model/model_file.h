// Model files: YAML for people, turned into a Graph. The language is described in man/ds-model-file.5.scd, from the
// rows of section_rows (here), fact_rows (parameters.h), function_rows (function.h), layer_families (layers/row.h),
// init_rows (graph/init.h) and loss_rows (losses/row.h). Expressions ${...} may stand in every value.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/yaml.h"
#include "data/batch/facts.h"
#include "data/batch/preprocessing.h"
#include "graph/graph.h"

namespace ds {

struct ModelRequest {
    std::string model;                      // a name of share/models, or a path of a YAML file
    std::map<std::string, std::string> set; // overrides of parameters
    DataFacts data;
    DType dtype = DType::f32; // f64 shows exactness
};

/// What an input has a place for beyond what its column is: see ColumnPreprocessing.
struct InputPlaces {
    int64_t unknown = -1;
    Missing missing = Missing::refused;
    std::optional<std::vector<int64_t>> kept; // the data's categories that have a number of their own; none: all
};

struct BuiltModel {
    Graph graph;
    std::string task;                              // a row of task/task.h, or several (task/joint.h)
    std::map<std::string, std::string> parameters; // resolved
    std::map<std::string, InputPlaces> places;     // by input
    std::string text;                              // of the file; empty when it was given as Yaml
};

/// The sections of a model file.
struct SectionRow {
    std::string_view name;
    bool needed;
    std::string_view doc;
};
std::span<const SectionRow> section_rows();

/// Error(config) naming file, line, key and place in the network; Error(no_input) listing the known models.
BuiltModel build_model(const ModelRequest& request);
/// The same of a file that was read; the graph gets the name.
BuiltModel build_model(const Yaml& file, const std::string& name, const ModelRequest& request);

/// The section `train` of a model file, null where it has none. Its expressions may use the parameters that need no
/// data; `set` are the overrides. Error(config) naming the place of one that has no value.
Yaml training_defaults(const std::string& model, const std::map<std::string, std::string>& set);

/// The file a model's name stands for: a path is itself, a name is looked up in share/models.
std::string find_model(const std::string& name);

} // namespace ds
