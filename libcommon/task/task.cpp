#include "task/task.h"

#include <algorithm>

#include "base/error.h"
#include "base/names.h"
#include "task/joint.h"

namespace ds {

const std::vector<const Task*>& tasks() {
    static const std::vector<const Task*> rows{&classification_task, &binary_task,         &regression_task,
                                               &text_task,           &segmentation_task,   &multi_label_task,
                                               &ranking_task,        &reconstruction_task, &embedding_task,
                                               &retrieval_task,      &tagging_task,        &token_classification_task};
    return rows;
}

const Task& find_task(std::string_view name, const std::string& source) {
    const auto found = std::ranges::find(tasks(), name, &Task::name);
    if (found != tasks().end()) return **found;
    if (is_joint(name)) return find_joint(name, source);
    std::vector<std::string_view> known;
    for (const Task* task : tasks()) known.push_back(task->name);
    fail(Exit::data, "{}: its task '{}' is none that this version knows{}", source.empty() ? "the model" : source,
         shown(name), name_hint(name, known));
}

const MetricRow& Task::metric(std::string_view wanted) const {
    std::vector<std::string_view> known;
    for (const MetricRow& row : metrics) {
        if (row.name == wanted) return row;
        known.push_back(row.name);
    }
    fail(Exit::usage, "there is no metric '{}' for {}; there are: {}", shown(wanted), title(), list_names(known));
}

std::vector<TaskPart> parts_of(const Task& task) {
    return task.parts.empty() ? std::vector<TaskPart>{{"", &task, 1}} : task.parts;
}

std::string Task::title() const {
    std::string list;
    for (const TaskPart& part : parts)
        list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", part.name, part.task->name);
    return parts.empty() ? std::string(name) : fmt::format("several targets ({})", list);
}

bool Task::has_threshold() const { return std::ranges::any_of(metrics, &MetricRow::at_threshold); }

bool Task::tells_likeliest() const {
    return std::ranges::any_of(
        parts_of(*this), [](const TaskPart& part) { return part.task->printing && part.task->printing->likeliest; });
}

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const Task* task : tasks())
        for (const MetricRow& row : task->metrics)
            if (!std::ranges::count(names, row.name)) names.emplace_back(row.name);
    return names;
}

std::string deciding_metrics() {
    std::string list;
    for (const Task* task : tasks())
        list += fmt::format("{}{} for {}", list.empty() ? "" : ", ", task->deciding, task->name);
    return list;
}

std::unique_ptr<Metrics> make_metrics(const Task& task) { return task.measure(task); }

} // namespace ds
