// What went in, by its squared error: an autoencoder. There is no target column; the value that the output is held to
// is one of the graph, as the network is given it (standardised, and augmented in training).
#include <algorithm>

#include "base/error.h"
#include "graph/behind.h"
#include "model/losses/row.h"
#include "model/losses/unit.h"
#include "ops/emit.h"

namespace ds {
namespace {

/// Elements of a sample.
Dim elements(const Shape& shape) {
    Dim all = 1;
    for (size_t i = 1; i < shape.size(); ++i) all = all * shape[i];
    return all;
}

void check_fits(const Graph& graph, ValueId output, const LossTarget& target) {
    const Type &given = graph.type(output), &truth = graph.type(target.truth);
    if (!is_float(truth.dtype))
        fail(Exit::config, "reconstruction takes numbers and pixels, and '{}' is {}", target.name, text(truth));
    for (const Slot& slot : graph.slots)
        if (is_behind(graph, slot.value, target.truth))
            fail(Exit::config,
                 "what reconstruction is held to may not itself be learned, and '{}' is made of '{}': training would "
                 "make it easy instead of the output right",
                 target.name, slot.name);
    const bool one_each = !given.shape.empty() && !truth.shape.empty() && given.shape[0] == truth.shape[0];
    if (!one_each || !(elements(given.shape) == elements(truth.shape)))
        fail(Exit::config, "reconstruction of '{}' {} takes an output of as many elements, not {}", target.name,
             text(truth), text(given));
}

} // namespace

/// Errors are taken of standardised numbers, each channel alike; outputs are in the unit of the data.
std::string reconstruction_loss(Builder& builder, ValueId output, const LossTarget& target) {
    Graph& graph = builder.graph();
    check_fits(graph, output, target);
    const Type type = graph.type(target.truth);
    const ValueId given = reshape(builder, output, type.shape);
    const auto input = std::ranges::find(graph.inputs, target.truth, &Input::value);
    const bool has_unit = input != graph.inputs.end();
    const TargetUnit unit = has_unit ? target_unit(graph, input->name, type) : TargetUnit{};
    builder.set_name(target.output("logits"));
    graph.add_output(target.output("logits"), has_unit ? unit.of_data(builder, given) : given);
    builder.set_name(target.output("truth"));
    graph.add_output(target.output("truth"), has_unit ? unit.of_data(builder, target.truth) : target.truth);
    builder.set_name(target.output("loss"));
    const ValueId error = unary(builder, UnaryKind::square, sub(builder, given, target.truth));
    graph.add_output(target.output("loss"), sum(builder, error), target.head.empty());
    graph.add_output(target.output("loss.count"), element_count(builder, type.dtype, type.shape));
    return "reconstruction";
}

} // namespace ds
