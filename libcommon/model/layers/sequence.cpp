// Layers over sequences, [N, T, width]: places and attention.
#include "base/error.h"
#include "model/layers/writer.h"
#include "ops/attention.h"
#include "ops/emit.h"

namespace ds {
namespace {

void position(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 3);
    const std::string name = w.parameter_path(options);
    const int64_t rows = options.integer("rows"), width = w.size(options, 2);
    const Dim tokens = w.shape()[1];
    const ValueId table = w.parameter(name + ".weight", {rows, width}, options.init("init"), true);
    w.current = add(w.builder, w.current, slice(w.builder, table, 0, 0, tokens));
}

void attention(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 3);
    const std::string name = w.parameter_path(options);
    const int64_t heads = options.integer("heads"), width = w.size(options, 2);
    if (width % heads) fail(Exit::config, "attention: {} heads do not divide the width {}", heads, width);
    const bool bias = options.truth("bias");
    const Init init = options.init("init");
    const Init projection_init = options.has("projection_init") ? options.init("projection_init") : init;
    AttentionAttrs attrs;
    attrs.causal = options.truth("causal");
    const Shape split{w.shape()[0], w.shape()[1], heads, width / heads}, joined = w.shape();
    w.builder.set_name(name + ".qkv");
    const ValueId packed = w.linear(name + ".qkv", w.current, 3 * width, bias, init);
    std::vector<ValueId> operands;
    for (int64_t part = 0; part < 3; ++part)
        operands.push_back(reshape(w.builder, slice(w.builder, packed, 2, part * width, width), split));
    w.builder.set_name(name);
    const ValueId mixed = reshape(w.builder, w.builder.emit("attention", attrs_of(attrs), operands)[0], joined);
    w.builder.set_name(name + ".projection");
    w.current = w.linear(name + ".projection", mixed, width, bias, projection_init);
}

} // namespace

LayerFamily sequence_layers() {
    using enum OptionType;
    using enum LayerRow::Takes;
    return {
        "Sequences",
        {{"position",
          "[N, T, width]: adds to each place a vector of its own, which is learned",
          one,
          "rows",
          {{"rows", size, needed, "how many places there may be: the longest sequence"},
           {"init", init, "normal(0.02)", "how the vectors start"}},
          position},
         {"attention",
          "[N, T, width]: every place looks at the others (Vaswani et al. 2017). One linear layer, qkv, gives queries, "
          "keys and values of all heads; another, projection, follows",
          one,
          "heads",
          {{"heads", size, needed, "number of heads, which must divide the width"},
           {"causal", truth, "false", "whether a place looks at those before it and itself only"},
           {"bias", truth, "true", "whether both linear layers have a bias"},
           {"init", init, "torch_linear", "how the weight of qkv starts"},
           {"projection_init", init, "", "how the weight of projection starts; without it, as that of qkv"}},
          attention}}};
}

} // namespace ds
