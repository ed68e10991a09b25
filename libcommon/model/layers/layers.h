// Layers of model files. A layer takes the current value and gives the next; `from: name` takes another
// value (or a list of them), `as: name` names the result. A layer is `kind`, `kind: option` or `kind: {options}`:
//
//   linear: {units, bias: true}            conv: {channels, kernel: 3, stride: 1, pad: same, dilation: 1, groups: 1,
//   bias: true} batch_norm layer_norm rms_norm: {eps}  group_norm: {groups, eps}          relu gelu gelu_tanh silu
//   sigmoid tanh leaky_relu softplus max_pool avg_pool: {kernel, stride: kernel, pad: 0} global_avg_pool  flatten
//   dropout: p embedding: {rows, width}               position: {rows}: a learned vector per place, added attention:
//   {heads, causal, bias}: queries, keys and values from one linear layer, then a projection residual: {body: [...],
//   shortcut: [...]}   the sum of the two; without shortcut, of body and the value itself repeat: {times, body}: with
//   the variable i            use: {block, ...parameters}    when: {if, then, else} concat: {axis: 1}   add   multiply
//   reshape: "[N,...]"   columns: {kind: number}: data columns side by side
//
// Layers with parameters are named by `name`, else by kind (and a number when it repeats); names join with dots
// into parameter paths: "stage1.block0.conv1.weight".
#pragma once

#include "graph/builder.h"
#include "model/model_file.h"
#include "model/options.h"

namespace ds {

class LayerWriter {
public:
    LayerWriter(Graph& graph, const ModelRequest& request, const Yaml* blocks)
        : graph_(graph), builder_(graph), request_(request), blocks_(blocks) {}

    Variables variables;
    ValueId current = no_value;
    std::map<std::string, ValueId> named; // inputs and `as` names

    void layers(const Yaml& list);

private:
    using Method = void (LayerWriter::*)(LayerOptions&);
    static const std::map<std::string, Method, std::less<>>& methods();

    void layer(const Yaml& item);
    void inner(const std::string& name, const Yaml& list);
    std::string path(const std::string& name) const { return scope_.empty() ? name : scope_ + "." + name; }
    std::string layer_path(LayerOptions& options); // and names the nodes emitted from now on
    ValueId parameter(const std::string& name, const Shape& shape, const Init& init, bool decay);
    ValueId statistic(const std::string& name, const Shape& shape, const std::string& init, const std::string& follows);
    ValueId linear_layer(const std::string& name, ValueId x, int64_t units, bool bias, const Init& init);
    const Shape& shape() const { return graph_.type(current).shape; }
    /// The known size of an axis of the current value.
    int64_t size(const LayerOptions& options, size_t axis) const;
    void need_rank(const LayerOptions& options, size_t rank) const;
    std::vector<ValueId> sources(LayerOptions& options) const; // of `from`

    void linear(LayerOptions& options);
    void conv(LayerOptions& options);
    void batch_norm(LayerOptions& options);
    void row_norm(LayerOptions& options);
    void group_norm(LayerOptions& options);
    void activation(LayerOptions& options);
    void pool(LayerOptions& options);
    void global_avg_pool(LayerOptions& options);
    void flatten(LayerOptions& options);
    void dropout(LayerOptions& options);
    void embedding(LayerOptions& options);
    void position(LayerOptions& options);
    void attention(LayerOptions& options);
    void residual(LayerOptions& options);
    void repeat(LayerOptions& options);
    void use(LayerOptions& options);
    void when(LayerOptions& options);
    void concat(LayerOptions& options);
    void combine(LayerOptions& options);
    void reshape(LayerOptions& options);
    void columns(LayerOptions& options);

    Graph& graph_;
    Builder builder_;
    const ModelRequest& request_;
    const Yaml* blocks_;
    std::string scope_;
    std::map<std::string, int> name_counts_;
    int dropouts_ = 0, depth_ = 0;
    int64_t layer_count_ = 0;
};

} // namespace ds
