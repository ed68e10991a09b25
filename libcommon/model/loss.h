// The section `loss` of model files: one loss or several (losses/row.h), each held to a column of the data.
#pragma once

#include "data/batch/facts.h"
#include "model/options.h"

namespace ds {

class LayerWriter;

/// What may be said in the section `loss`, and of each in a list of them.
std::span<const OptionRow> loss_options();

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
