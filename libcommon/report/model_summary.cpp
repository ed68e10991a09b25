#include "report/model_summary.h"

#include <algorithm>

#include "base/error.h"
#include "base/escape.h"
#include "data/batch/preprocessing.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "io/checkpoint/content.h"
#include "io/checkpoint/model.h"
#include "io/checkpoint/signature.h"
#include "io/history.h"
#include "pass/pass.h"
#include "report/metric_text.h"
#include "task/task.h"

namespace ds {
namespace {

bool is_statistic(const TensorRecord& r) {
    const auto kind = r.attributes.find("kind");
    return kind != r.attributes.end() && kind->second == name(SlotKind::statistic);
}

/// Of what is learned, or of what is counted on the way: running means and variances.
int64_t elements_of(const std::vector<TensorRecord>& records, bool statistics) {
    int64_t total = 0;
    for (const TensorRecord& r : records)
        if (is_statistic(r) == statistics) total += count(r.shape);
    return total;
}

/// Multiply-adds of one sample at inference, those of matrix products; -1 when a size stays open.
int64_t macs_per_sample(const Graph& graph, int64_t tokens) {
    Binding binding{{"N", 1}};
    if (tokens > 0) binding["T"] = tokens;
    for (const std::string& symbol : symbols(graph))
        if (!binding.count(symbol)) return -1;
    std::vector<std::string> predicted; // one output for each head
    for (const Output& output : graph.outputs)
        if (output.name == "logits" || output.name.ends_with(".logits")) predicted.push_back(output.name);
    const Graph bound = ds::bind(select_outputs(graph, predicted), binding);
    double total = 0;
    for (const Node& node : bound.nodes)
        for (const std::string_view product : {"linear", "matmul", "conv2d", "attention"})
            if (node.op->name == product) total += flops(bound, node);
    return int64_t(total / 2);
}

int64_t window(const Checkpoint& checkpoint, const Graph& graph) {
    if (!checkpoint.run_state_json.empty()) {
        const Json run = Json::parse(checkpoint.run_state_json, "run state");
        if (const Json* options = run.find("options"))
            if (const int64_t tokens = options->get<int64_t>("tokens", 0); tokens > 0) return tokens;
    }
    for (const Slot& slot : graph.slots)
        if (slot.name.ends_with("position.weight")) return dims(graph.type(slot.value).shape)[0];
    return 0;
}

std::string human_bytes(int64_t n) {
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = double(n);
    int unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        ++unit;
    }
    return unit ? fmt::format("{:.1f} {}", value, units[unit]) : fmt::format("{} B", n);
}

Json typed(const Graph& graph, const std::string& name, ValueId value) {
    Json one = Json::object();
    return one.set("name", name).set("type", text(graph.type(value)));
}

Json input_json(const Graph& graph, const Input& input, const Preprocessing& preprocessing) {
    Json one = typed(graph, input.name, input.value);
    const auto column = preprocessing.columns.find(input.name);
    if (column != preprocessing.columns.end() && column->second.kind == "document")
        one.set("words", std::ssize(column->second.words));
    return one;
}

Json signatures_json(const Checkpoint& checkpoint) {
    Json all = Json::array();
    for (const Signed& one : signatures_of(checkpoint)) {
        Json json = Json::object();
        all.push(json.set("key", to_hex(one.key)).set("holds", one.holds));
    }
    return all;
}

} // namespace

Json summary(const Checkpoint& checkpoint) {
    const Graph graph = parse_graph(checkpoint.graph_text, "the graph");
    Json json = Json::object();
    json.set("format", "ds-tools " + checkpoint.kind)
        .set("format_version", fmt::format("{}.{}", checkpoint.version_major, checkpoint.version_minor));
    json.set("name", graph.name);
    const auto task = checkpoint.attributes.find("task");
    if (task != checkpoint.attributes.end()) json.set("task", task->second);
    const Preprocessing preprocessing = Preprocessing::from_json(checkpoint.preprocessing_json, "the model");
    Json inputs = Json::array(), outputs = Json::array();
    for (const Input& input : graph.inputs)
        if (input.role == InputRole::data) inputs.push(input_json(graph, input, preprocessing));
    for (const Output& output : graph.outputs)
        if (!output.objective && !output.name.ends_with(".count") && !graph.find_output(output.name + ".count"))
            outputs.push(typed(graph, output.name, output.value));
    json.set("inputs", inputs).set("outputs", outputs).set("nodes", int64_t(graph.nodes.size()));
    json.set("parameters", learned_elements(checkpoint))
        .set("statistics", elements_of(checkpoint.parameters, true))
        .set("state_elements", elements_of(checkpoint.state, false))
        .set("bytes", checkpoint.file_bytes);
    const int64_t macs = macs_per_sample(graph, window(checkpoint, graph));
    if (macs >= 0) json.set("macs_per_sample", macs);
    if (!checkpoint.labels.empty()) json.set("labels", checkpoint.labels);
    if (!checkpoint.run_state_json.empty()) {
        const Json run = Json::parse(checkpoint.run_state_json, "run state").at("run");
        json.set("step", run.get<int64_t>("step")).set("planned_steps", run.get<int64_t>("end"));
    }
    if (!checkpoint.history.empty()) {
        const HistoryRecord last = parse_record(checkpoint.history.back());
        json.set("metrics", Json::parse(last.metrics_json, "history")).set("made_by", last.tool + " " + last.version);
    }
    if (const Measured measured = measured_of(checkpoint, "the model"); !measured.weights.empty())
        json.set("metrics_weights", measured.weights).set("metrics_step", measured.step);
    if (!checkpoint.signatures.empty()) json.set("signatures", signatures_json(checkpoint));
    return json.set("digest", to_hex(checkpoint.file_digest)).set("model_digest", to_hex(model_digest(checkpoint)));
}

