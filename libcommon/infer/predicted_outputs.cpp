#include "infer/predicted_outputs.h"

#include "base/error.h"
#include "graph/batching.h"
#include "graph/verify.h"
#include "infer/evaluator.h"
#include "infer/heads.h"
#include "infer/inner.h"
#include "pass/derive/train_mode.h"

namespace ds {
namespace {

/// What is run: a layer's values or one output as numbers, or all that the task predicts by.
std::vector<std::string> outputs_of(const Model& model, const PredictRequest& request) {
    if (!request.layer.empty()) return {inner_output};
    return request.output.empty() ? prediction_outputs(model) : std::vector<std::string>{request.output};
}

} // namespace

void check_samples_stay_apart(const Model& model, const std::string& output) {
    const Graph graph = select_outputs(model.graph, {output});
    const ValueId value = graph.outputs[0].value;
    const Dim batch = batch_size(graph);
    if (batch.known()) return; // made for one batch
    const std::vector<SamplePlace> places = sample_places(graph, batch);
    const SamplePlace& place = places[size_t(value)];
    if (place.kind == SamplePlace::apart && place.axis != 0)
        fail(Exit::data, "{}: the samples of a batch lie along axis {} of what it gives, not along the first",
             model.source, place.axis);
    if (place.kind != SamplePlace::mixed) return;
    const NodeId node = where_mixed(graph, places, value);
    fail(Exit::data, "{}: it mixes the samples of a batch{}: a prediction would depend on the others", model.source,
         node < 0 ? "" : fmt::format(", at '{}'", graph.nodes[size_t(node)].name));
}

PredictedOutputs::PredictedOutputs(const Model& whole, const PredictRequest& request)
    : model(request.layer.empty() ? whole : with_layer_output(whole, request.layer, inner_output)),
      is_numbers(!request.layer.empty() || !request.output.empty()),
      ranks(!is_numbers && task_of(whole).ranks),
      tells_words(!is_numbers && task_of(whole).of_words),
      outputs(outputs_of(whole, request)),
      needed(with_outputs_only(model, outputs)) {}

} // namespace ds
