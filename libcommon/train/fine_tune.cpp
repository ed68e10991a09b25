#include "train/fine_tune.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "infer/heads.h"
#include "ops/loss.h"
#include "task/task.h"
#include "train/new_head.h"
#include "train/train_files.h"

namespace ds {
namespace {

/// Graphs of before stored the label smoothing of their training, which is another run's.
void forget_smoothing(Graph& graph) {
    for (Node& node : graph.nodes) {
        if (node.op->name != "cross_entropy") continue;
        CrossEntropyAttrs attrs = node.as<CrossEntropyAttrs>();
        attrs.smoothing = 0;
        node.attrs = attrs_of(attrs);
    }
}

/// The data's column of what the model's one head learns, or null.
const DataColumn* target_column(const DataFacts& facts, const Head& head) {
    const auto named = std::ranges::find(facts, head.target, &DataColumn::name);
    if (named != facts.end() && named->is_target) return &*named;
    const auto only = std::ranges::find(facts, true, &DataColumn::is_target);
    return only == facts.end() ? nullptr : &*only;
}

/// How many outputs the data asks for (0: any number), and what it has that asks for them.
std::pair<int64_t, std::string> outputs_of(const Task& task, const DataColumn& column) {
    const int64_t numbers = column.item.empty() ? 1 : column.item[0];
    switch (task.target) {
    case TargetMeaning::class_number: return {column.categories, fmt::format("has {} classes", column.categories)};
    case TargetMeaning::zero_or_one:
        if (numbers > 1) return {numbers, fmt::format("has {} labels", numbers)};
        if (column.categories < 3) return {1, "is yes or no, which takes one output"};
        return {1,
                fmt::format("has {} classes, and the model tells yes from no by one output; a model of classes takes "
                            "its other weights with --init-from",
                            column.categories)};
    case TargetMeaning::number:
        return {numbers, fmt::format("has {} number{} a row", numbers, numbers == 1 ? "" : "s")};
    case TargetMeaning::relevance: return {1, "is a relevance, which takes one score a row"};
    case TargetMeaning::any_class:
    case TargetMeaning::token: break;
    }
    return {0, ""};
}

/// What a head of so many outputs has no meaning for is refused.
void check_head(const Model& model, const DataSource& source, int64_t outputs) {
    const Task& task = task_of(model);
    if (!task.parts.empty())
        fail(Exit::usage, "--head replaces the output of a model of one target; {} has {}", model.source,
             task.parts.size());
    if (task.windows)
        fail(Exit::usage, "--head: what {} gives are the tokens that it reads, of which there are no others",
             model.source);
    if (task.of_input || task.vectors > 1)
        fail(Exit::usage, "--head: what {} gives ({}) is held to another value of its own, which has its size",
             model.source, task.name);
    if (task.target == TargetMeaning::class_number && outputs < 2)
        fail(Exit::usage, "--head {}: there are no fewer than two classes", outputs);
    if (task.vectors == 1 && outputs < 2)
        fail(Exit::usage, "--head {}: the model gives vectors, which have two numbers or more", outputs);
    const DataFacts facts = source.facts();
    const DataColumn* column = target_column(facts, heads_of(model)[0]);
    if (!column) return; // told when columns are bound
    const auto [wanted, what] = outputs_of(task, *column);
    if (wanted > 0 && wanted != outputs)
        fail(Exit::usage, "--head {}: '{}' of {} {}", outputs, column->name, source.name(), what);
}

/// Classes that the model has no place for: the data is for another head.
void check_classes(const Model& model, const DataSource& source) {
    const Task& task = task_of(model);
    if (!task.parts.empty() || task.target != TargetMeaning::class_number || model.labels.empty()) return;
    const std::vector<std::string> labels = labels_of(source, heads_of(model)[0].target);
    for (const std::string& label : labels)
        if (std::ranges::count(model.labels, label) == 0)
            fail(Exit::data, "{}: {} does not know the class '{}'; --head {} gives it the classes of the data",
                 source.name(), model.source, shown(label), labels.size());
}

} // namespace

void start_fine_tuning(Model& model, const DataSource& source, int64_t head, uint64_t seed) {
    for (const Slot& slot : model.extra) model.state->erase(slot.name);
    model.extra.clear();
    model.run_state_json.clear();
    take_picture_rules(model, source);
    forget_smoothing(model.graph);
    if (head == 0) return check_classes(model, source);
    check_head(model, source, head);
    const std::vector<std::string> renewed = renew_head(model, head, seed);
    log::info("new weights for the head: " + few_names(renewed));
    model.labels = labels_of(source, heads_of(model)[0].target);
}

TakenWeights take_weights(Model& model, const Model& from) {
    TakenWeights result{from.source, from.history, from.digest, 0, 0, {}, {}, {}};
    auto is_weight = [](const Slot& s) { return s.kind == SlotKind::parameter || s.kind == SlotKind::statistic; };
    for (const Slot& slot : model.graph.slots) {
        const Slot* other = from.graph.find_slot(slot.name);
        if (!is_weight(slot)) continue;
        if (!other || !is_weight(*other)) {
            result.missing.push_back(slot.name);
            continue;
        }
        const Type &here = model.graph.type(slot.value), &there = from.graph.type(other->value);
        if (!(here == there)) {
            result.unlike.push_back(fmt::format("{} ({}, there {})", slot.name, text(here), text(there)));
            continue;
        }
        model.state->set(slot.name, from.state->at(slot.name).clone());
        ++result.taken;
        result.values += count(dims(here.shape));
    }
    for (const Slot& other : from.graph.slots)
        if (is_weight(other) && !model.graph.find_slot(other.name)) result.unused.push_back(other.name);
    if (result.taken == 0)
        fail(Exit::data, "--init-from {}: none of its {} weights has name and shape of one of the model's", from.source,
             from.graph.slots.size());
    return result;
}

} // namespace ds
