#include "model/loss.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/names.h"
#include "model/layers/writer.h"
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

/// Several losses may be held to one target, if they take it alike.
ValueId target_input(Graph& graph, const std::string& name, const Type& type) {
    const Input* there = graph.find_input(name);
    if (!there || there->role != InputRole::target) return graph.add_input(name, type, InputRole::target);
    if (!(graph.type(there->value) == type))
        fail(Exit::config, "two losses take the target '{}' as {} and as {}", name, text(graph.type(there->value)),
             text(type));
    return there->value;
}

std::string cross_entropy(Builder& builder, ValueId logits, const LossTarget& target) {
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

/// One logit per sample, or one for each of K labels; loss = log(1 + e^x) - x*t.
std::string binary_cross_entropy(Builder& builder, ValueId logits, const LossTarget& target) {
    Graph& graph = builder.graph();
    const Type type = graph.type(logits);
    if (type.shape.empty() || type.shape.size() > 2)
        fail(Exit::config, "binary_cross_entropy takes logits [N], [N,1] or [N,labels], not {}", text(type));
    const bool labels = type.shape.size() == 2 && type.shape[1] != Dim(1);
    if (labels && target.column && target.column->item.empty())
        fail(Exit::config, "binary_cross_entropy takes one logit per sample for '{}', not {}", target.name, text(type));
    const Shape shape = labels ? type.shape : Shape{type.shape[0]};
    graph.add_output(target.output("logits"), logits);
    const ValueId x = reshape(builder, logits, shape);
    const ValueId label = target_input(graph, target.name, {type.dtype, shape});
    const ValueId right = mul(builder, x, label);
    const ValueId loss = sub(builder, unary(builder, UnaryKind::softplus, x), right);
    graph.add_output(target.output("loss"), sum(builder, loss), target.head.empty());
    graph.add_output(target.output("loss.count"), element_count(builder, type.dtype, shape));
    return labels ? "multi-label" : "binary";
}

/// Of a target [N,C,...] one value for each of C, shaped to go along with it; of [N] one.
Shape statistic_shape(const Shape& target) {
    if (target.size() < 2 || !target[1].known()) return {};
    Shape shape(target.size() - 1, Dim(1));
    shape[0] = target[1];
    return shape;
}

ValueId statistic(Graph& graph, const std::string& name, const char* init, const Type& type) {
    if (const Slot* there = graph.find_slot(name)) return there->value; // of another loss of the same target
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
    graph.add_output(target.output("logits"), add(builder, scaled, mean));
    builder.set_name("loss");
    const ValueId wanted = target_input(graph, target.name, {type.dtype, shape});
    const ValueId centred = sub(builder, wanted, mean);
    const ValueId standard = div(builder, centred, deviation);
    const ValueId given = reshape(builder, output, shape);
    const ValueId error = unary(builder, UnaryKind::square, sub(builder, given, standard));
    graph.add_output(target.output("loss"), sum(builder, error), target.head.empty());
    graph.add_output(target.output("loss.count"), element_count(builder, type.dtype, shape));
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
    fail(Exit::data,
         "{}: the data has {} targets ({}); say which in the model file, as in loss: {{target: {}}}, or learn all of "
         "them: loss: each",
         where, targets.size(), list_names(targets), targets[0]);
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
         "task is binary. Or the same for each of several labels, of which a row may have any: output and target [N, "
         "labels]; the task is multi-label, and the mean that over rows and labels",
         binary_cross_entropy},
        {"mse",
         "the squared error in units of the target's deviation: the output is brought to the target's mean and "
         "deviation, "
         "which the model takes from the training rows. The target has the output's shape, and [N] beside [N, 1]; the "
         "task is regression",
         mean_square},
        {each_target,
         "all targets of the data: for each the loss that suits it (data.loss), on its part of an output [N, outputs], "
         "which are side by side in the order of the columns",
         nullptr},
    };
    return rows;
}

