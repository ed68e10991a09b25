// The walk over the layers of a model file. A layer takes the current value and gives the next; it is written `kind`,
// `kind: value of its main option` or `kind: {options}`. Layers with parameters are named by `name`, else by kind (and
// a number when it repeats); names join with dots into the paths of parameters: "stage1.block0.conv1.weight".
//
// The files beside this one build the layers through what is public here.
#pragma once

#include "graph/builder.h"
#include "model/layers/row.h"
#include "model/model_file.h"

namespace ds {

class LayerWriter {
public:
    LayerWriter(Graph& to, const ModelRequest& wanted, const Yaml* known_blocks)
        : graph(to), builder(to), request(wanted), blocks(known_blocks) {}

    Graph& graph;
    Builder builder;
    const ModelRequest& request;
    const Yaml* blocks; // the section of that name, or null
    Variables variables;
    ValueId current = no_value;
    std::map<std::string, ValueId> named;      // inputs and `as` names
    std::map<std::string, InputPlaces> places; // of inputs that `columns` adds

    /// Writes a list of layers, one after another. Error(config) naming file, line and the place in the network.
    void layers(const Yaml& list);
    /// The same under a further name; "" for none.
    void inner(const std::string& name, const Yaml& list);

    /// The same on each of several values, with the same parameters; gives the results.
    std::vector<ValueId> on_each(const std::string& name, const Yaml& list, const std::vector<ValueId>& values);

    const Shape& shape() const { return graph.type(current).shape; }
    /// The known size of an axis of the current value. Error(config).
    int64_t size(const LayerOptions& options, size_t axis) const;
    void need_rank(const LayerOptions& options, size_t rank) const;
    std::vector<ValueId> values(const LayerOptions& options, std::string_view key) const;

    /// The path of a layer that has parameters, which must be its own; the nodes emitted from now on have it as name.
    std::string parameter_path(const LayerOptions& options);
    /// The same for a part of a layer: the name inside of those around it.
    std::string path(const std::string& name) const { return scope_.empty() ? name : scope_ + "." + name; }
    /// The nodes emitted from now on have the layer's name, without one `otherwise`, or its kind.
    void name_nodes(const LayerOptions& options, std::string_view otherwise = "");
    ValueId parameter(const std::string& name, const Shape& shape, const Init& init, bool decay);
    ValueId statistic(const std::string& name, const Shape& shape, const std::string& init, const std::string& follows);
    /// x [..., in] to [..., units], with the parameters name.weight and name.bias.
    ValueId linear(const std::string& name, ValueId x, int64_t units, bool bias, const Init& init);
    /// A number of its own for each dropout: its stream of random numbers.
    int64_t next_dropout() { return dropouts_++; }
    /// Repeats tell in which round they are, for errors.
    void set_round(std::string words) { round_ = std::move(words); }
    const std::string& round() const { return round_; }

private:
    void layer(const Yaml& item);
    void build(const LayerRow& row, const Yaml& yaml);
    std::string here() const; // " (in stage1.block0, i = 2)"

    std::string scope_, round_;
    std::map<std::string, int> name_counts_;
    int64_t dropouts_ = 0, layer_count_ = 0;
    int depth_ = 0;
    bool again_ = false;    // parameters are there already
    bool has_told_ = false; // an error says where it came from, once
};

} // namespace ds
