// Layers that give values mean 0 and variance 1, then a scale and a bias that are learned.
#include "ops/norm.h"
#include "base/error.h"
#include "model/layers/writer.h"

namespace ds {
namespace {

/// Ones; zeros make a residual branch that the norm ends begin as nothing (Goyal et al. 2017).
Init first_scale(LayerOptions& options) { return options.truth("zero_init") ? Init{} : Init{"ones", 0}; }

void batch_norm(LayerWriter& w, LayerOptions& options) {
    const std::string name = w.parameter_path(options);
    const Shape channels{w.size(options, 1)};
    BatchNormAttrs attrs;
    attrs.eps = options.number("eps");
    attrs.momentum = options.number("momentum");
    const std::string scale = name + ".scale";
    const ValueId scale_value = w.parameter(scale, channels, first_scale(options), false);
    const ValueId bias = w.parameter(name + ".bias", channels, {}, false);
    const ValueId mean = w.statistic(name + ".mean", channels, "zeros", scale);
    const ValueId var = w.statistic(name + ".var", channels, "ones", scale);
    w.current = w.builder.emit1("batch_norm", attrs_of(attrs), {w.current, scale_value, bias, mean, var});
}

void row_norm(LayerWriter& w, LayerOptions& options) {
    const std::string name = w.parameter_path(options);
    const Shape width{w.size(options, w.shape().size() - 1)};
    RowNormAttrs attrs;
    attrs.eps = options.number("eps");
    std::vector<ValueId> operands{w.current, w.parameter(name + ".scale", width, first_scale(options), false)};
    if (options.kind() == "layer_norm") operands.push_back(w.parameter(name + ".bias", width, {}, false));
    w.current = w.builder.emit(options.kind(), attrs_of(attrs), operands)[0];
}

void group_norm(LayerWriter& w, LayerOptions& options) {
    const std::string name = w.parameter_path(options);
    const int64_t size = w.size(options, 1);
    GroupNormAttrs attrs;
    attrs.groups = options.integer("groups");
    attrs.eps = options.number("eps");
    if (size % attrs.groups) fail(Exit::config, "group_norm: {} groups do not divide {} channels", attrs.groups, size);
    const ValueId scale = w.parameter(name + ".scale", {size}, first_scale(options), false);
    const ValueId bias = w.parameter(name + ".bias", {size}, {}, false);
    w.current = w.builder.emit("group_norm", attrs_of(attrs), {w.current, scale, bias})[0];
}

const OptionRow eps{"eps", OptionType::number, "1e-05", "added to the variance", 0, 1};
const OptionRow zero_init{"zero_init", OptionType::truth, "false",
                          "start with a scale of zeros: a residual branch that ends here begins as nothing"};

} // namespace

LayerFamily norm_layers() {
    using enum OptionType;
    using enum LayerRow::Takes;
    return {
        "Norms",
        {{"batch_norm",
          "[N, channels, ...]: over all axes but that of channels (Ioffe and Szegedy 2015). Training takes mean and "
          "variance of the batch, and keeps a running one that is used otherwise",
          one,
          "",
          {eps,
           {"momentum", number, "0.1", "the weight of the batch in the running mean and variance", 0, 1},
           zero_init},
          batch_norm},
         {"layer_norm", "[..., width]: over the last axis (Ba et al. 2016)", one, "", {eps, zero_init}, row_norm},
         {"rms_norm",
          "[..., width]: over the last axis, by its root mean square alone, without a bias (Zhang and Sennrich 2019)",
          one,
          "",
          {eps, zero_init},
          row_norm},
         {"group_norm",
          "[N, channels, ...]: over each group of channels of each sample (Wu and He 2018)",
          one,
          "groups",
          {{"groups", size, needed, "number of groups, which must divide the channels"}, eps, zero_init},
          group_norm}}};
}

} // namespace ds
