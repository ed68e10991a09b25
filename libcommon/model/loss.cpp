#include "model/loss.h"

#include "base/error.h"
#include "graph/builder.h"
#include "model/options.h"
#include "ops/emit.h"
#include "ops/loss.h"

namespace ds {
namespace {

/// How many elements a value of this shape has, as a value: known only when the sizes are bound.
ValueId element_count(Builder& builder, DType dtype, const Shape& shape) {
    return sum(builder, constant(builder, dtype, shape, 1));
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
std::string binary_cross_entropy(Builder& builder, ValueId logits, const std::string& target) {
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

std::string mean_square(Builder& builder, ValueId output, const std::string& target) {
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

std::string add_loss(Graph& graph, ValueId logits, const Yaml& yaml, const Variables& variables, double smoothing) {
    LayerOptions options("loss", yaml, variables);
    const std::string kind = options.string("kind", "cross_entropy", true);
    const std::string target = options.string("target", "label");
    options.done();
    Builder builder(graph);
    builder.set_name("loss");
    try {
        if (kind == "cross_entropy") return cross_entropy(builder, logits, target, smoothing);
        if (smoothing != 0) fail(Exit::usage, "label smoothing is for cross_entropy; this model's loss is {}", kind);
        if (kind == "binary_cross_entropy") return binary_cross_entropy(builder, logits, target);
        if (kind == "mse") return mean_square(builder, logits, target);
    } catch (const Error& error) {
        if (error.code() == Exit::usage) throw;
        yaml.refuse(error.what());
    }
    yaml.refuse(fmt::format("unknown loss '{}'; there are: cross_entropy, binary_cross_entropy, mse", kind));
}

} // namespace ds
