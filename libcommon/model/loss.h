// The losses of model files, as rows. A loss adds the target input and the outputs `loss` (a sum over targets, the
// objective) and `loss.count` (how many valid ones).
#pragma once

#include "graph/builder.h"
#include "model/options.h"

namespace ds {

struct LossRow {
    std::string_view name;
    std::string_view doc;
    /// Adds the target under that name; gives the task.
    std::string (*build)(Builder& builder, ValueId output, const std::string& target, double smoothing);
};

std::span<const LossRow> loss_rows();
/// What may be said in the section `loss`: kind and target.
std::span<const OptionRow> loss_options();

/// Adds the loss that the section `loss` of a model file names. Returns the task. Error(config).
std::string add_loss(Graph& graph, ValueId logits, const Yaml& yaml, const Variables& variables, double smoothing);

} // namespace ds
