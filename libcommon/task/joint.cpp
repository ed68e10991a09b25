#include "task/joint.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

constexpr size_t most_parts = 256;

/// Every part measures its own outputs; samples are the same for all.
class Joint : public Metrics {
public:
    explicit Joint(const Task& task) : Metrics(task) {
        for (const TaskPart& part : task.parts) parts_.push_back(make_metrics(*part.task));
    }
    const Metrics& part(size_t i) const override { return *parts_[i]; }
    int64_t samples() const override { return parts_[0]->samples(); }
    int64_t spoilt() const override {
        int64_t most = 0;
        for (const auto& part : parts_) most = std::max(most, part->spoilt());
        return most;
    }
    int64_t first_spoilt() const override {
        int64_t first = -1;
        for (const auto& part : parts_)
            if (const int64_t own = part->first_spoilt(); own >= 0 && (first < 0 || own < first)) first = own;
        return first;
    }
    void expect(int64_t samples) override {
        for (const auto& part : parts_) part->expect(samples);
    }
    void set_threshold(double threshold) override {
        Metrics::set_threshold(threshold);
        for (const auto& part : parts_) part->set_threshold(threshold);
    }
    /// Of the one part that has any: one threshold cannot be best for several.
    std::optional<double> best_threshold() const override {
        std::optional<double> best;
        for (const auto& part : parts_) {
            if (!part->task().has_threshold()) continue;
            if (best) fail(Exit::usage, "--threshold auto: several targets are yes or no; give a number");
            best = part->best_threshold();
        }
        return best;
    }
    std::vector<Curve> curves() const override {
        std::vector<Curve> all;
        for (size_t i = 0; i < parts_.size(); ++i)
            for (Curve& curve : parts_[i]->curves()) {
                curve.title = task().parts[i].name + ": " + curve.title;
                all.push_back(std::move(curve));
            }
        return all;
    }

protected:
    void take(const TensorView&, const Tensor&, int64_t) override { bug("a joint task is measured by its parts"); }

private:
    std::vector<std::unique_ptr<Metrics>> parts_;
};

double loss(const Metrics& metrics, Times times) {
    const Task& task = metrics.task();
    double sum = 0;
    for (size_t i = 0; i < task.parts.size(); ++i) {
        const Metrics& part = metrics.part(i);
        sum += task.parts[i].weight * part.task().metric("loss").value(part, times);
    }
    return sum;
}

/// A row with the texts that it refers to.
struct JointRow {
    Task task;
    std::deque<std::string> texts;
    std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
};

void take_part(JointRow& row, const TaskPart& part, int number) {
    Task& task = row.task;
    for (const std::string& output : part.task->outputs) task.outputs.push_back(part.output(output));
    for (MetricRow metric : part.task->metrics) {
        metric.headline = metric.name == part.task->deciding; // all would make a long line
        metric.name = row.keep(part.output(metric.name));
        metric.part = number;
        task.metrics.push_back(metric);
    }
    task.classes = task.classes || part.task->classes;
    task.has_curves = task.has_curves || part.task->has_curves;
}

void make_row(JointRow& row, std::string_view text, const std::vector<TaskPart>& parts) {
    Task& task = row.task;
    const Task& first = *parts[0].task;
    task.name = row.keep(std::string(text));
    task.doc = "several targets";
    task.target = first.target;
    task.train_batch = first.train_batch;
    task.eval_batch = first.eval_batch;
    task.parts = parts;
    bool all_drawn = true;
    for (const TaskPart& part : parts) all_drawn = all_drawn && part.task->metric("loss").of_samples;
    task.metrics.push_back(
        {"loss", "the weighted sum of the targets' losses", Better::less, loss, true, false, all_drawn});
    for (size_t i = 0; i < parts.size(); ++i) take_part(row, parts[i], int(i));
    task.deciding = task.deciding_of_0_1 = row.keep(parts[0].output(first.deciding));
    task.measure = [](const Task& joint) -> std::unique_ptr<Metrics> { return std::make_unique<Joint>(joint); };
    task.count_right = first.count_right;
    task.printing = &joint_printing;
}

std::vector<std::string_view> pieces(std::string_view text, char border) {
    std::vector<std::string_view> all;
    for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find(border, at), text.size());
        all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

/// It takes samples, predicts them and has a loss.
void check_joins(const Task& task, const std::string& source) {
    const bool has_loss = std::ranges::count(task.metrics, "loss", &MetricRow::name) > 0;
    if (task.windows || task.of_words || !task.printing || !has_loss)
        fail(Exit::data, "{}: {} ({}) is learned alone, not beside other targets",
             source.empty() ? "the model" : source, task.name, task.doc);
}

TaskPart parse_part(std::string_view text, const std::string& source) {
    const std::vector<std::string_view> fields = pieces(text, ':');
    TaskPart part;
    const bool has_three = fields.size() == 3 && !fields[0].empty() && !is_joint(fields[1]);
    if (has_three) {
        part.name = fields[0];
        part.task = &find_task(fields[1], source);
        const auto [end, error] = std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), part.weight);
        if (error == std::errc() && end == fields[2].data() + fields[2].size() && part.weight > 0 &&
            std::isfinite(part.weight)) {
            check_joins(*part.task, source);
            return part;
        }
    }
    fail(Exit::data, "{}: '{}' is no part of a joint task, which are NAME:TASK:WEIGHT",
         source.empty() ? "the model" : source, shown(text));
}

} // namespace

bool is_joint(std::string_view text) { return text.find(':') != text.npos; }

const Task& find_joint(std::string_view text, const std::string& source) {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<JointRow>, std::less<>> rows;
    const std::lock_guard lock(mutex);
    if (const auto known = rows.find(text); known != rows.end()) return known->second->task;
    std::vector<TaskPart> parts;
    for (const std::string_view piece : pieces(text, ',')) {
        parts.push_back(parse_part(piece, source));
        const auto same = std::ranges::count(parts, parts.back().name, &TaskPart::name);
        if (same > 1 || parts.size() > most_parts)
            fail(Exit::data, "{}: its task has {}", source.empty() ? "the model" : source,
                 same > 1 ? "two parts of one name" : "too many parts");
    }
    auto row = std::make_unique<JointRow>();
    make_row(*row, text, parts);
    return (rows[std::string(text)] = std::move(row))->task;
}

} // namespace ds
