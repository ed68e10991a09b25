#include "train/fine_tune.h"

#include "base/error.h"
#include "graph/verify.h"
#include "ops/loss.h"
#include "pass/rewrite.h"
#include "train/train_files.h"

namespace ds {
namespace {

/// The node that makes the logits: a linear layer whose weight and bias are slots.
const Node& classifier(const Graph& graph) {
    const Output* logits = graph.find_output("logits");
    const NodeId producer = logits ? graph.values[size_t(logits->value)].node : -1;
    if (producer < 0 || graph.nodes[size_t(producer)].op->name != "linear")
        fail(Exit::usage, "--head: the model's logits do not come from a linear layer");
    return graph.nodes[size_t(producer)];
}

/// The graph with the classifier's slots of `classes` rows, and every type after them inferred anew.
void resize_classifier(Model& model, int64_t classes, uint64_t seed) {
    const Node& node = classifier(model.graph);
    std::vector<std::string> renewed;
    for (size_t i = 1; i < node.in.size(); ++i)
        for (Slot& slot : model.graph.slots)
            if (slot.value == node.in[i]) {
                model.graph.values[size_t(slot.value)].type.shape[0] = classes;
                renewed.push_back(slot.name);
            }
    model.graph = bind(model.graph, {}); // infers types in order
    for (const std::string& name : renewed) model.state->erase(name);
    initialise(model.graph, *model.state, seed);
}

/// Graphs of before stored the label smoothing of their training, which is another run's.
void forget_smoothing(Graph& graph) {
    for (Node& node : graph.nodes) {
        if (node.op->name != "cross_entropy") continue;
        CrossEntropyAttrs attrs = node.as<CrossEntropyAttrs>();
        attrs.smoothing = 0;
        node.attrs = attrs_of(attrs);
    }
}

} // namespace

void start_fine_tuning(Model& model, const DataSource& source, int64_t head, uint64_t seed) {
    for (const Slot& slot : model.extra) model.state->erase(slot.name);
    model.extra.clear();
    model.run_state_json.clear();
    take_picture_rules(model, source);
    forget_smoothing(model.graph);
    const std::vector<std::string> labels = source.labels();
    if (head > 0) {
        if (!task_of(model).parts.empty())
            fail(Exit::usage, "--head replaces the classifier of a model of one target; {} has {}", model.source,
                 task_of(model).parts.size());
        if (!labels.empty() && int64_t(labels.size()) > head)
            fail(Exit::usage, "--head {}: {} has {} classes", head, source.name(), labels.size());
        resize_classifier(model, head, seed);
        model.labels = labels;
    }
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
