#include "model/loss.h"

#include "base/error.h"
#include "base/names.h"
#include "ops/emit.h"
#include "ops/loss.h"

namespace ds {
namespace {

/// How many elements a value of this shape has, as a value: known only when the sizes are bound.
ValueId element_count(Builder& builder, DType dtype, const Shape& shape) {
    return sum(builder, constant(builder, dtype, shape, 1));
}

void refuse_smoothing(double smoothing, const char* loss) {
    if (smoothing != 0) fail(Exit::usage, "label smoothing is for cross_entropy; this model's loss is {}", loss);
}

std::string cross_entropy(Builder& builder, ValueId logits, const std::string& target, double smoothing) {
    Graph& graph = builder.graph();
    const Type type = graph.type(logits);
    if (type.shape.size() < 2)
        fail(Exit::config, "cross_entropy takes logits of shape [N,...,classes], not {}", text(type));
    const Shape rows(type.shape.begin(), type.shape.end() - 1);
    const ValueId label = graph.add_input(target, {DType::i32, rows}, InputRole::target);
    CrossEntropyAttrs attrs;
    attrs.smoothing = smoothing;
    const ValueId loss = builder.emit("cross_entropy", attrs_of(attrs), {logits, label})[0];
    graph.add_output("loss", sum(builder, loss), true);
    const ValueId valid =
        binary(builder, BinaryKind::ne, label, scalar(builder, DType::i32, double(attrs.ignore_index)));
    graph.add_output("loss.count", sum(builder, cast(builder, valid, type.dtype)));
    return rows.size() > 1 ? "text" : "classification";
}

/// One logit per sample; loss = log(1 + e^x) - x*t.
std::string binary_cross_entropy(Builder& builder, ValueId logits, const std::string& target, double smoothing) {
    refuse_smoothing(smoothing, "binary_cross_entropy");
    Graph& graph = builder.graph();
    const Type type = graph.type(logits);
    const bool one_each = type.shape.size() == 1 || (type.shape.size() == 2 && type.shape[1] == Dim(1));
    if (!one_each) fail(Exit::config, "binary_cross_entropy takes one logit per sample, not {}", text(type));
    const ValueId x = reshape(builder, logits, {type.shape[0]});
    const ValueId label = graph.add_input(target, {type.dtype, {type.shape[0]}}, InputRole::target);
    const ValueId right = mul(builder, x, label);
    const ValueId loss = sub(builder, unary(builder, UnaryKind::softplus, x), right);
    graph.add_output("loss", sum(builder, loss), true);
    graph.add_output("loss.count", element_count(builder, type.dtype, {type.shape[0]}));
    return "binary";
}

std::string mean_square(Builder& builder, ValueId output, const std::string& target, double smoothing) {
    refuse_smoothing(smoothing, "mse");
    Graph& graph = builder.graph();
    const Type type = graph.type(output);
    const bool one_each = type.shape.size() == 2 && type.shape[1] == Dim(1);
    const Shape shape = one_each ? Shape{type.shape[0]} : type.shape;
    const ValueId wanted = graph.add_input(target, {type.dtype, shape}, InputRole::target);
    const ValueId error = unary(builder, UnaryKind::square, sub(builder, reshape(builder, output, shape), wanted));
    graph.add_output("loss", sum(builder, error), true);
    graph.add_output("loss.count", element_count(builder, type.dtype, shape));
    return "regression";
}

} // namespace

std::span<const LossRow> loss_rows() {
    static const LossRow rows[] = {
        {"cross_entropy",
         "minus the logarithm of the softmax at the target's class. Output [N, ..., classes], target i32 [N, ...], "
         "where "
         "-100 is left out; with one axis of rows the task is classification, with more it is text",
         cross_entropy},
        {"binary_cross_entropy",
         "log(1 + exp(x)) - x t, for one logit x and a target t of 0 or 1 a row. Output [N] or [N, 1], target [N]; the "
         "task "
         "is binary",
         binary_cross_entropy},
        {"mse", "the squared error. The target has the output's shape, and [N] beside [N, 1]; the task is regression",
         mean_square},
    };
    return rows;
}

std::span<const OptionRow> loss_options() {
    static const OptionRow rows[] = {
        {"kind", OptionType::word, "cross_entropy", "one of the losses below"},
        {"target", OptionType::word, "label", "the column of the data that the output is held to"},
    };
    return rows;
}

std::string add_loss(Graph& graph, ValueId logits, const Yaml& yaml, const Variables& variables, double smoothing) {
    const LayerOptions options("loss", {loss_options().begin(), loss_options().end()}, "kind", yaml, variables);
    const std::string kind = options.word("kind");
    Builder builder(graph);
    builder.set_name("loss");
    std::vector<std::string_view> known;
    for (const LossRow& row : loss_rows()) {
        known.push_back(row.name);
        if (row.name != kind) continue;
        try {
            return row.build(builder, logits, options.word("target"), smoothing);
        } catch (const Error& error) {
            if (error.code() == Exit::usage || error.code() == Exit::bug) throw;
            yaml.refuse(error.what());
        }
    }
    const Yaml* given = options.node("kind");
    (given ? *given : yaml).refuse(fmt::format("unknown loss '{}'{}", shown(kind), name_hint(kind, known)));
}

} // namespace ds
