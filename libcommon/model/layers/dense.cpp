// Layers that multiply by a matrix or look a row of one up.
#include "base/error.h"
#include "model/layers/writer.h"
#include "ops/attrs.h"

namespace ds {
namespace {

/// As many as are asked for, or as another value's last axis has.
int64_t units_of(const LayerWriter& w, const LayerOptions& options) {
    if (!options.has("like")) return options.integer("units");
    if (options.has("units")) options.node("units")->refuse("linear takes units, or like in their place");
    const Shape& like = w.graph.type(w.values(options, "like").at(0)).shape;
    if (like.size() < 2 || !like.back().known())
        options.node("like")->refuse("like is a value [..., units] of a known size");
    return like.back().value();
}

void linear(LayerWriter& w, LayerOptions& options) {
    const std::string name = w.parameter_path(options);
    const int64_t units = units_of(w, options);
    w.size(options, w.shape().size() - 1);
    w.current = w.linear(name, w.current, units, options.truth("bias"), options.init("init"));
}

void embedding(LayerWriter& w, LayerOptions& options) {
    const std::string name = w.parameter_path(options);
    const int64_t rows = options.integer("rows"), width = options.integer("width");
    const ValueId table = w.parameter(name + ".weight", {rows, width}, options.init("init"), true);
    w.current = w.builder.emit1("gather", attrs_of(NoAttrs{}), {table, w.current});
}

} // namespace

LayerFamily dense_layers() {
    using enum OptionType;
    using enum LayerRow::Takes;
    return {"Linear layers and embeddings",
            {{"linear",
              "[..., inputs] to [..., units]: x w^T + b, over the last axis. The bias starts uniform within "
              "1 / sqrt(inputs), and at 0 beside a weight that starts as normal(...)",
              one,
              "units",
              {{"units", size, needed, "number of outputs"},
               {"like", word, "", "in place of units: a value whose last axis the output gets"},
               {"bias", truth, "true", "whether b is there"},
               {"init", init, "torch_linear", "how the weight starts"}},
              linear},
             {"embedding",
              "i32 [...] to [..., width]: the row of a table that each number names",
              one,
              "",
              {{"rows", size, needed, "how many numbers there are, from 0"},
               {"width", size, needed, "elements of a row"},
               {"init", init, "normal(1)", "how the table starts"}},
              embedding}}};
}

} // namespace ds
