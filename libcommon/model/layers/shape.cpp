// Layers that join values or give them another shape.
#include <algorithm>

#include "base/error.h"
#include "base/names.h"
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

[[noreturn]] void refuse_kind(const std::string& kind, const DataFacts& data) {
    std::vector<std::string_view> known;
    for (const DataColumn& column : data)
        if (!column.is_target && std::ranges::find(known, column.kind) == known.end()) known.push_back(column.kind);
    fail(Exit::config, "the data has no column of kind '{}' that is not an input already{}", shown(kind),
         known.empty() ? "" : name_hint(kind, known));
}

void columns(LayerWriter& w, LayerOptions& options) {
    w.name_nodes(options);
    const std::string kind = options.word("kind");
    std::vector<ValueId> parts = w.values(options, "with");
    for (const DataColumn& column : w.request.data) {
        if (column.kind != kind || column.is_target || !column.item.empty() || w.named.count(column.name)) continue;
        const ValueId input = w.graph.add_input(column.name, {w.request.dtype, {Dim::symbol("N")}});
        parts.push_back(ds::reshape(w.builder, input, {Dim::symbol("N"), 1}));
    }
    if (parts.empty()) refuse_kind(kind, w.request.data);
    AxisAttrs attrs;
    attrs.axis = 1;
    w.current = parts.size() == 1 ? parts[0] : w.builder.emit1("concat", attrs_of(attrs), parts);
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
         {"multiply", "the product of values, element by element; sizes of 1 are stretched", several, "", {}, combine},
         {"columns",
          "[N, columns]: all columns of one kind that the data has and no input stands for, side by side, one "
          "element each",
          none,
          "kind",
          {{"kind", word, "number", "the kind of the columns, as ds-data info shows it"},
           {"with", words, "", "values to put before them"}},
          columns}}};
}

} // namespace ds
