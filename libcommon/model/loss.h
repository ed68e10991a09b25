// The losses of model files, as rows. A loss adds the target input and the outputs `logits` (what the model says, in
// the target's unit), `loss` (a sum over targets, the objective) and `loss.count` (how many valid ones).
#pragma once

#include "data/batch/facts.h"
#include "graph/builder.h"
#include "model/options.h"

namespace ds {

/// What an output is held to.
struct LossTarget {
    std::string name;                   // of the column, and of the input
    const DataColumn* column = nullptr; // null: the data is not known, or it is the next token of a text
    bool is_text = false;
};

struct LossRow {
    std::string_view name;
    std::string_view doc;
    /// Adds the target under its name; gives the task.
    std::string (*build)(Builder& builder, ValueId output, const LossTarget& target);
};

std::span<const LossRow> loss_rows();
/// What may be said in the section `loss`: kind and target.
std::span<const OptionRow> loss_options();

/// Adds the loss that the section `loss` of a model file names; without `target`, it is measured against the data's one
/// target column. Returns the task. Error(config); Error(data) for a target that the data has not, or of which it has
/// several.
std::string add_loss(Graph& graph, ValueId output, const Yaml& yaml, const Variables& variables, const DataFacts& data);

/// A squared error is measured in units of the target's standard deviation, and the output is brought back to the
/// target's unit: logits = output * std + mean. Both are running statistics of the model ([] or a value a channel,
/// target [N,C,...]), filled from the training rows.
std::string target_mean_slot(const std::string& target);
std::string target_std_slot(const std::string& target);

} // namespace ds
