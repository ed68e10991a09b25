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

void channels_last(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 4);
    w.name_nodes(options);
    w.current = transpose(w.builder, w.current, {0, 2, 3, 1});
}

/// The axis at `size`: cut, or filled with zeros at its end.
ValueId brought_to(LayerWriter& w, ValueId x, int64_t axis, const Dim& size) {
    const Type& type = w.graph.type(x);
    const Dim now = type.shape[size_t(axis)];
    if (now == size) return x;
    if (!now.known() || !size.known())
        fail(Exit::config, "upsample: {} cannot be brought to the open size {}", now.text(), size.text());
    if (now.value() > size.value()) return slice(w.builder, x, axis, 0, size);
    PadAttrs attrs;
    attrs.before = attrs.after = Shape(type.shape.size(), Dim(0));
    attrs.after[size_t(axis)] = size - now;
    return w.builder.emit1("pad", attrs_of(attrs), {x});
}

/// Each element becomes a block: an axis of 1 behind each side is stretched and joined with it.
void upsample(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 4);
    w.name_nodes(options);
    const std::vector<int64_t> factor = options.pair("factor");
    const Dim n = w.shape()[0], c = w.shape()[1], height = w.shape()[2], width = w.shape()[3];
    const ValueId apart = ds::reshape(w.builder, w.current, {n, c, height, 1, width, 1});
    const ValueId wide = broadcast(w.builder, apart, {n, c, height, Dim(factor[0]), width, Dim(factor[1])});
    w.current = ds::reshape(w.builder, wide, {n, c, height * factor[0], width * factor[1]});
    if (!options.has("like")) return;
    const Shape like = w.graph.type(w.values(options, "like").at(0)).shape;
    if (like.size() != 4) fail(Exit::config, "upsample: like is a value [N, channels, height, width]");
    for (int64_t axis : {2, 3}) w.current = brought_to(w, w.current, axis, like[size_t(axis)]);
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
    const BinaryKind kind = options.kind() == "add"        ? BinaryKind::add
                            : options.kind() == "subtract" ? BinaryKind::sub
                                                           : BinaryKind::mul;
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
         {"channels_last",
          "[N, channels, height, width] to [N, height, width, channels], where the loss cross_entropy has a row of "
          "classes for each pixel",
          one,
          "",
          {},
          channels_last},
         {"upsample",
          "[N, channels, height, width] to images that are larger by a factor: each element becomes a block of equals",
          one,
          "factor",
          {{"factor", sizes, "2", "how many times as high and wide"},
           {"like", word, "",
            "a value whose height and width the result gets: what is too much is cut, what is "
            "missing is 0, both at the lower and right end. For images whose sides pooling did not divide evenly"}},
          upsample},
         {"concat",
          "values side by side along an axis; their other sizes are equal",
          several,
          "",
          {{"axis", integer, "1", "the axis, from 0; -1 is the last one"}},
          concat},
         {"add", "the sum of values; sizes of 1 are stretched", several, "", {}, combine},
         {"subtract", "the first value less those behind it; sizes of 1 are stretched", several, "", {}, combine},
         {"multiply",
          "the product of values, element by element; sizes of 1 are stretched",
          several,
          "",
          {},
          combine}}};
}

} // namespace ds
