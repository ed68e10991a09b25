#include "report/model_report.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "io/history.h"
#include "pass/pass.h"

namespace ds {
namespace {

int64_t elements_of(const std::vector<TensorRecord>& records) {
    int64_t total = 0;
    for (const TensorRecord& r : records) total += count(r.shape);
    return total;
}

/// Multiply-adds of one sample at inference, those of matrix products; -1 when a size stays open.
int64_t macs_per_sample(const Graph& graph, int64_t tokens) {
    Binding binding{{"N", 1}};
    if (tokens > 0) binding["T"] = tokens;
    for (const std::string& symbol : symbols(graph))
        if (!binding.count(symbol)) return -1;
    const Graph bound = ds::bind(select_outputs(graph, {"logits"}), binding);
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

template <class T>
void moments(const Tensor& tensor, double& mean, double& deviation) {
    double sum = 0, squares = 0;
    for (T x : tensor.span<T>()) sum += double(x);
    mean = tensor.size() ? sum / double(tensor.size()) : 0;
    for (T x : tensor.span<T>()) squares += (double(x) - mean) * (double(x) - mean);
    deviation = tensor.size() ? std::sqrt(squares / double(tensor.size())) : 0;
}

ParameterRow row_of(const TensorRecord& record) {
    ParameterRow row{record.name,
                     std::string(name(record.dtype)),
                     text(record.shape),
                     to_hex(record.digest).substr(0, 12),
                     count(record.shape),
                     0,
                     0};
    if (record.dtype == DType::f32) moments<float>(record.tensor, row.mean, row.deviation);
    else if (record.dtype == DType::f64) moments<double>(record.tensor, row.mean, row.deviation);
    else row.mean = row.deviation = std::nan("");
    return row;
}

std::string shell_word(const std::string& word) {
    const bool plain =
        !word.empty() &&
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%") ==
            std::string::npos;
    if (plain) return word;
    std::string out = "'";
    for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string without_split(const std::string& name) { return name.substr(0, name.find(':')); }

} // namespace

Json summary(const Checkpoint& checkpoint) {
    const Graph graph = parse_graph(checkpoint.graph_text, "the graph");
    Json json = Json::object();
    json.set("format", "ds-tools " + checkpoint.kind)
        .set("format_version", fmt::format("{}.{}", checkpoint.version_major, checkpoint.version_minor));
    json.set("name", graph.name);
    const auto task = checkpoint.attributes.find("task");
    if (task != checkpoint.attributes.end()) json.set("task", task->second);
    Json inputs = Json::array(), outputs = Json::array();
    for (const Input& input : graph.inputs)
        if (input.role == InputRole::data) inputs.push(typed(graph, input.name, input.value));
    for (const Output& output : graph.outputs)
        if (!output.objective && !output.name.ends_with(".count"))
            outputs.push(typed(graph, output.name, output.value));
    json.set("inputs", inputs).set("outputs", outputs).set("nodes", int64_t(graph.nodes.size()));
    json.set("parameters", elements_of(checkpoint.parameters))
        .set("state_elements", elements_of(checkpoint.state))
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
    return json.set("digest", to_hex(checkpoint.file_digest)).set("model_digest", to_hex(model_digest(checkpoint)));
}

std::string summary_text(const Json& s) {
    std::string out;
    auto line = [&](const std::string& name, const std::string& value) {
        out += fmt::format("{:<14} {}\n", name, value);
    };
    line("model", s.get<std::string>("name") + (s.contains("task") ? ", " + s.get<std::string>("task") : ""));
    for (const char* side : {"inputs", "outputs"})
        for (const Json& one : s.at(side).items())
            line(std::string(side, std::string(side).size() - 1),
                 one.get<std::string>("name") + " " + one.get<std::string>("type"));
    line("parameters", fmt::format("{}", s.get<int64_t>("parameters")));
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
        for (const auto& [name, value] : metrics->members()) line(name, fmt::format("{:.4f}", value.as_number()));
    if (s.contains("made_by")) line("made by", s.get<std::string>("made_by"));
    line("digest", s.get<std::string>("digest"));
    return out;
}

std::vector<ParameterRow> parameter_rows(const Checkpoint& checkpoint) {
    std::vector<ParameterRow> rows;
    for (const TensorRecord& record : checkpoint.parameters) rows.push_back(row_of(record));
    for (const TensorRecord& record : checkpoint.state) rows.push_back(row_of(record));
    return rows;
}

std::string parameter_table(const std::vector<ParameterRow>& rows) {
    size_t width = 4, shape_width = 5;
    for (const ParameterRow& r : rows) {
        width = std::max(width, r.name.size());
        shape_width = std::max(shape_width, r.shape.size());
    }
    std::string out = fmt::format("{:<{}}  {:<5} {:<{}} {:>12} {:>12}  {}\n", "name", width, "dtype", "shape",
                                  shape_width, "mean", "std", "digest");
    for (const ParameterRow& r : rows)
        out += fmt::format("{:<{}}  {:<5} {:<{}} {:>12.5g} {:>12.5g}  {}\n", r.name, width, r.dtype, r.shape,
                           shape_width, r.mean, r.deviation, r.digest);
    return out;
}

Json parameter_json(const std::vector<ParameterRow>& rows) {
    Json all = Json::array();
    for (const ParameterRow& r : rows) {
        Json one = Json::object();
        one.set("name", r.name).set("dtype", r.dtype).set("shape", r.shape).set("elements", r.elements);
        all.push(one.set("mean", r.mean).set("std", r.deviation).set("digest", r.digest));
    }
    return all;
}

std::string history_text(const std::vector<std::string>& history) {
    std::string out;
    for (size_t i = 0; i < history.size(); ++i) {
        const HistoryRecord record = parse_record(history[i]);
        out += fmt::format("{}. {}", i + 1, record.tool);
        for (const std::string& word : record.arguments) out += " " + shell_word(word);
        out += fmt::format("\n   {} {}{}\n", record.tool, record.version,
                           record.seed ? fmt::format(", seed {}", *record.seed) : "");
        for (const HistoryInput& input : record.inputs)
            out += fmt::format("   read {}  {}\n", input.name, input.digest.substr(0, 16));
        const Json metrics = Json::parse(record.metrics_json, "history");
        for (const auto& [name, value] : metrics.members())
            out += fmt::format("   {} {:.4f}\n", name, value.as_number());
    }
    return out;
}

std::string history_script(const std::vector<std::string>& history, const std::string& name) {
    // A record's output is called what those who read it call it.
    std::map<std::string, std::string> output_of;
    for (const std::string& text : history)
        for (const HistoryInput& input : parse_record(text).inputs)
            if (!input.made_by.empty()) output_of[input.made_by] = without_split(input.name);
    if (!history.empty()) output_of[record_id(history.back())] = name;
    std::string out = "#!/bin/sh\n# Makes " + name + " again, from raw inputs that lie here by their names.\nset -eu\n";
    for (size_t i = 0; i < history.size(); ++i) {
        const HistoryRecord record = parse_record(history[i]);
        std::string command = record.tool;
        for (const std::string& word : record.arguments) command += " " + shell_word(word);
        const auto output = output_of.find(record_id(history[i]));
        const bool rewrites = record.arguments.size() > 0 && record.arguments[0] == "label";
        if (!rewrites)
            command +=
                " -o " + shell_word(output == output_of.end() ? fmt::format("step{}.h5", i + 1) : output->second);
        out += command + "\n";
    }
    return out;
}

std::vector<std::string> differences(const Checkpoint& a, const Checkpoint& b) {
    std::vector<std::string> lines;
    if (a.graph_text != b.graph_text) lines.push_back("! graph");
    if (a.labels != b.labels) lines.push_back("! labels");
    if (a.preprocessing_json != b.preprocessing_json) lines.push_back("! preprocessing");
    if (a.tokenizer_json != b.tokenizer_json) lines.push_back("! tokenizer");
    auto tensors = [&](const std::vector<TensorRecord>& left, const std::vector<TensorRecord>& right) {
        std::map<std::string, const TensorRecord*> in_right;
        for (const TensorRecord& r : right) in_right[r.name] = &r;
        for (const TensorRecord& l : left) {
            const auto found = in_right.find(l.name);
            if (found == in_right.end()) lines.push_back("- " + l.name);
            else if (l.dtype != found->second->dtype || l.shape != found->second->shape)
                lines.push_back(fmt::format("! {} {}{} to {}{}", l.name, name(l.dtype), text(l.shape),
                                            name(found->second->dtype), text(found->second->shape)));
            else if (l.digest != found->second->digest) lines.push_back("! " + l.name);
            if (found != in_right.end()) in_right.erase(found);
        }
        for (const auto& [name, record] : in_right) lines.push_back("+ " + name);
    };
    tensors(a.parameters, b.parameters);
    tensors(a.state, b.state);
    return lines;
}

} // namespace ds
