#include "infer/heads.h"

#include "base/error.h"
#include "data/batch/preprocessing.h"
#include "graph/behind.h"
#include "infer/evaluator.h"

namespace ds {
namespace {

int64_t size_of(const Model& model, const std::string& output) {
    const Output* logits = model.graph.find_output(output);
    if (!logits) fail(Exit::data, "{}: it has no output '{}'", model.source, output);
    const Shape& shape = model.graph.type(logits->value).shape;
    const Shape item(shape.begin() + (shape.empty() ? 0 : 1), shape.end());
    if (!known(item)) fail(Exit::data, "{}: the size of its output '{}' is open", model.source, output);
    return count(dims(item));
}

} // namespace

std::vector<Head> heads_of(const Model& model) {
    const Task& task = task_of(model);
    if (task.parts.empty()) return {{parts_of(task)[0], name_of_target(model.graph), model.labels}};
    const Preprocessing preprocessing = Preprocessing::from_json(model.preprocessing_json, model.source);
    std::vector<Head> heads;
    for (const TaskPart& part : task.parts) {
        Head head{part, "", {}};
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
    for (const TaskPart& part : parts_of(task_of(model))) outputs.push_back(part.output("logits"));
    return outputs;
}

OutputNames output_names(const Model& model, double threshold, int64_t top, bool probabilities) {
    const auto names_of = [&](const Head& head) {
        OutputNames names;
        names.labels = head.labels;
        names.target = head.target;
        names.threshold = threshold;
        names.top = top;
        names.probabilities = probabilities;
        return names;
    };
    const std::vector<Head> heads = heads_of(model);
    OutputNames names = names_of(heads[0]);
    if (task_of(model).parts.empty()) return names;
    for (const Head& head : heads)
        names.parts.push_back(
            {head.part.name, head.part.task->printing, names_of(head), size_of(model, head.output("logits"))});
    return names;
}

} // namespace ds
