#include "model/loss.h"

#include <algorithm>

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

/// What rows of classes are: the target decides, and their axes only where no data is known.
std::string task_of_classes(const Shape& rows, const LossTarget& target) {
    if (rows.size() == 1) return "classification";
    const size_t axes = target.column ? target.column->item.size() + 1 : rows.size();
    return !target.is_text && axes > 2 ? "segmentation" : "text";
}

/// Masks are bytes, and one of their values is no class.
void check_pixel_classes(const std::string& task, const Dim& classes) {
    if (task == "segmentation" && classes.known() && classes.value() > ignored_pixel)
        fail(Exit::config, "cross_entropy over pixels takes up to {} classes, not {}", ignored_pixel, classes.value());
}

std::string cross_entropy(Builder& builder, ValueId logits, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(logits);
    if (type.shape.size() < 2)
        fail(Exit::config, "cross_entropy takes logits of shape [N,...,classes], not {}", text(type));
    graph.add_output("logits", logits);
    const Shape rows(type.shape.begin(), type.shape.end() - 1);
    const ValueId label = graph.add_input(target.name, {DType::i32, rows}, InputRole::target);
    const CrossEntropyAttrs attrs; // smoothing is training's: see train_mode
    const ValueId loss = builder.emit("cross_entropy", attrs_of(attrs), {logits, label})[0];
    graph.add_output("loss", sum(builder, loss), true);
    const ValueId valid =
        binary(builder, BinaryKind::ne, label, scalar(builder, DType::i32, double(attrs.ignore_index)));
    graph.add_output("loss.count", sum(builder, cast(builder, valid, type.dtype)));
    const std::string task = task_of_classes(rows, target);
    check_pixel_classes(task, type.shape.back());
    return task;
}

/// One logit per sample; loss = log(1 + e^x) - x*t.
std::string binary_cross_entropy(Builder& builder, ValueId logits, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(logits);
    const bool one_each = type.shape.size() == 1 || (type.shape.size() == 2 && type.shape[1] == Dim(1));
    if (!one_each) fail(Exit::config, "binary_cross_entropy takes one logit per sample, not {}", text(type));
    graph.add_output("logits", logits);
    const ValueId x = reshape(builder, logits, {type.shape[0]});
    const ValueId label = graph.add_input(target.name, {type.dtype, {type.shape[0]}}, InputRole::target);
    const ValueId right = mul(builder, x, label);
    const ValueId loss = sub(builder, unary(builder, UnaryKind::softplus, x), right);
    graph.add_output("loss", sum(builder, loss), true);
    graph.add_output("loss.count", element_count(builder, type.dtype, {type.shape[0]}));
    return "binary";
}

/// Of a target [N,C,...] one value for each of C, shaped to go along with it; of [N] one.
Shape statistic_shape(const Shape& target) {
    if (target.size() < 2 || !target[1].known()) return {};
    Shape shape(target.size() - 1, Dim(1));
    shape[0] = target[1];
    return shape;
}

ValueId statistic(Graph& graph, const std::string& name, const char* init, const Type& type) {
    Slot slot;
    slot.name = name;
    slot.kind = SlotKind::statistic;
    slot.init.kind = init;
    slot.train = slot.decay = false;
    return graph.add_slot(slot, type);
}

/// The error is taken before the output is scaled: (target - mean)/std is exact where the target lies far from zero,
/// and the scaled output is not.
std::string mean_square(Builder& builder, ValueId output, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(output);
    const bool one_each = type.shape.size() == 2 && type.shape[1] == Dim(1);
    const Shape shape = one_each ? Shape{type.shape[0]} : type.shape;
    const Type each{type.dtype, statistic_shape(shape)};
    const ValueId mean = statistic(graph, target_mean_slot(target.name), "zeros", each),
                  deviation = statistic(graph, target_std_slot(target.name), "ones", each);
    builder.set_name("logits");
    const ValueId scaled = mul(builder, output, deviation);
    graph.add_output("logits", add(builder, scaled, mean));
    builder.set_name("loss");
    const ValueId wanted = graph.add_input(target.name, {type.dtype, shape}, InputRole::target);
    const ValueId centred = sub(builder, wanted, mean);
    const ValueId standard = div(builder, centred, deviation);
    const ValueId given = reshape(builder, output, shape);
    const ValueId error = unary(builder, UnaryKind::square, sub(builder, given, standard));
    graph.add_output("loss", sum(builder, error), true);
    graph.add_output("loss.count", element_count(builder, type.dtype, shape));
    return "regression";
}

bool has_column(const DataFacts& data, const std::string& name) {
    return std::ranges::any_of(data, [&](const DataColumn& column) { return column.name == name; });
}

