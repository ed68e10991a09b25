// A loss of model files as a row: what it is called, what it means, and how it is built. A loss adds the target input
// and the outputs `logits` (what the model says, in the target's unit), `loss` (a sum over targets) and `loss.count`
// (how many valid ones).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/facts.h"
#include "graph/builder.h"

namespace ds {

/// What an output is held to.
struct LossTarget {
    std::string name;                   // of the column, and of the input
    const DataColumn* column = nullptr; // null: the data is not known, or it is the next token of a text
    bool is_text = false;
    std::string groups{};     // the column that says which rows belong together; "": there is none
    std::string head{};       // of several losses: what its outputs are called after
    ValueId truth = no_value; // of a row that is of_values: what the output is held to
    double temperature = 0.1; // of losses that compare vectors
    std::string id{};      // of pairs: the column that says which of them have the same truth; "": those it is made of
    bool both_ways = true; // of pairs: the truth's partner is told from others, too

    /// "price.loss" for "loss".
    std::string output(const std::string& of) const { return head.empty() ? of : head + "." + of; }
};

struct LossRow {
    std::string_view name;
    std::string_view doc;
    /// Adds the target under its name; gives the task. Null: made of others.
    std::string (*build)(Builder& builder, ValueId output, const LossTarget& target);
    bool of_values = false; // the target is no column of the data, but an input or another value of the network
    std::vector<std::string_view> options = {}; // of loss_options(), those that are for some losses only
};

/// The loss that is one for each target.
constexpr std::string_view each_target = "each";

// A function for each loss, in a file of this folder.
std::string cross_entropy_loss(Builder& builder, ValueId logits, const LossTarget& target);
std::string binary_cross_entropy_loss(Builder& builder, ValueId logits, const LossTarget& target);
std::string mean_square_loss(Builder& builder, ValueId output, const LossTarget& target);
std::string ranknet_loss(Builder& builder, ValueId output, const LossTarget& target);
std::string lambdarank_loss(Builder& builder, ValueId output, const LossTarget& target);
std::string listnet_loss(Builder& builder, ValueId output, const LossTarget& target);
std::string reconstruction_loss(Builder& builder, ValueId output, const LossTarget& target);
std::string contrastive_loss(Builder& builder, ValueId output, const LossTarget& target);
std::string info_nce_loss(Builder& builder, ValueId output, const LossTarget& target);

std::span<const LossRow> loss_rows();

/// How many elements a value of this shape has, as a value: known only when the sizes are bound.
ValueId element_count(Builder& builder, DType dtype, const Shape& shape);
/// The input that a loss is held to, added where it is not there. Several losses may be held to one target, if they
/// take it alike; else Error(config).
ValueId target_input(Graph& graph, const std::string& name, const Type& type);
/// A column may have any name; dots and slashes part the names of slots, and no part may be empty.
std::string one_part(std::string target);

} // namespace ds
