// Models beside each other: which options of their making, and which metrics, differ. For sweeps.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "io/checkpoint/checkpoint.h"

namespace ds {

struct NamedCheckpoint {
    std::string name;
    Checkpoint checkpoint; // without payload
};

/// A row for each model, a column for each thing that is not the same in all of them.
struct ModelTable {
    struct Column {
        std::string name;
        bool is_metric = false;
        std::vector<Json> cells; // null where a model lacks it
    };
    std::vector<std::string> models;
    std::vector<Column> columns; // options in the order of the records, then metrics
};

/// Compared are, of each model, the options of the last command of ds-tools in its history, `set.NAME` for each
/// parameter of the model file, the graph's name (`graph`), how much is learned (`parameters`), the digests of what was
/// read (`inputs`), and the metrics that belong to the weights.
ModelTable compare_models(const std::vector<NamedCheckpoint>& models);

std::string table_text(const ModelTable& table); // "" when nothing differs
std::string table_csv(const ModelTable& table);
Json table_json(const ModelTable& table);

} // namespace ds
