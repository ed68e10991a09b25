// All layers of model files, family by family.
#include "base/error.h"
#include "base/names.h"
#include "model/layers/row.h"

namespace ds {

std::span<const OptionRow> common_options() {
    static const OptionRow rows[] = {
        {"name", OptionType::word, "",
         "how its parameters begin, and its nodes are called, inside of the names around it; without it, its kind, "
         "with "
         "a number from the second one on"},
        {"from", OptionType::words, "",
         "the value it takes in place of the one before: an input, or a name given by 'as'"},
        {"as", OptionType::word, "", "a name for what it gives, for 'from' of later layers"},
    };
    return rows;
}

const std::vector<LayerFamily>& layer_families() {
    static const std::vector<LayerFamily> families{dense_layers(),     conv_layers(),     norm_layers(),
                                                   pointwise_layers(), sequence_layers(), shape_layers(),
                                                   column_layers(),    control_layers()};
    return families;
}

const LayerRow& find_layer(std::string_view name) {
    std::vector<std::string_view> known;
    for (const LayerFamily& family : layer_families())
        for (const LayerRow& row : family.rows) {
            if (row.name == name) return row;
            known.push_back(row.name);
        }
    fail(Exit::config, "unknown layer '{}'{}", shown(name), name_hint(name, known));
}

} // namespace ds
