// The layers that compute: each reads its options, makes its parameters and emits its nodes.
#include <algorithm>

#include "base/error.h"
#include "model/layers/layers.h"
#include "ops/attention.h"
#include "ops/conv.h"
#include "ops/emit.h"
#include "ops/norm.h"
#include "ops/random.h"

namespace ds {

ValueId LayerWriter::parameter(const std::string& name, const Shape& parameter_shape, const Init& init, bool decay) {
    Slot slot;
    slot.name = name;
    slot.init = init;
    slot.decay = decay;
    return graph_.add_slot(slot, {request_.dtype, parameter_shape});
}

ValueId LayerWriter::statistic(const std::string& name, const Shape& statistic_shape, const std::string& init,
                               const std::string& follows) {
    Slot slot;
    slot.name = name;
    slot.kind = SlotKind::statistic;
    slot.init.kind = init;
    slot.train = slot.decay = false;
    slot.follows = follows;
    return graph_.add_slot(slot, {request_.dtype, statistic_shape});
}

int64_t LayerWriter::size(const LayerOptions& options, size_t axis) const {
    if (axis >= shape().size())
        fail(Exit::config, "{} takes more axes than {}", options.kind(), text(graph_.type(current)));
    if (!shape()[axis].known())
        fail(Exit::config, "{} needs a known size at axis {} of {}", options.kind(), axis, text(graph_.type(current)));
    return shape()[axis].value();
}

void LayerWriter::need_rank(const LayerOptions& options, size_t rank) const {
    if (shape().size() != rank)
        fail(Exit::config, "{} takes a value of {} axes, not {}", options.kind(), rank, text(graph_.type(current)));
}

ValueId LayerWriter::linear_layer(const std::string& name, ValueId x, int64_t units, bool bias, const Init& init) {
    const Dim in = graph_.type(x).shape.back();
    std::vector<ValueId> operands{x, parameter(name + ".weight", {units, in}, init, true)};
    if (bias) {
        // The bias starts as PyTorch's does, from the weight's fan-in; scaled-normal networks start it at zero.
        const Init start = init.kind == "normal" ? Init{} : Init{"torch_linear", double(in.value())};
        operands.push_back(parameter(name + ".bias", {units}, start, false));
    }
    return builder_.emit1("linear", attrs_of(NoAttrs{}), operands);
}

namespace {

/// "he_normal" or "normal(0.02)".
Init parse_init(const std::string& word, const Init& fallback) {
    if (word.empty()) return fallback;
    const size_t open = word.find('(');
    Init init{word.substr(0, open), 0};
    if (open != std::string::npos) {
        if (word.back() != ')') fail(Exit::config, "'{}' is not an initialisation", word);
        const ModelValue value = parse_value(std::string_view(word).substr(open + 1, word.size() - open - 2));
        if (const auto* d = std::get_if<double>(&value)) init.a = *d;
        else if (const auto* i = std::get_if<int64_t>(&value)) init.a = double(*i);
        else fail(Exit::config, "'{}' is not an initialisation", word);
    }
    if (std::find(init_kinds.begin(), init_kinds.end(), init.kind) == init_kinds.end())
        fail(Exit::config, "unknown initialisation '{}'; there are: {}", word, fmt::join(init_kinds, ", "));
    return init;
}

/// The pads of one axis: (before, after).
std::pair<int64_t, int64_t> same_pad(int64_t kernel, int64_t dilation) {
    const int64_t total = dilation * (kernel - 1);
    return {total / 2, total - total / 2};
}

} // namespace

void LayerWriter::linear(LayerOptions& options) {
    const std::string name = layer_path(options);
    const int64_t units = options.required("units", true);
    const bool bias = options.boolean("bias", true);
    size(options, shape().size() - 1);
    current = linear_layer(name, current, units, bias, parse_init(options.string("init", ""), {"torch_linear", 0}));
}

void LayerWriter::conv(LayerOptions& options) {
    need_rank(options, 4);
    const std::string name = layer_path(options);
    const int64_t channels = options.required("channels", true);
    const std::vector<int64_t> kernel = options.pair("kernel", 3);
    ConvAttrs attrs;
    attrs.stride = options.pair("stride", 1);
    attrs.dilation = options.pair("dilation", 1);
    attrs.groups = options.integer("groups", int64_t{1});
    const int64_t in = size(options, 1);
    if (attrs.groups < 1 || in % attrs.groups || channels % attrs.groups)
        fail(Exit::config, "conv: {} groups do not divide {} and {} channels", attrs.groups, in, channels);
    if (options.string("pad", "same") == "same") {
        const auto rows = same_pad(kernel[0], attrs.dilation[0]), columns = same_pad(kernel[1], attrs.dilation[1]);
        attrs.pad = {rows.first, columns.first, rows.second, columns.second};
    } else {
        const std::vector<int64_t> pad = options.pair("pad", 0, false, 0);
        attrs.pad = {pad[0], pad[1], pad[0], pad[1]};
    }
    const Init init = parse_init(options.string("init", ""), {"he_normal", 0});
    std::vector<ValueId> operands{
        current, parameter(name + ".weight", {channels, in / attrs.groups, kernel[0], kernel[1]}, init, true)};
    if (options.boolean("bias", true)) operands.push_back(parameter(name + ".bias", {channels}, {}, false));
    current = builder_.emit1("conv2d", attrs_of(attrs), operands);
}

void LayerWriter::batch_norm(LayerOptions& options) {
    const std::string name = layer_path(options);
    const Shape channels{size(options, 1)};
    BatchNormAttrs attrs;
    attrs.eps = options.number("eps", attrs.eps);
    attrs.momentum = options.number("momentum", attrs.momentum);
    const std::string scale = name + ".scale";
    const ValueId scale_value = parameter(scale, channels, {"ones", 0}, false);
    const ValueId bias = parameter(name + ".bias", channels, {}, false);
    const ValueId mean = statistic(name + ".mean", channels, "zeros", scale),
                  var = statistic(name + ".var", channels, "ones", scale);
    current = builder_.emit1("batch_norm", attrs_of(attrs), {current, scale_value, bias, mean, var});
}

void LayerWriter::row_norm(LayerOptions& options) {
    const std::string name = layer_path(options);
    const Shape width{size(options, shape().size() - 1)};
    RowNormAttrs attrs;
    attrs.eps = options.number("eps", attrs.eps);
    std::vector<ValueId> operands{current, parameter(name + ".scale", width, {"ones", 0}, false)};
    if (options.kind() == "layer_norm") operands.push_back(parameter(name + ".bias", width, {}, false));
    current = builder_.emit(options.kind(), attrs_of(attrs), operands)[0];
}

void LayerWriter::group_norm(LayerOptions& options) {
    const std::string name = layer_path(options);
    const Shape channels{size(options, 1)};
    GroupNormAttrs attrs;
    attrs.groups = options.required("groups", true);
    attrs.eps = options.number("eps", attrs.eps);
    const ValueId scale = parameter(name + ".scale", channels, {"ones", 0}, false);
    const ValueId bias = parameter(name + ".bias", channels, {}, false);
    current = builder_.emit("group_norm", attrs_of(attrs), {current, scale, bias})[0];
}

void LayerWriter::activation(LayerOptions& options) {
    builder_.set_name(path(options.string("name", options.kind())));
    UnaryAttrs attrs;
    attrs.kind = UnaryKind(std::find(unary_names.begin(), unary_names.end(), options.kind()) - unary_names.begin());
    if (attrs.kind == UnaryKind::leaky_relu) attrs.alpha = options.number("slope", 0.01, true);
    current = builder_.emit1("unary", attrs_of(attrs), {current});
}

void LayerWriter::pool(LayerOptions& options) {
    need_rank(options, 4);
    builder_.set_name(path(options.string("name", options.kind())));
    PoolAttrs attrs;
    attrs.kernel = options.pair("kernel", 2, true);
    attrs.stride = options.has("stride") ? options.pair("stride", 2) : attrs.kernel;
    const std::vector<int64_t> pad = options.pair("pad", 0, false, 0);
    attrs.pad = {pad[0], pad[1], pad[0], pad[1]};
    current = builder_.emit(options.kind() == "max_pool" ? "max_pool2d" : "avg_pool2d", attrs_of(attrs), {current})[0];
}

void LayerWriter::global_avg_pool(LayerOptions& options) {
    need_rank(options, 4);
    builder_.set_name(path(options.string("name", options.kind())));
    current = reduce(builder_, ReduceKind::mean, current, {2, 3});
}

void LayerWriter::flatten(LayerOptions& options) {
    builder_.set_name(path(options.string("name", options.kind())));
    Dim rest = 1;
    for (size_t i = 1; i < shape().size(); ++i) rest = rest * shape()[i];
    current = ds::reshape(builder_, current, {shape()[0], rest});
}

void LayerWriter::dropout(LayerOptions& options) {
    builder_.set_name(path(options.string("name", options.kind())));
    DropoutAttrs attrs;
    attrs.p = options.number("p", 0, true);
    if (!(attrs.p >= 0 && attrs.p < 1))
        fail(Exit::config, "dropout takes a probability from 0 to below 1, not {}", attrs.p);
    attrs.stream = dropouts_++;
    if (attrs.p > 0) current = builder_.emit1("dropout", attrs_of(attrs), {current});
}

void LayerWriter::embedding(LayerOptions& options) {
    const std::string name = layer_path(options);
    const int64_t rows = options.required("rows"), width = options.required("width");
    const Init init = parse_init(options.string("init", ""), {"normal", 1});
    const ValueId table = parameter(name + ".weight", {rows, width}, init, true);
    current = builder_.emit1("gather", attrs_of(NoAttrs{}), {table, current});
}

void LayerWriter::position(LayerOptions& options) {
    need_rank(options, 3);
    const std::string name = layer_path(options);
    const int64_t rows = options.required("rows", true), width = size(options, 2);
    const Dim tokens = shape()[1];
    const Init init = parse_init(options.string("init", ""), {"normal", 0.02});
    const ValueId table = parameter(name + ".weight", {rows, width}, init, true);
    current = add(builder_, current, slice(builder_, table, 0, 0, tokens));
}

void LayerWriter::attention(LayerOptions& options) {
    need_rank(options, 3);
    const std::string name = layer_path(options);
    const int64_t heads = options.required("heads", true), width = size(options, 2);
    if (heads < 1 || width % heads) fail(Exit::config, "attention: {} heads do not divide the width {}", heads, width);
    const bool bias = options.boolean("bias", true);
    const Init init = parse_init(options.string("init", ""), {"torch_linear", 0});
    const Init projection_init = parse_init(options.string("projection_init", ""), init);
    AttentionAttrs attrs;
    attrs.causal = options.boolean("causal", false);
    const Shape split{shape()[0], shape()[1], heads, width / heads}, joined = shape();
    builder_.set_name(name + ".qkv");
    const ValueId packed = linear_layer(name + ".qkv", current, 3 * width, bias, init);
    std::vector<ValueId> operands;
    for (int64_t part = 0; part < 3; ++part)
        operands.push_back(ds::reshape(builder_, slice(builder_, packed, 2, part * width, width), split));
    builder_.set_name(name);
    const ValueId mixed = ds::reshape(builder_, builder_.emit("attention", attrs_of(attrs), operands)[0], joined);
    builder_.set_name(name + ".projection");
    current = linear_layer(name + ".projection", mixed, width, bias, projection_init);
}

void LayerWriter::concat(LayerOptions& options) {
    builder_.set_name(path(options.string("name", options.kind())));
    AxisAttrs attrs;
    attrs.axis = options.integer("axis", int64_t{1});
    const std::vector<ValueId> from = sources(options);
    if (from.size() < 2) fail(Exit::config, "concat needs 'from' with two or more values");
    current = builder_.emit1("concat", attrs_of(attrs), from);
}

void LayerWriter::combine(LayerOptions& options) {
    builder_.set_name(path(options.string("name", options.kind())));
    const std::vector<ValueId> from = sources(options);
    if (from.size() < 2) fail(Exit::config, "{} needs 'from' with two or more values", options.kind());
    current = from[0];
    for (size_t i = 1; i < from.size(); ++i)
        current = binary(builder_, options.kind() == "add" ? BinaryKind::add : BinaryKind::mul, current, from[i]);
}

void LayerWriter::reshape(LayerOptions& options) {
    builder_.set_name(path(options.string("name", options.kind())));
    current = ds::reshape(builder_, current, parse_type("f32" + options.string("shape", "", true)).shape);
}

void LayerWriter::columns(LayerOptions& options) {
    builder_.set_name(path(options.string("name", options.kind())));
    const std::string kind = options.string("kind", "number", true);
    const std::vector<std::string> with = options.strings("with"); // values to put beside the columns
    std::vector<ValueId> parts;
    for (const std::string& name : with) {
        const auto found = named.find(name);
        if (found == named.end()) fail(Exit::config, "'{}' is neither an input nor named by 'as' before", name);
        parts.push_back(found->second);
    }
    for (const DataColumn& column : request_.data) {
        if (column.kind != kind || column.is_target || !column.item.empty() || named.count(column.name)) continue;
        const ValueId input = graph_.add_input(column.name, {request_.dtype, {Dim::symbol("N")}});
        parts.push_back(ds::reshape(builder_, input, {Dim::symbol("N"), 1}));
    }
    if (parts.empty()) fail(Exit::config, "the data has no column of kind '{}' that is not an input already", kind);
    AxisAttrs attrs;
    attrs.axis = 1;
    current = parts.size() == 1 ? parts[0] : builder_.emit1("concat", attrs_of(attrs), parts);
}

} // namespace ds