int64_t learned_elements(const Checkpoint& checkpoint) { return elements_of(checkpoint.parameters, false); }

/// "0.9000  at threshold 0.5", where training measured at the usual one.
static std::string metric_words(const Json& s, std::string_view key, const Json& value) {
    std::string words = metric_text(value);
    if (!s.contains("task") || !key.starts_with("val_")) return words;
    const std::string of = s.get<std::string>("task");
    for (const Task* task : tasks())
        for (const MetricRow& row : task->metrics)
            if (task->name == of && row.name == key.substr(4) && row.at_threshold) words += "  at threshold 0.5";
    return words;
}

/// ", regression", or all of several tasks; what this version does not know, as it stands.
static std::string task_words(const Json& s) {
    if (!s.contains("task")) return "";
    const std::string task = s.get<std::string>("task");
    try {
        return ", " + find_task(task, "the model").title();
    } catch (const Error&) {
        return ", " + task;
    }
}

std::string summary_text(const Json& s) {
    std::vector<std::pair<std::string, std::string>> lines;
    size_t width = 14;
    auto line = [&](const std::string& name, const std::string& value) {
        lines.emplace_back(visible(name), visible(value));
        width = std::max(width, lines.back().first.size());
    };
    line("model", s.get<std::string>("name") + task_words(s));
    for (const char* side : {"inputs", "outputs"})
        for (const Json& one : s.at(side).items())
            line(std::string(side, std::string(side).size() - 1),
                 one.get<std::string>("name") + " " + one.get<std::string>("type") +
                     (one.contains("words") ? fmt::format(", {} words known", one.get<int64_t>("words")) : ""));
    const int64_t statistics = s.get<int64_t>("statistics");
    line("parameters", fmt::format("{}{}", s.get<int64_t>("parameters"),
                                   statistics ? fmt::format(", and {} running statistics", statistics) : ""));
    if (s.contains("macs_per_sample")) line("MACs/sample", fmt::format("{}", s.get<int64_t>("macs_per_sample")));
    line("file",
         fmt::format("{}, format {}", human_bytes(s.get<int64_t>("bytes")), s.get<std::string>("format_version")));
    if (s.contains("labels")) {
        std::string list;
        const auto& labels = s.at("labels").items();
        for (size_t i = 0; i < labels.size() && i < 12; ++i) list += (i ? ", " : "") + labels[i].as_string();
        line("labels", fmt::format("{}: {}{}", labels.size(), list, labels.size() > 12 ? ", ..." : ""));
    }
    if (s.contains("step"))
        line("trained", fmt::format("{} of {} steps", s.get<int64_t>("step"), s.get<int64_t>("planned_steps")));
    if (const Json* metrics = s.find("metrics"))
        for (const auto& [name, value] : metrics->members()) line(name, metric_words(s, name, value));
    if (s.contains("metrics_weights"))
        line("measured", fmt::format("{} weights at step {}", s.get<std::string>("metrics_weights"),
                                     s.get<int64_t>("metrics_step")));
    if (const Json* signatures = s.find("signatures"))
        for (const Json& one : signatures->items())
            line("signed by", one.get<std::string>("key") +
                                  (one.get<bool>("holds") ? "" : ", NOT of this content: the signature does not hold"));
    if (s.contains("made_by")) line("made by", s.get<std::string>("made_by"));
    line("digest", s.get<std::string>("digest"));
    std::string out;
    for (const auto& [name, value] : lines) out += fmt::format("{:<{}} {}\n", name, width, value);
    return out;
}

} // namespace ds
