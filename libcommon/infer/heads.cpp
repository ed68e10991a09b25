#include "infer/heads.h"

#include "base/error.h"
#include "data/batch/preprocessing.h"
#include "graph/behind.h"
#include "infer/evaluator.h"

namespace ds {
namespace {

/// The shape of a sample's output.
Dims item_of(const Model& model, const std::string& output) {
    const Output* logits = model.graph.find_output(output);
    if (!logits) fail(Exit::data, "{}: it has no output '{}'", model.source, output);
    const Shape& shape = model.graph.type(logits->value).shape;
    const Shape item(shape.begin() + (shape.empty() ? 0 : 1), shape.end());
    if (!known(item)) fail(Exit::data, "{}: the size of its output '{}' is open", model.source, output);
    return dims(item);
}

/// Numbers of a row that is made of columns side by side: their names, those of an array numbered; where a column
/// stands twice, the second one says whether it is missing (the layer columns). Empty: it is something else.
std::vector<std::string> names_of_numbers(const Graph& graph, ValueId value, std::set<std::string>& seen) {
    const NodeId id = graph.values[size_t(value)].node;
    std::vector<std::string> all;
    if (id >= 0 && graph.nodes[size_t(id)].op->name == "concat") {
        for (const ValueId in : graph.nodes[size_t(id)].in) {
            const std::vector<std::string> some = names_of_numbers(graph, in, seen);
            if (some.empty()) return {};
            all.insert(all.end(), some.begin(), some.end());
        }
        return all;
    }
    const Shape& shape = graph.type(value).shape;
    const std::set<std::string> inputs = inputs_behind(graph, value, InputRole::data);
    if (inputs.size() != 1 || shape.size() != 2 || !shape[1].known()) return {};
    const std::string& name = *inputs.begin();
    const bool again = !seen.insert(name).second;
    if (shape[1] == Dim(1)) return {again ? name + ".missing" : name};
    for (int64_t k = 0; k < shape[1].value() && !again; ++k) all.push_back(fmt::format("{}_{}", name, k));
    return all;
}

/// A head that is held to what went in has no target of its own.
void look_at_input(Head& head, const Graph& graph, const Preprocessing& preprocessing) {
    const Output* truth = graph.find_output(head.output("truth"));
    const std::set<std::string> inputs =
        truth ? inputs_behind(graph, truth->value, InputRole::data) : std::set<std::string>();
    head.labels.clear();
    head.target = inputs.size() == 1 ? *inputs.begin() : "";
    std::set<std::string> seen;
    if (truth) head.numbers = names_of_numbers(graph, truth->value, seen);
    const auto column = preprocessing.columns.find(head.target);
    if (column != preprocessing.columns.end() && column->second.divide == 255) head.peak = 255;
}

} // namespace

std::vector<Head> heads_of(const Model& model) {
    const Task& task = task_of(model);
    const Preprocessing preprocessing = Preprocessing::from_json(model.preprocessing_json, model.source);
    std::vector<Head> heads;
    for (const TaskPart& part : parts_of(task)) {
        Head head{part, "", {}};
        if (part.task->of_input) {
            look_at_input(head, model.graph, preprocessing);
            heads.push_back(std::move(head));
            continue;
        }
        if (task.parts.empty()) return {{part, name_of_target(model.graph), model.labels}};
        if (const Output* loss = model.graph.find_output(part.output("loss")))
            for (const std::string& target : targets_behind(model.graph, loss->value)) head.target = target;
        const auto column = preprocessing.columns.find(head.target);
        if (column != preprocessing.columns.end()) head.labels = column->second.categories;
        heads.push_back(std::move(head));
    }
    return heads;
}

std::vector<std::string> prediction_outputs(const Model& model) {
    std::vector<std::string> outputs;
    for (const TaskPart& part : parts_of(task_of(model))) {
        outputs.push_back(part.output("logits"));
        if (part.task->of_input) outputs.push_back(part.output("truth"));
    }
    return outputs;
}

bool predicts_pictures(const Model& model) {
    const Task& task = task_of(model);
    if (!task.printing || !task.printing->picture) return false;
    const Output* logits = model.graph.find_output("logits");
    const Shape shape = logits ? model.graph.type(logits->value).shape : Shape();
    return shape.size() == 4 && (!task.of_input || shape[1] == Dim(1) || shape[1] == Dim(3));
}

OutputNames output_names(const Model& model, double threshold, int64_t top, bool probabilities) {
    const auto names_of = [&](const Head& head) {
        OutputNames names;
        names.labels = head.labels;
        names.target = head.target;
        names.threshold = threshold;
        names.top = top;
        names.probabilities = probabilities;
        names.of_input = head.part.task->of_input;
        names.numbers = head.numbers;
        names.peak = head.peak;
        return names;
    };
    const std::vector<Head> heads = heads_of(model);
    OutputNames names = names_of(heads[0]);
    if (task_of(model).parts.empty()) return names;
    for (const Head& head : heads) {
        OutputPart part{head.part.name, head.part.task->printing, names_of(head)};
        part.names.item = item_of(model, head.output("logits"));
        part.size = count(part.names.item) * (part.names.of_input ? 2 : 1);
        names.parts.push_back(std::move(part));
    }
    return names;
}

} // namespace ds
