// Pairs: two values of the network, of which those of one row belong together (InfoNCE, van den Oord et al. 2018; both
// ways as in CLIP, Radford et al. 2021). A row's partner is told from those of the others of its batch, but for those
// of rows that are alike: the same item elsewhere in the batch is no wrong answer (data/batch/alike.h).
#include <set>

#include "base/error.h"
#include "data/batch/alike.h"
#include "data/batch/groups.h"
#include "graph/behind.h"
#include "model/losses/cosine.h"
#include "model/losses/row.h"
#include "ops/emit.h"

namespace ds {
namespace {

void check_fits(const Graph& graph, ValueId output, const LossTarget& target) {
    const Type &first = graph.type(output), &second = graph.type(target.truth);
    if (output == target.truth)
        fail(Exit::config, "info_nce takes two values, and '{}' is both 'from' and 'target'", target.name);
    const bool fits = first == second && is_float(first.dtype) && first.shape.size() == 2 && first.shape[1] != Dim(1);
    if (!fits)
        fail(Exit::config, "info_nce takes two vectors of one length for each sample, [N,numbers], not {} and '{}' {}",
             text(first), target.name, text(second));
}

/// The columns that say which rows are alike on a side: those that it is made of, where each is one number or category
/// a row; none where some input is more.
std::vector<std::string> columns_of_side(const Graph& graph, ValueId side) {
    std::vector<std::string> columns;
    const std::set<std::string> behind = inputs_behind(graph, side, InputRole::data);
    for (const Input& input : graph.inputs) {
        if (!behind.contains(input.name)) continue;
        if (graph.type(input.value).shape.size() != 1) return {};
        columns.push_back(input.name);
    }
    return columns;
}

/// Of every two rows of the batch, whether they are alike on a side; each is like itself. bool [N,N].
ValueId alike_rows(Builder& b, ValueId output, const LossTarget& target, const Dim& n) {
    Graph& graph = b.graph();
    const std::vector<std::string> first = columns_of_side(graph, output),
                                   second = target.id.empty() ? columns_of_side(graph, target.truth)
                                                              : std::vector<std::string>{target.id};
    if (first.empty() && second.empty())
        return compared(b, BinaryKind::eq, target_input(graph, std::string(row_numbers), {DType::i32, {n}}));
    const ValueId numbers = target_input(graph, alike_input(first, second), {DType::i32, {n, Dim(2)}});
    const ValueId of_first = slice(b, numbers, 1, Dim(0), Dim(1));
    const ValueId of_second = slice(b, numbers, 1, Dim(1), Dim(1));
    const ValueId same_first = compared(b, BinaryKind::eq, of_first);
    return binary(b, BinaryKind::logical_or, same_first, compared(b, BinaryKind::eq, of_second));
}

/// log(1 + the sum of exp(others) / exp(own)) for each row [N,1]: minus the logarithm of the own one's softmax.
ValueId cost(Builder& b, ValueId similar, ValueId own, ValueId other, int64_t axis, const Dim& n) {
    const ValueId others = reshape(b, log_sum(b, similar, other, axis), {n, Dim(1)});
    return unary(b, UnaryKind::softplus, sub(b, others, own));
}

} // namespace

std::string info_nce_loss(Builder& b, ValueId output, const LossTarget& target) {
    Graph& graph = b.graph();
    check_fits(graph, output, target);
    const Type type = graph.type(output);
    const Dim n = type.shape[0];
    const ValueId first = of_length_one(b, output);
    const ValueId second = of_length_one(b, target.truth);
    graph.add_output(target.output("logits"), first);
    graph.add_output(target.output("truth"), second);
    const ValueId other = unary(b, UnaryKind::logical_not, alike_rows(b, output, target, n));
    const ValueId similar = similarities(b, first, second, target.temperature);
    const ValueId own = affine(b, sum(b, mul(b, first, second), {1}, true), 1 / target.temperature);
    ValueId costs = cost(b, similar, own, other, 1, n);
    if (target.both_ways) {
        const ValueId back = cost(b, similar, own, other, 0, n);
        costs = affine(b, add(b, costs, back), 0.5);
    }
    graph.add_output(target.output("loss"), sum(b, costs), target.head.empty());
    graph.add_output(target.output("loss.count"), element_count(b, type.dtype, {n}));
    return "retrieval";
}

} // namespace ds
