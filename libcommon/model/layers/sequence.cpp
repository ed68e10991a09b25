// Layers over sequences, [N, T, width]: places, attention, neighbours, and what is made of sequences that end before T:
// there they are padded with the number 0, and a mask says so.
#include <algorithm>

#include "base/error.h"
#include "model/layers/writer.h"
#include "ops/attention.h"
#include "ops/conv.h"
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

/// Numbers of words [N,T] to [N,T,1].
void mask(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 2);
    if (w.graph.type(w.current).dtype != DType::i32)
        fail(Exit::config, "mask takes numbers of words, i32 [N, T], not {}", text(w.graph.type(w.current)));
    w.name_nodes(options);
    const ValueId zero = scalar(w.builder, DType::i32, 0);
    const ValueId is_there = binary(w.builder, BinaryKind::ne, w.current, zero);
    const Shape column{w.shape()[0], w.shape()[1], 1};
    w.current = reshape(w.builder, cast(w.builder, is_there, w.request.dtype), column);
}

/// The mask that an option names: [N,T,1] for a current value [N,T,width].
ValueId mask_for(LayerWriter& w, const LayerOptions& options) {
    if (options.word("mask").empty()) options.yaml().refuse("masked_pool needs the mask of its text");
    const ValueId real = w.values(options, "mask").at(0);
    const Shape &own = w.shape(), &there = w.graph.type(real).shape;
    if (there.size() != 3 || there[0] != own[0] || there[1] != own[1] || there[2] != Dim(1))
        options.node("mask")->refuse(fmt::format("the mask of {} is {}, as the layer mask makes it of numbers [N, T]; "
                                                 "not {}",
                                                 text(w.graph.type(w.current)), text(Shape{own[0], own[1], 1}),
                                                 text(w.graph.type(real))));
    return real;
}

/// The mean over what is there; 0 where nothing is.
ValueId masked_mean(LayerWriter& w, ValueId x, ValueId real) {
    const DType dtype = w.request.dtype;
    const ValueId total = sum(w.builder, mul(w.builder, x, real), {1});
    const ValueId one = scalar(w.builder, dtype, 1), count = sum(w.builder, real, {1});
    return div(w.builder, total, binary(w.builder, BinaryKind::max, count, one));
}

/// The greatest element of what is there; 0 where nothing is.
ValueId masked_max(LayerWriter& w, ValueId x, ValueId real) {
    const DType dtype = w.request.dtype;
    const ValueId zero = scalar(w.builder, dtype, 0), least = scalar(w.builder, dtype, -1e30);
    const ValueId is_there = binary(w.builder, BinaryKind::gt, real, zero);
    const ValueId greatest = reduce(w.builder, ReduceKind::max, select(w.builder, is_there, x, least), {1});
    const ValueId any = reduce(w.builder, ReduceKind::max, real, {1});
    return mul(w.builder, greatest, any);
}

void masked_pool(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 3);
    w.name_nodes(options);
    const std::string kind = options.word("kind");
    if (kind != "mean" && kind != "max")
        options.yaml().refuse(fmt::format("masked_pool is mean or max, not '{}'", kind));
    const ValueId real = mask_for(w, options);
    w.current = kind == "mean" ? masked_mean(w, w.current, real) : masked_max(w, w.current, real);
}

/// As a convolution over a picture of one row.
void conv1d(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 3);
    const std::string name = w.parameter_path(options);
    const int64_t channels = options.integer("channels"), kernel = options.integer("kernel"),
                  dilation = options.integer("dilation"), in = w.size(options, 2);
    const Dim n = w.shape()[0], tokens = w.shape()[1];
    ConvAttrs attrs;
    attrs.dilation = {1, dilation};
    const int64_t around = dilation * (kernel - 1);
    attrs.pad = {0, around / 2, 0, around - around / 2};
    const ValueId row = reshape(w.builder, w.current, {n, 1, tokens, in});
    std::vector<ValueId> operands{transpose(w.builder, row, {0, 3, 1, 2}),
                                  w.parameter(name + ".weight", {channels, in, 1, kernel}, options.init("init"), true)};
    if (options.truth("bias")) operands.push_back(w.parameter(name + ".bias", {channels}, {}, false));
    const ValueId made = w.builder.emit1("conv2d", attrs_of(attrs), operands);
    w.current = reshape(w.builder, transpose(w.builder, made, {0, 2, 3, 1}), {n, tokens, channels});
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
          attention},
         {"conv1d",
          "[N, T, inputs] to [N, T, channels]: every place from itself and its neighbours, with zeros around the "
          "sequence. Behind the end of one that is padded it gives something, too: multiply by its mask before a "
          "further conv1d",
          one,
          "channels",
          {{"channels", size, needed, "number of outputs"},
           {"kernel", size, "3", "how many neighbours, the place itself included"},
           {"dilation", size, "1", "the distance between them"},
           {"bias", truth, "true", "whether a bias is added"},
           {"init", init, "he_normal", "how the weight starts"}},
          conv1d},
         {"mask",
          "i32 [N, T], numbers of words, to [N, T, 1]: 1 where there is one, 0 behind the end of the text, where the "
          "number is 0",
          one,
          "",
          {},
          mask},
         {"masked_pool",
          "[N, T, width] to [N, width]: one vector of those of the words; what is behind the end of a text counts for "
          "nothing. Of a text without words 0",
          one,
          "kind",
          {{"kind", word, "mean", "mean, or max: the greatest of each element"},
           {"mask", word, needed, "what the layer mask made of the text's numbers"}},
          masked_pool}}};
}

} // namespace ds