std::span<const OptionRow> loss_options() {
    static const OptionRow rows[] = {
        {"kind", OptionType::word, "cross_entropy", "one of the losses below"},
        {"target", OptionType::word, "",
         "the column of the data that the output is held to; the data's one target where "
         "nothing is said"},
        {"from", OptionType::word, "", "the value that is the output, by its name from 'as'; else the last layer's"},
        {"weight", OptionType::number, "1", "in a list: how much the loss counts beside the others", 1e-9, 1e9},
        {"name", OptionType::word, "", "in a list: what outputs and metrics are called after; else the target's name"},
    };
    return rows;
}

FittingLoss fitting_loss(const DataColumn& target) {
    if (target.zero_one && !target.item.empty()) return {"binary_cross_entropy", count(target.item)};
    if (target.categories > 2) return {"cross_entropy", target.categories};
    if (target.categories == 2 || target.zero_one) return {"binary_cross_entropy", 1};
    return {"mse", count(target.item)};
}

namespace {

/// A loss of several, written.
struct WrittenHead {
    LossTarget target;
    std::string task;
    double weight = 1;
    ValueId loss = no_value, count = no_value;
};

class LossWriter {
public:
    LossWriter(LayerWriter& writer, const Yaml& yaml) : writer_(writer), graph_(writer.graph), yaml_(yaml) {}

