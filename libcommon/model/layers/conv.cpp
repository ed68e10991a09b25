// Layers over images, [N, channels, height, width]: convolution and pooling.
#include "ops/conv.h"
#include "base/error.h"
#include "model/layers/writer.h"
#include "ops/emit.h"

namespace ds {
namespace {

/// The pads of one axis: (before, after).
std::pair<int64_t, int64_t> same_pad(int64_t kernel, int64_t dilation) {
    const int64_t total = dilation * (kernel - 1);
    return {total / 2, total - total / 2};
}

std::vector<int64_t> conv_pads(const LayerOptions& options, const std::vector<int64_t>& kernel,
                               const std::vector<int64_t>& dilation) {
    const Yaml* given = options.node("pad");
    const std::string word = given && given->is_scalar() ? options.word("pad") : "";
    if (word.find_first_not_of("-.0123456789") != std::string::npos && word != "same")
        given->refuse(
            fmt::format("pad of conv is same, a whole number (0 for none) or [height, width], not '{}'", word));
    if (!given || word == "same") {
        const auto rows = same_pad(kernel[0], dilation[0]), columns = same_pad(kernel[1], dilation[1]);
        return {rows.first, columns.first, rows.second, columns.second};
    }
    const std::vector<int64_t> pad = options.pair("pad");
    return {pad[0], pad[1], pad[0], pad[1]};
}

void conv(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 4);
    const std::string name = w.parameter_path(options);
    const int64_t channels = options.integer("channels"), in = w.size(options, 1);
    const std::vector<int64_t> kernel = options.pair("kernel");
    ConvAttrs attrs;
    attrs.stride = options.pair("stride");
    attrs.dilation = options.pair("dilation");
    attrs.groups = options.integer("groups");
    if (in % attrs.groups || channels % attrs.groups)
        fail(Exit::config, "conv: {} groups do not divide {} and {} channels", attrs.groups, in, channels);
    attrs.pad = conv_pads(options, kernel, attrs.dilation);
    std::vector<ValueId> operands{
        w.current,
        w.parameter(name + ".weight", {channels, in / attrs.groups, kernel[0], kernel[1]}, options.init("init"), true)};
    if (options.truth("bias")) operands.push_back(w.parameter(name + ".bias", {channels}, {}, false));
    w.current = w.builder.emit1("conv2d", attrs_of(attrs), operands);
}

void pool(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 4);
    w.name_nodes(options);
    PoolAttrs attrs;
    attrs.kernel = options.pair("kernel");
    attrs.stride = options.has("stride") ? options.pair("stride") : attrs.kernel;
    const std::vector<int64_t> pad = options.pair("pad");
    attrs.pad = {pad[0], pad[1], pad[0], pad[1]};
    w.current =
        w.builder.emit(options.kind() == "max_pool" ? "max_pool2d" : "avg_pool2d", attrs_of(attrs), {w.current})[0];
}

void global_avg_pool(LayerWriter& w, LayerOptions& options) {
    w.need_rank(options, 4);
    w.name_nodes(options);
    w.current = reduce(w.builder, ReduceKind::mean, w.current, {2, 3});
}

const std::vector<OptionRow> pool_options{
    {"kernel", OptionType::sizes, "2", "the window"},
    {"stride", OptionType::sizes, "",
     "the step from one window to the next; without it, the window: they lie side by side"},
    {"pad", OptionType::paddings, "0", "rows and columns around the image, which windows leave out of account"}};

} // namespace

LayerFamily conv_layers() {
    using enum OptionType;
    using enum LayerRow::Takes;
    return {"Convolutions and pooling",
            {{"conv",
              "[N, inputs, height, width] to [N, channels, ...]: a convolution in two dimensions. The bias starts at 0",
              one,
              "channels",
              {{"channels", size, needed, "number of outputs"},
               {"kernel", sizes, "3", "the window"},
               {"stride", sizes, "1", "the step from one window to the next"},
               {"pad", paddings, "same",
                "rows and columns of zeros around the image; same: as many as keep its size at stride 1"},
               {"dilation", sizes, "1", "the distance between the elements of a window"},
               {"groups", size, "1", "groups of channels that do not see each other; as many as inputs: depthwise"},
               {"bias", truth, "true", "whether a bias is added"},
               {"init", init, "he_normal", "how the weight starts"}},
              conv},
             {"max_pool", "the greatest element of each window, by channel", one, "kernel", pool_options, pool},
             {"avg_pool", "the mean of each window, by channel", one, "kernel", pool_options, pool},
             {"global_avg_pool",
              "[N, channels, height, width] to [N, channels]: the mean of each channel",
              one,
              "",
              {},
              global_avg_pool}}};
}

} // namespace ds
