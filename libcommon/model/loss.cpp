#include "model/loss.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/names.h"
#include "model/layers/writer.h"
#include "model/losses/row.h"
#include "ops/emit.h"

namespace ds {
namespace {

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

/// The column that says which rows belong together; of data that is not known, one of that name.
std::string groups_in(const DataFacts& data) {
    const auto groups = std::ranges::find(data, "group", &DataColumn::kind);
    return data.empty() ? "group" : groups == data.end() ? "" : groups->name;
}

} // namespace

std::span<const OptionRow> loss_options() {
    static const OptionRow rows[] = {
        {"kind", OptionType::word, "cross_entropy", "one of the losses below"},
        {"target", OptionType::word, "",
         "the column of the data that the output is held to; the data's one target where "
         "nothing is said"},
        {"from", OptionType::word, "", "the value that is the output, by its name from 'as'; else the last layer's"},
        {"weight", OptionType::number, "1", "in a list: how much the loss counts beside the others", 1e-9, 1e9},
        {"temperature", OptionType::number, "0.1",
         "of contrastive and info_nce: what similarities are divided by; the smaller, the more the nearest count alone",
         0.01, 100},
        {"id", OptionType::word, "",
         "of info_nce: the column of names, categories or numbers that says which samples have the same target; where "
         "it "
         "is missing, none is the same"},
        {"both_ways", OptionType::truth, "true",
         "of info_nce: the target's partner is told from the others, too, and the mean of both taken"},
        {"name", OptionType::word, "", "in a list: what outputs and metrics are called after; else the target's name"},
    };
    return rows;
}

FittingLoss fitting_loss(const DataColumn& target) {
    if (target.of_words) return {"cross_entropy", target.categories};
    if (target.zero_one && !target.item.empty()) return {"binary_cross_entropy", count(target.item)};
    if (target.categories > 2 || target.categories == 1) return {"cross_entropy", target.categories};
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
        if (from.empty() && writer_.current == no_value)
            options.yaml().refuse("the layers before the loss give no value; name one by from: ..., or add layers");
        return from.empty() ? writer_.current : from[0];
    }
    /// An input, or what layers named by 'as'.
    LossTarget value_target(const LayerOptions& options) const {
        LossTarget target{options.word("target")};
        std::vector<std::string_view> known;
        for (const Input& input : graph_.inputs)
            if (input.role == InputRole::data) known.push_back(input.name);
        if (target.name.empty() && known.size() != 1)
            options.yaml().refuse(fmt::format("the loss is held to one of {} inputs; say which by target: {}",
                                              known.size(), list_names(known)));
        if (target.name.empty()) target.name = known[0];
        const Input* input = graph_.find_input(target.name);
        const auto named = writer_.named.find(target.name);
        if (named != writer_.named.end()) target.truth = named->second;
        else if (input && input->role == InputRole::data) target.truth = input->value;
        for (const auto& [name, value] : writer_.named)
            if (!graph_.find_input(name)) known.push_back(name);
        if (target.truth == no_value)
            options.node("target")->refuse(fmt::format("the loss is held to '{}', which is no input and no value "
                                                       "named by 'as'{}",
                                                       shown(target.name), name_hint(target.name, known)));
        return target;
    }
    /// What is for other losses is not passed over.
    static void check_options(const LayerOptions& options) {
        for (const char* key : {"temperature", "id", "both_ways"}) {
            std::vector<std::string_view> takers;
            for (const LossRow& row : loss_rows())
                if (std::ranges::count(row.options, key) > 0) takers.push_back(row.name);
            if (options.has(key) && std::ranges::count(takers, options.word("kind")) == 0)
                options.node(key)->refuse(fmt::format("{} is for the loss {}", key, fmt::join(takers, " or ")));
        }
    }
    LossTarget target_of(const LayerOptions& options) const {
        check_options(options);
        LossTarget target = target_of_kind(options);
        target.temperature = options.number("temperature");
        target.id = options.word("id");
        target.both_ways = options.truth("both_ways");
        if (!target.id.empty() && !writer_.request.data.empty() && !has_column(writer_.request.data, target.id))
            fail(Exit::data, "{}: id: there is no column '{}' in the data", options.yaml().where(), shown(target.id));
        return target;
    }
    LossTarget target_of_kind(const LayerOptions& options) const {
        for (const LossRow& row : loss_rows())
            if (row.name == options.word("kind") && row.of_values) return value_target(options);
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
        target.groups = groups_in(data);
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
                if (error.code() == Exit::data) fail(Exit::data, "{}: {}", options.yaml().where(), error.what());
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
