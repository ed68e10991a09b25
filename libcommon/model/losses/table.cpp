// All losses of model files, and what they share.
#include "base/error.h"
#include "model/losses/row.h"
#include "ops/emit.h"

namespace ds {

std::span<const LossRow> loss_rows() {
    static const LossRow rows[] = {
        {"cross_entropy",
         "minus the logarithm of the softmax at the target's class. Output [N, ..., classes], target i32 [N, ...], "
         "where "
         "-100 is left out. The task is classification with one target a sample, tagging with one for each word of a "
         "text "
         "(token-classification where the tags make no spans), text where the data is one stream, and "
         "segmentation with a target for each pixel: a mask, or any rows of two axes and more",
         cross_entropy_loss},
        {"binary_cross_entropy",
         "log(1 + exp(x)) - x t, for one logit x and a target t of 0 or 1 a row. Output [N] or [N, 1], target [N]; the "
         "task is binary. Or the same for each of several labels, of which a row may have any: output and target [N, "
         "labels]; the task is multi-label, and the mean that over rows and labels",
         binary_cross_entropy_loss},
        {"mse",
         "the squared error in units of the target's deviation: the output is brought to the target's mean and "
         "deviation, "
         "which the model takes from the training rows. The target has the output's shape, and [N] beside [N, 1]; the "
         "task is regression",
         mean_square_loss},
        {"lambdarank",
         "a score for each row, by which the rows of a group (ds-data import csv --group) are put in order. For each "
         "pair of rows of which one is the more relevant: log(1 + exp(-difference of scores)), times what changing "
         "their "
         "places would do to NDCG; the mean over groups. Output [N] or [N, 1], target [N]: relevances from 0 up, of "
         "which 2**relevance - 1 is the gain. The task is ranking",
         lambdarank_loss},
        {"ranknet", "the same without that factor; the mean over pairs", ranknet_loss},
        {"listnet",
         "the same rows as a list: the cross entropy between the parts that they have in their group's relevance and "
         "the softmax of their scores over the group; the mean over groups with a relevant row",
         listnet_loss},
        {"reconstruction",
         "the squared error against what went in: the target is an input of numbers or pixels, the only one where "
         "none is named, or a value from 'as' that is made of inputs alone. It is the input as the network is given "
         "it, augmented in training; what the network's own layers do to it (dropout, say) is there to be undone. "
         "The output has as many elements; it is "
         "brought to the input's unit, pixels from 0 to 255. The task is reconstruction",
         reconstruction_loss, true},
        {"contrastive",
         "vectors that lie near each other where classes are alike. They are brought to length 1, and of each sample "
         "the others of its class in the batch are told from all others by the softmax of cosine / temperature: minus "
         "the mean logarithm; the mean over samples that have one of their class in the batch. Output [N, numbers], "
         "target i32 [N]: classes, which need not be those that will be measured. The task is embedding",
         contrastive_loss,
         false,
         {"temperature"}},
        {"info_nce",
         "pairs: two values of the network, 'from' and 'target' (its name from 'as'), a vector each for every sample, "
         "[N, "
         "numbers]. They are brought to length 1, and of each sample the partner is told from those of the other "
         "samples "
         "of the batch by the softmax of cosine / temperature: minus the logarithm; the mean over samples. Samples "
         "that "
         "are alike on a side are no wrong answers of each other: where all columns that the side is made of are the "
         "same (each a number or category a row), or for the target the column that id names. The task is retrieval",
         info_nce_loss,
         true,
         {"temperature", "id", "both_ways"}},
        {each_target,
         "all targets of the data: for each the loss that suits it (data.loss), on its part of an output [N, outputs], "
         "which are side by side in the order of the columns",
         nullptr},
    };
    return rows;
}

ValueId element_count(Builder& builder, DType dtype, const Shape& shape) {
    return sum(builder, constant(builder, dtype, shape, 1));
}

ValueId target_input(Graph& graph, const std::string& name, const Type& type) {
    const Input* there = graph.find_input(name);
    if (!there || there->role != InputRole::target) return graph.add_input(name, type, InputRole::target);
    if (!(graph.type(there->value) == type))
        fail(Exit::config, "two losses take the target '{}' as {} and as {}", name, text(graph.type(there->value)),
             text(type));
    return there->value;
}

std::string one_part(std::string target) {
    for (char& c : target)
        if (c == '.' || c == '/') c = '_';
    return target;
}

} // namespace ds
