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

/// Predictions beside the truth, a line a sample: its name, the targets, and the tasks' fields. Of a ranking, the
/// sample's group comes before them, where there are groups, and its rank among those of the group after them.
class PredictionTable {
public:
    /// `task` has predictions. `id`: what the samples' names are called; `group`: what those of a ranking's groups are,
    /// "" where all samples are one.
    PredictionTable(const Task& task, const OutputNames& names, std::string id, std::string group = "");
    /// A batch: of each head, outputs [samples,...] and targets with room for at least as many; what each sample is
    /// called; and of a ranking what its group is.
    void add(const std::vector<HeadValues>& heads, const std::vector<std::string>& names,
             const std::vector<std::string>& groups = {});
    std::string csv(double threshold) const;

private:
    std::string fields_of(size_t s, double threshold) const;
    std::vector<int64_t> ranks() const;
    struct Column {
        OutputPart part;
        std::vector<double> outputs{};  // [samples, part.size]
        std::vector<int64_t> lengths{}; // of texts: words of each sample
    };
    std::vector<Column> heads_;
    bool waits_; // for the threshold, which is known at the end: outputs are kept
    bool ranks_; // places within groups are told: outputs are kept, too
    std::string id_, group_;
    std::vector<std::string> samples_; // their names
    std::vector<std::string> groups_;  // of each, of a ranking
    std::vector<std::string> fields_;  // of each, where outputs are not kept
    std::vector<std::string> targets_; // of each sample, as they stand in the CSV
};

} // namespace ds
