// Layers that multiply by a matrix or look a row of one up.
#include "model/layers/writer.h"
#include "ops/attrs.h"

namespace ds {
namespace {

void linear(LayerWriter& w, LayerOptions& options) {
    const std::string name = w.parameter_path(options);
    const int64_t units = options.integer("units");
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
