// What an evaluation says: tables for people, one JSON document, predictions as CSV.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "task/task.h"

namespace ds {

/// One line a metric; those at a threshold name it. `data` says which rows were measured.
std::string table(const Metrics& metrics, const std::string& data);
/// Of every head that has classes: a table of them, and which are taken for which.
std::string class_tables(const Metrics& metrics, const OutputNames& names);
Json to_json(const Metrics& metrics, const std::string& data, const OutputNames& names);

/// Predictions beside the truth, a line a sample: its name, the targets, and the tasks' fields.
class PredictionTable {
public:
    /// `task` has predictions. `id`: what the samples' names are called.
    PredictionTable(const Task& task, const OutputNames& names, std::string id);
    /// A batch: of each head, outputs [samples,...] and targets with room for at least as many; and what each sample is
    /// called.
    void add(const std::vector<HeadValues>& heads, const std::vector<std::string>& names);
    std::string csv(double threshold) const;

private:
    std::string fields_of(size_t s, double threshold) const;
    struct Column {
        OutputPart part;
        std::vector<double> outputs{}; // [samples, part.size]
    };
    std::vector<Column> heads_;
    bool waits_; // for the threshold, which is known at the end: outputs are kept
    std::string id_;
    std::vector<std::string> samples_; // their names
    std::vector<std::string> fields_;  // of each, where outputs are not kept
    std::vector<std::string> targets_; // of each sample, as they stand in the CSV
};

} // namespace ds