/// Text is its own target: the token that follows.
bool is_text(const DataFacts& data) {
    const bool text = std::ranges::any_of(data, [](const DataColumn& column) { return column.kind == "text"; });
    return text && std::ranges::none_of(data, &DataColumn::is_target);
}

/// A name that the model file gives must be one that the data has.
void check_named(const std::string& name, const DataFacts& data, const std::string& where) {
    if (data.empty() || has_column(data, name) || is_text(data)) return;
    std::vector<std::string_view> targets;
    for (const DataColumn& column : data)
        if (column.is_target) targets.push_back(column.name);
    if (targets.empty())
        for (const DataColumn& column : data) targets.push_back(column.name);
    fail(Exit::data, "{}: the loss's target '{}' is no column of the data{}", where, shown(name),
         name_hint(name, targets));
}

/// The data's one target column; for tokens of text, which are each other's targets, "targets".
std::string only_target(const DataFacts& data, bool tokens, const std::string& where) {
    std::vector<std::string_view> targets;
    for (const DataColumn& column : data)
        if (column.is_target) targets.push_back(column.name);
    if (targets.size() == 1) return std::string(targets[0]);
    if (targets.empty() && (is_text(data) || (data.empty() && tokens))) return "targets";
    if (targets.empty() && (data.empty() || has_column(data, "label"))) return "label";
    if (targets.empty())
        fail(Exit::data, "{}: the data has no target to learn; import it with one (ds-data import csv --target COLUMN)",
             where);
    fail(Exit::data, "{}: the data has {} targets ({}); say which in the model file: loss: {{target: {}}}", where,
         targets.size(), list_names(targets), targets[0]);
}

} // namespace

/// A column may have any name; dots and slashes part the names of slots, and no part may be empty.
static std::string one_part(std::string target) {
    for (char& c : target)
        if (c == '.' || c == '/') c = '_';
    return target;
}

std::string target_mean_slot(const std::string& target) { return "loss." + one_part(target) + ".mean"; }
std::string target_std_slot(const std::string& target) { return "loss." + one_part(target) + ".std"; }

std::span<const LossRow> loss_rows() {
    static const LossRow rows[] = {
        {"cross_entropy",
         "minus the logarithm of the softmax at the target's class. Output [N, ..., classes], target i32 [N, ...], "
         "where "
         "-100 is left out. The task is classification with one target a sample, text where the data is one, and "
         "segmentation with a target for each pixel: a mask, or any rows of two axes and more",
         cross_entropy},
        {"binary_cross_entropy",
         "log(1 + exp(x)) - x t, for one logit x and a target t of 0 or 1 a row. Output [N] or [N, 1], target [N]; the "
         "task "
         "is binary",
         binary_cross_entropy},
        {"mse",
         "the squared error in units of the target's deviation: the output is brought to the target's mean and "
         "deviation, "
         "which the model takes from the training rows. The target has the output's shape, and [N] beside [N, 1]; the "
         "task is regression",
         mean_square},
    };
    return rows;
}

std::span<const OptionRow> loss_options() {
    static const OptionRow rows[] = {
        {"kind", OptionType::word, "cross_entropy", "one of the losses below"},
        {"target", OptionType::word, "",
         "the column of the data that the output is held to; the data's one target where "
         "nothing is said"},
    };
    return rows;
}

std::string add_loss(Graph& graph, ValueId output, const Yaml& yaml, const Variables& variables,
                     const DataFacts& data) {
    const LayerOptions options("loss", {loss_options().begin(), loss_options().end()}, "kind", yaml, variables);
    const std::string kind = options.word("kind"), named = options.word("target");
    if (!named.empty()) check_named(named, data, yaml.where());
    const bool tokens = kind == "cross_entropy" && graph.type(output).shape.size() == 3;
    LossTarget target{named.empty() ? only_target(data, tokens, yaml.where()) : named};
    const auto column = std::ranges::find(data, target.name, &DataColumn::name);
    if (column != data.end() && column->is_target) target.column = &*column;
    target.is_text = is_text(data);
    Builder builder(graph);
    builder.set_name("loss");
    std::vector<std::string_view> known;
    for (const LossRow& row : loss_rows()) {
        known.push_back(row.name);
        if (row.name != kind) continue;
        try {
            return row.build(builder, output, target);
        } catch (const Error& error) {
            if (error.code() == Exit::usage || error.code() == Exit::bug) throw;
            yaml.refuse(error.what());
        }
    }
    const Yaml* given = options.node("kind");
    (given ? *given : yaml).refuse(fmt::format("unknown loss '{}'{}", shown(kind), name_hint(kind, known)));
}

} // namespace ds
