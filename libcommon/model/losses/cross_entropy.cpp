// One class of several: for a sample, for each token, for each pixel.
#include "base/error.h"
#include "model/losses/row.h"
#include "ops/emit.h"
#include "ops/loss.h"

namespace ds {
namespace {

/// What rows of classes are.
struct ClassRow {
    const char* task;
    const char* over = "";    // what has a class
    int64_t most = INT64_MAX; // classes
};
constexpr ClassRow of_samples{"classification"}, of_spans{"tagging"}, of_words{"token-classification"},
    of_tokens{"text"},
    of_pixels{"segmentation", "pixels", ignored_pixel}; // masks are bytes, and one of their values is no class

/// The target decides, and the axes of its rows only where no data is known.
const ClassRow& row_of(const Shape& rows, const LossTarget& target) {
    if (rows.size() == 1) return of_samples;
    if (target.column && target.column->of_words) return target.column->spans ? of_spans : of_words;
    const size_t axes = target.column ? target.column->item.size() + 1 : rows.size();
    return !target.is_text && axes > 2 ? of_pixels : of_tokens;
}

} // namespace

std::string cross_entropy_loss(Builder& builder, ValueId logits, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(logits);
    if (type.shape.size() < 2)
        fail(Exit::config, "cross_entropy takes logits of shape [N,...,classes], not {}", text(type));
    graph.add_output(target.output("logits"), logits);
    const Shape rows(type.shape.begin(), type.shape.end() - 1);
    const ValueId label = target_input(graph, target.name, {DType::i32, rows});
    const CrossEntropyAttrs attrs; // smoothing is training's: see train_mode
    const ValueId loss = builder.emit("cross_entropy", attrs_of(attrs), {logits, label})[0];
    graph.add_output(target.output("loss"), sum(builder, loss), target.head.empty());
    const ValueId valid =
        binary(builder, BinaryKind::ne, label, scalar(builder, DType::i32, double(attrs.ignore_index)));
    graph.add_output(target.output("loss.count"), sum(builder, cast(builder, valid, type.dtype)));
    const ClassRow& row = row_of(rows, target);
    if (const Dim& classes = type.shape.back(); classes.known() && classes.value() > row.most)
        fail(Exit::config, "cross_entropy over {} takes up to {} classes, not {}", row.over, row.most, classes.value());
    return row.task;
}

} // namespace ds
