#include "infer/prediction_stream.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "infer/heads.h"

namespace ds {
namespace {

/// Values of a layer print as numbers, value_0 and so on.
std::vector<std::string> value_columns(int64_t size, const OutputNames&) {
    std::vector<std::string> columns;
    for (int64_t i = 0; i < size; ++i) columns.push_back(fmt::format("value_{}", i));
    return columns;
}

const Printing& layer_printing() {
    static const Printing printing = [] {
        Printing values = number_printing;
        values.columns = value_columns;
        return values;
    }();
    return printing;
}

EvalOptions eval_options(const PredictRequest& request) {
    EvalOptions options;
    options.controls = request.controls;
    options.batch = request.batch;
    return options;
}

} // namespace

PredictionStream::PredictionStream(const PredictedOutputs& asked, const PredictRequest& request,
                                   const std::function<void(const Predictions&)>& each)
    : asked_(asked), request_(request), each_(each), inference_(asked.model, asked.outputs, eval_options(request)) {
    for (const std::string& output : asked_.outputs) check_samples_stay_apart(asked_.model, output);
    count_batches({});
    predictions_.printing = asked_.is_numbers ? &layer_printing() : task_of(asked_.model).printing;
    if (!asked_.is_numbers)
        predictions_.names = output_names(asked_.model, request.threshold, request.top, request.probabilities);
    predictions_.names.item = predictions_.item = item_of();
    predictions_.ranked = asked_.ranks;
    note_what_follows();
}

/// The shape of what is kept of a sample, where it is known before a batch has run: that of the one output, or how many
/// numbers several have together.
Dims PredictionStream::item_of() const {
    int64_t all = 0;
    for (const OutputPart& part : predictions_.names.parts) all += part.size;
    if (all > 0) return {all};
    const Graph& graph = asked_.model.graph;
    const Shape& shape = graph.type(graph.find_output(asked_.outputs[0])->value).shape;
    const Shape item(shape.begin() + 1, shape.end());
    return known(item) ? dims(item) : Dims{};
}

void PredictionStream::count_batches(const std::function<int64_t(const Binding&)>& bytes) {
    const int64_t kept = request_.beside_bytes;
    inference_.count_batches([bytes, kept](const Binding& bound) { return kept + (bytes ? bytes(bound) : 0); });
}

/// Hands a batch over, or lets it wait for the end of its input where places within groups are told.
void PredictionStream::give(const Predictions& some) {
    if (asked_.ranks) ranker_.add(some);
    else each_(some);
}

/// Of one head that is held to its input, the second output is that.
void PredictionStream::note_what_follows() {
    predictions_.behind = predictions_.names.of_input && is_one_head() ? count(predictions_.item) : 0;
}

void PredictionStream::run(const Batch& batch) {
    const Executor& executor = inference_.run(batch);
    const TensorView first = executor.output(asked_.outputs[0]);
    if (is_one_head()) predictions_.item.assign(first.shape.begin() + 1, first.shape.end());
    predictions_.names.item = predictions_.item;
    note_what_follows();
    predictions_.dtype = first.dtype;
    for (int64_t s = 0; s < batch.size; ++s)
        for (const std::string& output : asked_.outputs) {
            const TensorView values = executor.output(output);
            const int64_t n = values.size() / std::max<int64_t>(1, values.shape[0]);
            for (int64_t i = s * n; i < (s + 1) * n; ++i) predictions_.outputs.push_back(float_at(values, i));
        }
    if (predictions_.first_unusable(0) == predictions_.samples()) {
        summary_.samples += batch.size;
        return hand_over();
    }
    hand_over_usable(std::exchange(predictions_, predictions_.part(0, 0)));
}

void PredictionStream::hand_over() {
    give(predictions_);
    predictions_.groups.clear();
    predictions_.words.clear();
    predictions_.sources.clear();
    predictions_.cells.clear();
    predictions_.pictures.clear();
    predictions_.outputs.clear();
}

void PredictionStream::hand_over_bad(const std::string& name, const std::vector<std::string>& cells) {
    predictions_.sources = {name};
    predictions_.cells = {cells};
    predictions_.is_bad = true;
    hand_over();
    predictions_.is_bad = false;
}

/// Samples whose outputs mean nothing are refused, or with --skip-bad counted, each in its place.
void PredictionStream::hand_over_usable(const Predictions& batch) {
    for (int64_t at = 0; at < batch.samples();) {
        const int64_t bad = batch.first_unusable(at);
        if (bad > at) give(batch.part(at, bad));
        summary_.samples += bad - at;
        at = bad + 1;
        if (bad == batch.samples()) return;
        refuse_unusable(batch.part(bad, bad + 1));
    }
}

void PredictionStream::refuse_unusable(Predictions one) {
    const std::string why =
        fmt::format("{}: what the model {} gives are no finite numbers; its weights are spoilt, or the input is",
                    one.sources[0], asked_.model.source);
    if (!request_.skip_bad) fail(Exit::data, "{}", why);
    log::warning(why + "; left out");
    ++summary_.bad;
    if (one.cells.empty()) return;
    one.outputs.clear();
    one.is_bad = true;
    give(one);
}

} // namespace ds