    std::string write() {
        if (yaml_.is_list() && yaml_.items().empty()) yaml_.refuse("the list of losses is empty");
        if (yaml_.is_list() && yaml_.items().size() > 1) {
            for (const Yaml& item : yaml_.items()) item_of_list(item);
            return objective();
        }
        const Yaml& only = yaml_.is_list() ? yaml_.items()[0] : yaml_;
        const LayerOptions options = options_of(only);
        for (const char* key : {"weight", "name"})
            if (options.has(key))
                options.node(key)->refuse(fmt::format("{} of loss is for a list of several losses", key));
        if (options.word("kind") == each_target) return each(options);
        return build(options.word("kind"), output_of(options), target_of(options), options);
    }

private:
    LayerOptions options_of(const Yaml& yaml) const {
        return LayerOptions("loss", {loss_options().begin(), loss_options().end()}, "kind", yaml, writer_.variables);
    }
    ValueId output_of(const LayerOptions& options) const {
        const std::vector<ValueId> from = writer_.values(options, "from");
        if (from.size() > 1) options.node("from")->refuse("a loss takes one value");
        return from.empty() ? writer_.current : from[0];
    }
    LossTarget target_of(const LayerOptions& options) const {
        const DataFacts& data = writer_.request.data;
        const std::string named = options.word("target"), where = options.yaml().where();
        if (!named.empty()) check_named(named, data, where);
        const bool tokens =
            options.word("kind") == "cross_entropy" && graph_.type(output_of(options)).shape.size() == 3;
        return target_named(named.empty() ? only_target(data, tokens, where) : named);
    }
    LossTarget target_named(const std::string& name) const {
        LossTarget target{name};
        const DataFacts& data = writer_.request.data;
        const auto column = std::ranges::find(data, name, &DataColumn::name);
        if (column != data.end() && column->is_target) target.column = &*column;
        target.is_text = is_text(data);
        return target;
    }
    /// Gives the task.
    std::string build(const std::string& kind, ValueId output, const LossTarget& target, const LayerOptions& options) {
        Builder builder(graph_);
        builder.set_name(target.output("loss"));
        std::vector<std::string_view> known;
        for (const LossRow& row : loss_rows()) {
            known.push_back(row.name);
            if (row.name != kind || !row.build) continue;
            try {
                return row.build(builder, output, target);
            } catch (const Error& error) {
                if (error.code() == Exit::usage || error.code() == Exit::bug) throw;
                options.yaml().refuse(error.what());
            }
        }
        const Yaml* given = options.node("kind");
        (given ? *given : yaml_).refuse(fmt::format("unknown loss '{}'{}", shown(kind), name_hint(kind, known)));
    }
    void head(const std::string& kind, ValueId output, LossTarget target, const std::string& name, double weight,
              const LayerOptions& options) {
        target.head = one_part(name.empty() ? target.name : name);
        for (const char c : target.head)
            if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-')
                options.yaml().refuse(
                    fmt::format("the name '{}' of a loss has a '{}'; letters, digits, '_' and '-' are "
                                "allowed",
                                shown(target.head), c));
        for (const WrittenHead& other : heads_)
            if (other.target.head == target.head)
                options.yaml().refuse(fmt::format("two losses are named '{}'; give one another name", target.head));
        WrittenHead one{target, build(kind, output, target, options), weight};
        one.loss = graph_.find_output(target.output("loss"))->value;
        one.count = graph_.find_output(target.output("loss.count"))->value;
        heads_.push_back(std::move(one));
    }
    void item_of_list(const Yaml& item) {
        const LayerOptions options = options_of(item);
        if (options.word("kind") == each_target) item.refuse("each is all losses; it stands alone");
        head(options.word("kind"), output_of(options), target_of(options), options.word("name"),
             options.number("weight"), options);
    }
    /// One loss for each target of the data, of outputs side by side.
    std::string each(const LayerOptions& options) {
        std::vector<const DataColumn*> targets;
        int64_t wanted = 0, at = 0;
        for (const DataColumn& column : writer_.request.data)
            if (column.is_target) targets.push_back(&column), wanted += fitting_loss(column).outputs;
        if (targets.empty()) fail(Exit::data, "{}: the data has no target to learn", options.yaml().where());
        if (options.has("target")) options.node("target")->refuse("each takes all targets of the data");
        const ValueId output = output_of(options);
        const Shape& shape = graph_.type(output).shape;
        if (shape.size() != 2 || shape[1] != Dim(wanted))
            options.yaml().refuse(fmt::format("the targets of the data take an output [N, {}], not {}", wanted,
                                              text(graph_.type(output))));
        if (targets.size() == 1)
            return build(std::string(fitting_loss(*targets[0]).kind), output, target_named(targets[0]->name), options);
        for (const DataColumn* target : targets) {
            const FittingLoss loss = fitting_loss(*target);
            Builder builder(graph_);
            builder.set_name(one_part(target->name));
            const ValueId own = slice(builder, output, 1, Dim(at), Dim(loss.outputs));
            head(std::string(loss.kind), own, target_named(target->name), "", 1, options);
            at += loss.outputs;
        }
        return objective();
    }
    /// What is made small: the weighted sum of the means, as a sum over samples. Gives the joint task.
    std::string objective() {
        Builder builder(graph_);
        builder.set_name("loss");
        ValueId total = no_value;
        std::string parts; // as in task/joint.h
        const Type first = graph_.type(graph_.find_output(heads_[0].target.output("logits"))->value);
        for (const WrittenHead& one : heads_) {
            const ValueId least = scalar(builder, first.dtype, 1e-30); // of none the loss is 0
            const ValueId count = binary(builder, BinaryKind::max, one.count, least);
            const ValueId mean = div(builder, one.loss, count);
            const ValueId part = affine(builder, mean, one.weight);
            total = total == no_value ? part : add(builder, total, part);
            parts += fmt::format("{}{}:{}:{}", parts.empty() ? "" : ",", one.target.head, one.task, one.weight);
        }
        const ValueId samples = element_count(builder, first.dtype, {first.shape[0]});
        graph_.add_output("loss", mul(builder, total, samples), true);
        graph_.add_output("loss.count", samples);
        return parts;
    }

    LayerWriter& writer_;
    Graph& graph_;
    const Yaml& yaml_;
    std::vector<WrittenHead> heads_;
};

} // namespace

std::string add_loss(LayerWriter& writer, const Yaml& yaml) { return LossWriter(writer, yaml).write(); }

} // namespace ds
