// Rows of a group in the order of their relevance: by pairs (RankNet: Burges et al. 2005), by pairs weighed with what
// changing places does to NDCG (LambdaRank: Burges et al. 2006, as a loss: Wang et al. 2018), and as a list (ListNet:
// Cao et al. 2007, with the relevances' shares).
//
// Rows are compared with all others of the batch, [N,N], row i with row j; what is not of one group is masked. A few
// such values live at a time: at 512 rows 1 MiB each in f32, at 4096 64 MiB.
#include <cmath>

#include "base/error.h"
#include "data/batch/groups.h"
#include "model/losses/row.h"
#include "ops/emit.h"

namespace ds {
namespace {

constexpr double least = 1e-30;     // divisor where there is nothing to divide
constexpr double far_below = -1e30; // a score that no row of another group has a part with

class Ranked {
public:
    Ranked(Builder& builder, ValueId output, const LossTarget& target) : b_(builder), target_(target) {
        Graph& graph = builder.graph();
        const Type type = graph.type(output);
        if (type.shape.empty() || type.shape.size() > 2 || (type.shape.size() == 2 && type.shape[1] != Dim(1)))
            fail(Exit::config, "a ranking takes a score for each row, [N] or [N,1], not {}", text(type));
        if (target.groups.empty())
            fail(Exit::data, "a ranking needs to know which rows belong together; import the data with --group COLUMN");
        n_ = type.shape[0];
        dtype_ = type.dtype;
        graph.add_output(target.output("logits"), output);
        score = reshape(b_, output, {n_});
        relevance = target_input(graph, target.name, {dtype_, {n_}});
        const ValueId groups = target_input(graph, std::string(groups_of) + target.groups, {DType::i32, {n_, Dim(2)}});
        const ValueId number = slice(b_, groups, 1, Dim(0), Dim(1));
        const ValueId counts = binary(b_, BinaryKind::ge, number, scalar(b_, DType::i32, 0)); // [N,1]
        place_ = slice(b_, groups, 1, Dim(1), Dim(1));
        const ValueId alike = compare(BinaryKind::eq, number);
        same_ = binary(b_, BinaryKind::logical_and, alike, counts);
        same = cast(b_, same_, dtype_);
    }

    ValueId score, relevance; // [N]
    ValueId same = no_value;  // [N,N]: 1 where two rows are of one group

