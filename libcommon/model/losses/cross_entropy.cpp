// One class of several: for a sample, for each token, for each pixel.
#include "base/error.h"
#include "model/losses/row.h"
#include "ops/emit.h"
#include "ops/loss.h"

namespace ds {
namespace {

/// What rows of classes are: the target decides, and their axes only where no data is known.
std::string task_of_classes(const Shape& rows, const LossTarget& target) {
    if (rows.size() == 1) return "classification";
    if (target.column && target.column->of_words) return target.column->spans ? "tagging" : "token-classification";
    const size_t axes = target.column ? target.column->item.size() + 1 : rows.size();
    return !target.is_text && axes > 2 ? "segmentation" : "text";
}

/// Masks are bytes, and one of their values is no class.
void check_pixel_classes(const std::string& task, const Dim& classes) {
    if (task == "segmentation" && classes.known() && classes.value() > ignored_pixel)
        fail(Exit::config, "cross_entropy over pixels takes up to {} classes, not {}", ignored_pixel, classes.value());
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
    const std::string task = task_of_classes(rows, target);
    check_pixel_classes(task, type.shape.back());
    return task;
}

} // namespace ds
