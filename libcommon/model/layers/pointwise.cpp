// Layers that take each element alone: activations and dropout.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "model/layers/writer.h"
#include "ops/elementwise.h"
#include "ops/emit.h"
#include "ops/random.h"

namespace ds {
namespace {

UnaryAttrs attrs_for(std::string_view kind) {
    UnaryAttrs attrs;
    const auto found = std::find(unary_names.begin(), unary_names.end(), kind);
    if (found == unary_names.end()) bug("no op for the layer '{}'", kind);
    attrs.kind = UnaryKind(found - unary_names.begin());
    return attrs;
}

void activation(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    w.current = w.builder.emit1("unary", attrs_of(attrs_for(options.kind())), {w.current});
}

void leaky_relu(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    UnaryAttrs attrs = attrs_for(options.kind());
    attrs.alpha = options.number("slope");
    w.current = w.builder.emit1("unary", attrs_of(attrs), {w.current});
}

void dropout(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    DropoutAttrs attrs;
    attrs.p = options.number("p");
    if (attrs.p == 1) fail(Exit::config, "dropout takes a probability from 0 to below 1, not 1");
    attrs.stream = w.next_dropout();
    if (attrs.p > 0) w.current = w.builder.emit1("dropout", attrs_of(attrs), {w.current});
}

/// Sums of coins are nearly normal, and coins are what dropout throws: of a one it makes 0 or 2 in training, so that
/// this is 1 or -1, and leaves it otherwise, so that it is 0.
ValueId coin(LayerWriter& w, const Type& type) {
    DropoutAttrs attrs;
    attrs.p = 0.5;
    attrs.stream = w.next_dropout();
    const ValueId one = constant(w.builder, type.dtype, type.shape, 1);
    const ValueId thrown = w.builder.emit1("dropout", attrs_of(attrs), {one});
    return affine(w.builder, thrown, 1, -1);
}

void noise(LayerWriter& w, LayerOptions& options) {
    constexpr int coins = 8; // their sum has so many as variance
    w.name_nodes(options);
    const double deviation = options.number("deviation");
    if (deviation == 0) return;
    const Type type = w.graph.type(w.current);
    ValueId sum = coin(w, type);
    for (int i = 1; i < coins; ++i) {
        const ValueId next = coin(w, type);
        sum = add(w.builder, sum, next);
    }
    const ValueId added = affine(w.builder, sum, deviation / std::sqrt(double(coins)));
    w.current = add(w.builder, w.current, added);
}

LayerRow activation_row(std::string_view name, std::string_view doc) {
    return {name, doc, LayerRow::Takes::one, "", {}, activation};
}

} // namespace

LayerFamily pointwise_layers() {
    using enum OptionType;
    return {
        "Activations and dropout",
        {activation_row("relu", "max(x, 0)"),
         {"leaky_relu",
          "x where it is positive, else slope * x",
          LayerRow::Takes::one,
          "slope",
          {{"slope", number, "0.01", "the slope below 0", -1e6, 1e6}},
          leaky_relu},
         activation_row("gelu", "x times the normal distribution's value at x (Hendrycks and Gimpel 2016)"),
         activation_row("gelu_tanh", "gelu as it was computed by tanh in GPT-2"),
         activation_row("silu", "x * sigmoid(x)"),
         activation_row("sigmoid", "1 / (1 + exp(-x))"),
         activation_row("tanh", "the hyperbolic tangent"),
         activation_row("softplus", "log(1 + exp(x))"),
         {"dropout",
          "in training, elements become 0 at random and the others are divided by 1 - p; otherwise nothing happens "
          "(Srivastava et al. 2014)",
          LayerRow::Takes::one,
          "p",
          {{"p", number, needed, "the probability to become 0, from 0 to below 1", 0, 1}},
          dropout},
         {"noise",
          "in training, to each element a random number is added, anew in each step: of mean 0, nearly normal (one of "
          "nine values, within 2.8 deviations); otherwise nothing happens",
          LayerRow::Takes::one,
          "deviation",
          {{"deviation", number, needed, "that of the numbers; inputs are standardised, so theirs is 1", 0, 1e6}},
          noise}}};
}

} // namespace ds
