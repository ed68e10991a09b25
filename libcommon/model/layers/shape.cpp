// Layers that join values or give them another shape.
#include "base/error.h"
#include "model/layers/writer.h"
#include "ops/emit.h"

namespace ds {
namespace {

void flatten(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    Dim rest = 1;
    for (size_t i = 1; i < w.shape().size(); ++i) rest = rest * w.shape()[i];
    w.current = ds::reshape(w.builder, w.current, {w.shape()[0], rest});
}

void reshape(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    w.current = ds::reshape(w.builder, w.current, parse_type("f32" + options.word("shape")).shape);
}

void concat(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    const std::vector<ValueId> from = w.values(options, "from");
    const int64_t rank = int64_t(w.graph.type(from[0]).shape.size()), axis = options.integer("axis");
    if (axis < -rank || axis >= rank)
        fail(Exit::config, "concat: there is no axis {} in {}", axis, text(w.graph.type(from[0])));
    AxisAttrs attrs;
    attrs.axis = axis < 0 ? axis + rank : axis;
    w.current = w.builder.emit1("concat", attrs_of(attrs), from);
}

void combine(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    const BinaryKind kind = options.kind() == "add" ? BinaryKind::add : BinaryKind::mul;
    const std::vector<ValueId> from = w.values(options, "from");
    w.current = from[0];
    for (size_t i = 1; i < from.size(); ++i) w.current = binary(w.builder, kind, w.current, from[i]);
}

} // namespace

LayerFamily shape_layers() {
    using enum OptionType;
    using enum LayerRow::Takes;
    return {
        "Shapes, and several values",
        {{"flatten", "[N, ...] to [N, elements]", one, "", {}, flatten},
         {"reshape",
          "the same elements in the same order under another shape",
          one,
          "shape",
          {{"shape", word, needed, "sizes in brackets: numbers, symbols and products of them, as in \"[N,4,2*T]\""}},
          reshape},
         {"concat",
          "values side by side along an axis; their other sizes are equal",
          several,
          "",
          {{"axis", integer, "1", "the axis, from 0; -1 is the last one"}},
          concat},
         {"add", "the sum of values; sizes of 1 are stretched", several, "", {}, combine},
         {"multiply",
          "the product of values, element by element; sizes of 1 are stretched",
          several,
          "",
          {},
          combine}}};
}

} // namespace ds
