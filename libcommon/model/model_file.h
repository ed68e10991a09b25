// Model files: YAML for people, turned into a Graph.
//
//     about: one line
//     set: {width: 32, classes: "${data.classes}"}   # defaults of parameters; ds-train --set width=64
//     inputs: {image: "f32[N,1,28,28]"}
//     blocks: {name: {with: {parameter: default}, layers: [...]}}
//     layers: [...]                                  # see model/layers.h
//     loss: {kind: cross_entropy, target: label}     # cross_entropy | binary_cross_entropy | mse
//     train: {lr: 0.003, schedule: one-cycle}        # options of ds-train that suit it, where nobody says otherwise
//
// Expressions ${...} may stand in every value; those of `set` may use `data.*`, which comes from the data file
// (see DataFacts).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/yaml.h"
#include "data/batch/facts.h"
#include "graph/graph.h"

namespace ds {

/// A model file may ask of the data: data.classes (of the target), data.channels, data.height, data.width (of the
/// first image column), data.features (elements of the first data column), data.categories.NAME.
struct ModelRequest {
    std::string model;                      // a name of share/models, or a path of a YAML file
    std::map<std::string, std::string> set; // overrides of parameters
    DataFacts data;
    double label_smoothing = 0;
    DType dtype = DType::f32; // f64 shows exactness
};

struct BuiltModel {
    Graph graph;
    std::string task;                              // "classification", "text", "binary" or "regression"
    std::map<std::string, std::string> parameters; // resolved
};

/// Error(config) naming file, line and key; Error(no_input) listing the known models.
BuiltModel build_model(const ModelRequest& request);
/// The same of a file that was read; the graph gets the name.
BuiltModel build_model(const Yaml& file, const std::string& name, const ModelRequest& request);

/// The section `train` of a model file, null where it has none.
Yaml training_defaults(const std::string& model);

/// The file a model's name stands for: a path is itself, a name is looked up in share/models.
std::string find_model(const std::string& name);

} // namespace ds
