// The losses of model files, as rows. A loss adds the target input and the outputs `logits` (what the model says, in
// the target's unit), `loss` (a sum over targets, the objective) and `loss.count` (how many valid ones).
#pragma once

#include "data/batch/facts.h"
#include "graph/builder.h"
#include "model/options.h"

namespace ds {

class LayerWriter;

/// What an output is held to.
struct LossTarget {
    std::string name;                   // of the column, and of the input
    const DataColumn* column = nullptr; // null: the data is not known, or it is the next token of a text
    bool is_text = false;
    std::string head{}; // of several losses: what its outputs are called after

    /// "price.loss" for "loss".
    std::string output(const std::string& of) const { return head.empty() ? of : head + "." + of; }
};

struct LossRow {
    std::string_view name;
    std::string_view doc;
    /// Adds the target under its name; gives the task. Null: made of others.
    std::string (*build)(Builder& builder, ValueId output, const LossTarget& target);
};

std::span<const LossRow> loss_rows();
/// What may be said in the section `loss`, and of each in a list of them.
std::span<const OptionRow> loss_options();

/// The loss that is one for each target.
constexpr std::string_view each_target = "each";
/// The loss that suits a target, and how many outputs it takes.
struct FittingLoss {
    std::string_view kind;
    int64_t outputs = 1;
};
FittingLoss fitting_loss(const DataColumn& target);

/// Adds the loss that the section `loss` of a model file names, or the several; without `target`, it is measured
/// against the data's one target column. Returns the task. Of several losses each has the outputs NAME.logits,
/// NAME.loss and NAME.loss.count; the objective is the sum over samples whose mean is the weighted sum of their means
/// in the batch. Error(config); Error(data) for a target that the data has not, or of which it has several.
std::string add_loss(LayerWriter& writer, const Yaml& yaml);

/// A squared error is measured in units of the target's standard deviation, and the output is brought back to the
/// target's unit: logits = output * std + mean. Both are running statistics of the model ([] or a value a channel,
/// target [N,C,...]), filled from the training rows.
std::string target_mean_slot(const std::string& target);
std::string target_std_slot(const std::string& target);

} // namespace ds