    ValueId row(ValueId x) { return reshape(b_, x, {n_, Dim(1)}); }    // [N,1]: that of row i
    ValueId column(ValueId x) { return reshape(b_, x, {Dim(1), n_}); } // [1,N]: that of row j
    ValueId difference(ValueId x) {
        const ValueId i = row(x);
        return sub(b_, i, column(x));
    }
    ValueId sum_of_group(ValueId x) { return sum(b_, mul(b_, same, column(x)), {1}); } // [N] -> [N]
    /// [N,N]: 1 where rows i and j are of one group and row i is the more relevant one.
    ValueId is_better() {
        const ValueId better = compare(BinaryKind::gt, relevance);
        return cast(b_, binary(b_, BinaryKind::logical_and, better, same_), dtype_);
    }
    /// log(1 + e^(s_j - s_i)): what a pair costs of which row i is to come first.
    ValueId cost_of_pairs() { return unary(b_, UnaryKind::softplus, neg(b_, difference(score))); }
    /// [N]: 1 / log2(1 + place of the row when its group is put in the order of x, the greatest first); of equals the
    /// first one in the data comes first.
    ValueId discount(ValueId x) {
        const ValueId less = compare(BinaryKind::lt, x);
        const ValueId equal = compare(BinaryKind::eq, x);
        const ValueId later = compare(BinaryKind::gt, place_);
        const ValueId tied = binary(b_, BinaryKind::logical_and, equal, later);
        const ValueId behind = binary(b_, BinaryKind::logical_or, less, tied);
        const ValueId counted = binary(b_, BinaryKind::logical_and, behind, same_);
        const ValueId ahead = sum(b_, cast(b_, counted, dtype_), {1});
        const ValueId log = unary(b_, UnaryKind::log, affine(b_, ahead, 1, 2));
        return affine(b_, unary(b_, UnaryKind::reciprocal, log), std::log(2.0));
    }
    /// [N]: 2^relevance - 1.
    ValueId gain() { return affine(b_, unary(b_, UnaryKind::exp, affine(b_, relevance, std::log(2.0))), 1, -1); }
    /// [N,N]: how far NDCG moves when rows i and j change places.
    ValueId change_of_ndcg() {
        const ValueId gains = gain();
        const ValueId best = sum_of_group(mul(b_, gains, discount(relevance)));
        const ValueId exchanged = unary(b_, UnaryKind::abs, difference(gains));
        const ValueId moved = unary(b_, UnaryKind::abs, difference(discount(score)));
        const ValueId change = mul(b_, exchanged, moved);
        return div(b_, change, row(at_least(best)));
    }
    /// [N]: so much that the rows of each group with pairs have 1 together.
    ValueId share_of_group() {
        const ValueId differ = compare(BinaryKind::ne, relevance);
        const ValueId counted = binary(b_, BinaryKind::logical_and, differ, same_);
        const ValueId pairs = sum(b_, cast(b_, counted, dtype_), {1});
        const ValueId some = cast(b_, binary(b_, BinaryKind::gt, pairs, scalar(b_, dtype_, 0)), dtype_);
        return div(b_, some, at_least(sum(b_, same, {1})));
    }
    /// [N]: the part of the row in its group's relevance.
    ValueId part_of_relevance() {
        const ValueId counts = mul(b_, relevance, reduce(b_, ReduceKind::max, same, {1}));
        return div(b_, counts, at_least(sum_of_group(counts)));
    }
    /// [N]: the logarithm of the softmax over the group.
    ValueId log_softmax() {
        const ValueId others = column(score);
        const ValueId none = scalar(b_, dtype_, far_below);
        const ValueId masked = select(b_, same_, others, none);
        const ValueId top = reduce(b_, ReduceKind::max, masked, {1}, true);
        const ValueId total = sum(b_, unary(b_, UnaryKind::exp, sub(b_, masked, top)), {1});
        const ValueId log = unary(b_, UnaryKind::log, total);
        return sub(b_, score, add(b_, log, reshape(b_, top, {n_})));
    }

    /// The sum of the losses, and how many: each has a row for each of the batch.
    std::string finish(ValueId losses, ValueId counts) {
        Graph& graph = b_.graph();
        graph.add_output(target_.output("loss"), sum(b_, losses), target_.head.empty());
        graph.add_output(target_.output("loss.count"), sum(b_, counts));
        return "ranking";
    }

private:
    ValueId compare(BinaryKind kind, ValueId x) {
        const ValueId i = row(x);
        return binary(b_, kind, i, column(x));
    }
    ValueId at_least(ValueId x) {
        const ValueId low = scalar(b_, dtype_, least);
        return binary(b_, BinaryKind::max, x, low);
    }

    Builder& b_;
    const LossTarget& target_;
    Dim n_ = 0;
    DType dtype_ = DType::f32;
    ValueId place_ = no_value, same_ = no_value;
};

} // namespace

std::string ranknet_loss(Builder& builder, ValueId output, const LossTarget& target) {
    Ranked ranked(builder, output, target);
    const ValueId better = ranked.is_better();
    return ranked.finish(mul(builder, better, ranked.cost_of_pairs()), better);
}

std::string lambdarank_loss(Builder& builder, ValueId output, const LossTarget& target) {
    Ranked ranked(builder, output, target);
    const ValueId better = ranked.is_better();
    const ValueId weight = mul(builder, better, ranked.change_of_ndcg());
    const ValueId losses = mul(builder, weight, ranked.cost_of_pairs());
    return ranked.finish(losses, ranked.share_of_group());
}

std::string listnet_loss(Builder& builder, ValueId output, const LossTarget& target) {
    Ranked ranked(builder, output, target);
    const ValueId part = ranked.part_of_relevance();
    const ValueId losses = neg(builder, mul(builder, part, ranked.log_softmax()));
    return ranked.finish(losses, part);
}

} // namespace ds
