// What an evaluation says: tables for people, one JSON document, predictions as CSV.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "task/task.h"

namespace ds {

/// One line a metric; those at a threshold name it. `data` says which rows were measured.
std::string table(const Metrics& metrics, const std::string& data);
std::string class_table(const Metrics& metrics, const OutputNames& names);
std::string confusion_table(const Metrics& metrics, const OutputNames& names);
Json to_json(const Metrics& metrics, const std::string& data, const OutputNames& names);

/// Predictions beside the truth, a line a sample: its name, the target, and the task's fields.
class PredictionTable {
public:
    /// `task` has predictions. `id`: what the samples' names are called.
    PredictionTable(const Task& task, std::string id)
        : printing_(*task.printing), waits_(task.has_threshold()), id_(std::move(id)) {}
    /// A batch: outputs [samples,...], targets with room for at least as many, and what each sample is called.
    void add(const TensorView& output, const Tensor& target, const std::vector<std::string>& samples,
             const OutputNames& names);
    std::string csv(const OutputNames& names) const;

private:
    const Printing& printing_;
    bool waits_; // for the threshold, which is known at the end: outputs are kept
    Dims item_;  // shape of a sample's outputs
    std::string id_;
    std::vector<std::string> samples_; // their names
    std::vector<double> outputs_;      // [samples, item]
    std::vector<std::string> fields_;  // instead of them
    std::vector<std::string> targets_; // of each sample, as they stand in the CSV
};

} // namespace ds
