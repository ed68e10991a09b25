#include "io/checkpoint/model.h"

#include <charconv>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/names.h"
#include "graph/text.h"

namespace ds {
namespace {

/// Parameters and running statistics are the model; the rest of State belongs to a training run.
bool belongs_to_model(SlotKind kind) { return kind == SlotKind::parameter || kind == SlotKind::statistic; }

void check_type(const Slot& slot, const Type& type, const TensorRecord& record, const std::string& source) {
    const Dims shape = record.shape;
    if (!known(type.shape))
        fail(Exit::data, "{}: parameter '{}' has a symbolic shape {}", source, slot.name, text(type));
    if (record.dtype != type.dtype || shape != dims(type.shape))
        fail(Exit::data, "{}: '{}' is {}{} in the file and {} in the graph", source, slot.name, name(record.dtype),
             text(shape), text(type));
}

const char* const follows_key = "follows";
const char* const axes_key = "axes";
const char* const kind_key = "kind";

TensorRecord record_of(const Slot& slot, const State& state) {
    TensorRecord record;
    record.name = slot.name;
    record.tensor = state.at(slot.name);
    record.attributes[kind_key] = name(slot.kind);
    if (!slot.follows.empty()) record.attributes[follows_key] = slot.follows;
    if (!slot.axes.empty()) record.attributes[axes_key] = fmt::format("{}", fmt::join(slot.axes, ","));
    return record;
}

/// "0,2": for each axis of the slot, the axis of the parameter that it follows. "" for all of them, in order.
std::vector<int64_t> parse_axes(const std::string& words, const TensorRecord& record, size_t rank,
                                const std::string& source) {
    std::vector<int64_t> axes;
    if (words.empty()) return axes;
    const char *at = words.data(), *last = at + words.size();
    for (bool sound = true; sound;) {
        int64_t axis = -1;
        const auto [end, error] = std::from_chars(at, last, axis);
        sound = error == std::errc{} && axis >= 0 && axis < int64_t(rank);
        axes.push_back(axis);
        if (sound && end == last && axes.size() == record.shape.size()) return axes;
        sound = sound && end != last && *end == ',';
        at = end + 1;
    }
    fail(Exit::data, "{}: state '{}' has impossible axes '{}'", source, record.name, shown(words));
}

SlotKind parse_kind(const std::string& word, const std::string& slot, const std::string& source) {
    for (SlotKind kind : {SlotKind::moment, SlotKind::ema, SlotKind::accumulator, SlotKind::cache})
        if (name(kind) == word) return kind;
    fail(Exit::data, "{}: state '{}' is of unknown kind '{}'", source, slot, word);
}

std::string attribute(const std::map<std::string, std::string>& attributes, const char* key) {
    const auto found = attributes.find(key);
    return found == attributes.end() ? "" : found->second;
}

constexpr const char* weights_key = "metrics_weights";
constexpr const char* step_key = "metrics_step";

void take_parameters(Checkpoint& checkpoint, Model& model, const std::string& source) {
    std::set<std::string> wanted;
    for (const Slot& slot : model.graph.slots) {
        if (!belongs_to_model(slot.kind)) continue;
        const TensorRecord* record = checkpoint.parameter(slot.name);
        if (!record) fail(Exit::data, "{}: the graph's parameter '{}' is missing", source, slot.name);
        check_type(slot, model.graph.type(slot.value), *record, source);
        if (!record->tensor.empty()) model.state->set(slot.name, record->tensor);
        wanted.insert(slot.name);
    }
    for (const TensorRecord& record : checkpoint.parameters)
        if (!wanted.count(record.name)) fail(Exit::data, "{}: parameter '{}' is not in the graph", source, record.name);
}

void take_state(Checkpoint& checkpoint, Model& model, const std::string& source) {
    for (TensorRecord& record : checkpoint.state) {
        Slot slot;
        slot.name = record.name;
        slot.kind = parse_kind(attribute(record.attributes, kind_key), record.name, source);
        slot.follows = attribute(record.attributes, follows_key);
        slot.train = slot.decay = false;
        const Slot* followed = model.graph.find_slot(slot.follows);
        if (!slot.follows.empty() && !followed)
            fail(Exit::data, "{}: state '{}' follows '{}', which is not in the graph", source, slot.name, slot.follows);
        slot.axes = parse_axes(attribute(record.attributes, axes_key), record,
                               followed ? model.graph.type(followed->value).shape.size() : 0, source);
        if (!record.tensor.empty()) model.state->set(slot.name, record.tensor);
        model.extra.push_back(std::move(slot));
    }
}

} // namespace

Measured measured_of(const Checkpoint& checkpoint, const std::string& source) {
    Measured measured;
    measured.weights = attribute(checkpoint.attributes, weights_key);
    const std::string step = attribute(checkpoint.attributes, step_key);
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), measured.step);
    const bool none = measured.weights.empty() && step.empty();
    const bool known = measured.weights == "trained" || measured.weights == "averaged";
    if (!none && (!known || error != std::errc{} || end != step.data() + step.size() || measured.step < 0))
        fail(Exit::data, "{}: the metrics are of step '{}' of '{}' weights, which cannot be", source, shown(step),
             shown(measured.weights));
    return measured;
}

void forget_measured(Checkpoint& checkpoint) {
    checkpoint.attributes.erase(weights_key);
    checkpoint.attributes.erase(step_key);
}

Model to_model(Checkpoint checkpoint, const std::string& source) {
    Model model;
    model.graph = parse_graph(checkpoint.graph_text, source);
    model.task = attribute(checkpoint.attributes, "task");
    model.labels = std::move(checkpoint.labels);
    model.preprocessing_json = std::move(checkpoint.preprocessing_json);
    model.tokenizer_json = std::move(checkpoint.tokenizer_json);
    model.run_state_json = std::move(checkpoint.run_state_json);
    model.history = std::move(checkpoint.history);
    model.measured = measured_of(checkpoint, source);
    model.digest = to_hex(checkpoint.file_digest);
    model.source = source;
    take_parameters(checkpoint, model, source);
    take_state(checkpoint, model, source);
    return model;
}

Model load_model(const std::string& path, bool allow_unsealed) {
    LoadOptions options;
    options.allow_unsealed = allow_unsealed;
    return to_model(load_checkpoint(path, options), input_name(path));
}

Checkpoint to_checkpoint(const Model& model) {
    Checkpoint checkpoint;
    checkpoint.graph_text = text(model.graph);
    checkpoint.labels = model.labels;
    checkpoint.preprocessing_json = model.preprocessing_json;
    checkpoint.tokenizer_json = model.tokenizer_json;
    checkpoint.run_state_json = model.run_state_json;
    checkpoint.history = model.history;
    checkpoint.attributes["task"] = model.task;
    if (!model.measured.weights.empty()) {
        checkpoint.attributes[weights_key] = model.measured.weights;
        checkpoint.attributes[step_key] = std::to_string(model.measured.step);
    }
    for (const Slot& slot : model.graph.slots)
        if (belongs_to_model(slot.kind)) checkpoint.parameters.push_back(record_of(slot, *model.state));
    for (const Slot& slot : model.extra) checkpoint.state.push_back(record_of(slot, *model.state));
    return checkpoint;
}

std::string save_model(const Model& model, const std::string& path) {
    return to_hex(save_checkpoint(to_checkpoint(model), path));
}

} // namespace ds
