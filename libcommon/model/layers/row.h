// A layer of model files as a row: what it is called, what it does, what may be said about it, and how it is built.
#pragma once

#include "model/options.h"

namespace ds {

class LayerWriter;

struct LayerRow {
    /// The values that a layer takes: the current one, which `from` replaces; those that `from` names, two or more;
    /// or none.
    enum class Takes : uint8_t { one, several, none };

    std::string_view name;
    std::string_view doc;
    Takes takes;
    std::string_view main; // the option that `name: value` gives; "" for none
    std::vector<OptionRow> options;
    void (*build)(LayerWriter& writer, LayerOptions& options);
};

/// What may be said about every layer: name, from, as.
std::span<const OptionRow> common_options();

/// A family of layers: a file of this folder.
struct LayerFamily {
    std::string_view name;
    std::vector<LayerRow> rows;
};

LayerFamily dense_layers();
LayerFamily conv_layers();
LayerFamily norm_layers();
LayerFamily pointwise_layers();
LayerFamily sequence_layers();
LayerFamily shape_layers();
LayerFamily column_layers();
LayerFamily control_layers();

/// All layers, family by family.
const std::vector<LayerFamily>& layer_families();
/// Error(config) naming the nearest layer and all of them.
const LayerRow& find_layer(std::string_view name);

} // namespace ds
