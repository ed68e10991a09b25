// Small random networks for property tests: "optimised equals unoptimised", "planned equals naive". A network is a
// function of its seed. Every one has a symbolic batch N, a data input "x" and an objective "loss" with "loss.count";
// images go through convolutions, norms, pools, residuals and a linear head, tokens through embedding and attention.
#pragma once

#include <algorithm>
#include <map>
#include <random>

#include "graph/builder.h"
#include "ops/attention.h"
#include "ops/conv.h"
#include "ops/emit.h"
#include "ops/loss.h"
#include "ops/norm.h"
#include "ops/random.h"
#include "state/state.h"

namespace ds::testing {

class RandomNetwork {
public:
    RandomNetwork(unsigned seed, DType dtype) : rng_(seed), dtype_(dtype) {
        graph_.name = "random" + std::to_string(seed);
    }

    Graph make() {
        const int kind = below(3);
        if (kind == 0) tokens();
        else if (kind == 1) features();
        else image();
        loss();
        return std::move(graph_);
    }

private:
    int below(int n) { return int(rng_() % unsigned(n)); }
    bool chance(int percent) { return below(100) < percent; }
    const Shape& shape() const { return graph_.type(x_).shape; }
    int64_t size(size_t axis) const { return shape()[axis].value(); }

    std::string layer(const std::string& kind) {
        std::string name = kind + std::to_string(layers_++);
        builder_.set_name(name);
        return name;
    }

    ValueId slot(const std::string& name, const Shape& s, Init init, SlotKind kind = SlotKind::parameter,
                 const std::string& follows = "") {
        Slot slot;
        slot.name = name;
        slot.init = init;
        slot.kind = kind;
        slot.train = slot.decay = kind == SlotKind::parameter;
        slot.follows = follows;
        return graph_.add_slot(slot, {dtype_, s});
    }

    // --- parts that keep the shape -----------------------------------------------------------------
    void activation() {
        layer("act");
        static const UnaryKind kinds[] = {UnaryKind::relu,    UnaryKind::gelu,    UnaryKind::silu,
                                          UnaryKind::tanh,    UnaryKind::sigmoid, UnaryKind::leaky_relu,
                                          UnaryKind::softplus};
        x_ = unary(builder_, kinds[below(7)], x_, 0.1);
    }

    void elementwise() {
        layer("mix");
        const ValueId y = unary(builder_, UnaryKind::sigmoid, affine(builder_, x_, 0.5, 0.1));
        x_ = chance(50) ? mul(builder_, x_, y) : add(builder_, y, x_);
    }

    void dropout() {
        layer("dropout");
        DropoutAttrs attrs;
        attrs.p = 0.1 * (1 + below(5));
        attrs.stream = dropouts_++;
        x_ = builder_.emit1("dropout", attrs_of(attrs), {x_});
    }

    void layer_norm() {
        const std::string name = layer("norm");
        const Shape width{shape().back()};
        const ValueId scale = slot(name + ".scale", width, {"ones", 0});
        if (chance(30)) x_ = builder_.emit("rms_norm", attrs_of(RowNormAttrs{}), {x_, scale})[0];
        else
            x_ = builder_.emit("layer_norm", attrs_of(RowNormAttrs{}), {x_, scale, slot(name + ".bias", width, {})})[0];
    }

    void channel_norm() {
        const std::string name = layer("norm");
        const Shape channels{shape()[1]};
        const ValueId scale = slot(name + ".scale", channels, {"uniform", 1}),
                      bias = slot(name + ".bias", channels, {"uniform", 0.5});
        if (chance(30)) {
            GroupNormAttrs attrs;
            attrs.groups = size(1) % 2 == 0 ? 2 : 1;
            x_ = builder_.emit("group_norm", attrs_of(attrs), {x_, scale, bias})[0];
            return;
        }
        const ValueId mean = slot(name + ".mean", channels, {}, SlotKind::statistic, name + ".scale");
        const ValueId var = slot(name + ".var", channels, {"ones", 0}, SlotKind::statistic, name + ".scale");
        x_ = builder_.emit1("batch_norm", attrs_of(BatchNormAttrs{}), {x_, scale, bias, mean, var});
    }

    void linear(int64_t units) {
        const std::string name = layer("linear");
        std::vector<ValueId> in{x_, slot(name + ".weight", {units, shape().back()}, {"lecun_normal", 0})};
        if (chance(70)) in.push_back(slot(name + ".bias", {units}, {"uniform", 0.1}));
        x_ = builder_.emit1("linear", attrs_of(NoAttrs{}), in);
    }

    void conv(int64_t channels, int64_t kernel, int64_t stride, int64_t groups = 1) {
        const std::string name = layer("conv");
        ConvAttrs attrs;
        attrs.stride = {stride, stride};
        attrs.pad.assign(4, kernel / 2);
        attrs.groups = groups;
        std::vector<ValueId> in{x_,
                                slot(name + ".weight", {channels, size(1) / groups, kernel, kernel}, {"he_normal", 0})};
        if (chance(50)) in.push_back(slot(name + ".bias", {channels}, {"uniform", 0.1}));
        x_ = builder_.emit1("conv2d", attrs_of(attrs), in);
    }

    void attention(int64_t heads) {
        const std::string name = layer("attention");
        const int64_t width = size(2);
        const Shape whole = shape();
        linear(3 * width);
        builder_.set_name(name);
        std::vector<ValueId> in;
        for (int64_t part = 0; part < 3; ++part)
            in.push_back(reshape(builder_, slice(builder_, x_, 2, part * width, width),
                                 {whole[0], whole[1], heads, width / heads}));
        AttentionAttrs attrs;
        attrs.causal = chance(60);
        x_ = reshape(builder_, builder_.emit("attention", attrs_of(attrs), in)[0], whole);
        linear(width);
    }

    template <class Body>
    void residual(const Body& body) {
        const ValueId before = x_;
        body();
        layer("residual");
        x_ = add(builder_, before, x_);
    }

    // --- whole networks ----------------------------------------------------------------------------
    void image() {
        const int64_t side = 6 + below(7);
        x_ = graph_.add_input("x", {dtype_, {Dim::symbol("N"), 1 + below(4), side, side + below(3)}});
        conv(1 + below(20), 3, 1);
        for (int part = 2 + below(5); part > 0; --part) image_part();
        layer("head");
        if (chance(50)) x_ = reduce(builder_, ReduceKind::mean, x_, {2, 3});
        else x_ = reshape(builder_, x_, {shape()[0], shape()[1] * shape()[2] * shape()[3]});
        linear(classes_);
    }

    void image_part() {
        switch (below(8)) {
        case 0: return conv(1 + below(24), 1 + 2 * below(2), 1 + below(2));
        case 1: return conv(size(1), 3, 1, size(1)); // depthwise
        case 2: return channel_norm();
        case 3: return activation();
        case 4: return pool();
        case 5:
            return residual([&] {
                const int64_t channels = size(1);
                conv(1 + below(16), 3, 1);
                channel_norm();
                activation();
                conv(channels, 3, 1);
                if (chance(50)) channel_norm();
            });
        case 6: return branches();
        default: return chance(50) ? dropout() : elementwise();
        }
    }

    void pool() {
        if (size(2) < 4) return;
        layer("pool");
        PoolAttrs attrs;
        if (chance(40)) {
            attrs.kernel = {3, 3};
            attrs.pad.assign(4, 1);
        }
        attrs.count_pad = chance(50);
        x_ = builder_.emit(chance(60) ? "max_pool2d" : "avg_pool2d", attrs_of(attrs), {x_})[0];
    }

    void branches() {
        const ValueId before = x_;
        conv(1 + below(10), 1, 1);
        const ValueId left = x_;
        x_ = before;
        conv(1 + below(10), 3, 1);
        layer("concat");
        AxisAttrs attrs;
        attrs.axis = 1;
        x_ = builder_.emit1("concat", attrs_of(attrs), {left, x_});
    }

    void features() {
        const int64_t width = 3 + below(30);
        x_ = graph_.add_input("x", {dtype_, {Dim::symbol("N"), width}});
        const ValueId start = x_;
        for (int part = 1 + below(4); part > 0; --part) {
            linear(2 + below(40));
            if (chance(40)) layer_norm();
            if (chance(80)) activation();
            if (chance(30)) dropout();
            if (chance(40)) residual([&] { linear(size(1)); });
        }
        if (chance(50)) { // a second look at the input, by halves
            layer("wide");
            AxisAttrs attrs;
            attrs.axis = 1;
            x_ = builder_.emit1("concat", attrs_of(attrs), {x_, slice(builder_, start, 1, 1, width - 1)});
        }
        linear(classes_);
    }

    void tokens() {
        const int64_t rows = 5 + below(20), length = 2 + below(9), heads = 1 + below(3),
                      width = heads * (2 + 2 * below(4));
        const ValueId index = graph_.add_input("x", {DType::i32, {Dim::symbol("N"), length}});
        const std::string name = layer("embedding");
        x_ = builder_.emit1("gather", attrs_of(NoAttrs{}),
                            {slot(name + ".weight", {rows, width}, {"normal", 1}), index});
        const std::string place = layer("position");
        x_ = add(builder_, x_,
                 slice(builder_, slot(place + ".weight", {length + 2, width}, {"normal", 0.1}), 0, 1, length));
        for (int block = 1 + below(2); block > 0; --block) {
            residual([&] {
                layer_norm();
                attention(heads);
            });
            residual([&] {
                if (chance(70)) layer_norm();
                linear(1 + below(30));
                activation();
                linear(width);
            });
        }
        layer("last"); // the last token decides, through a transpose and back
        x_ = transpose(builder_, x_, {0, 2, 1});
        x_ = reshape(builder_, slice(builder_, x_, 2, length - 1, 1), {shape()[0], width});
        linear(classes_);
    }

    void loss() {
        graph_.add_output("y", x_);
        layer("loss");
        if (chance(70)) {
            const ValueId label = graph_.add_input("label", {DType::i32, {Dim::symbol("N")}}, InputRole::target);
            CrossEntropyAttrs attrs;
            attrs.smoothing = chance(50) ? 0.1 : 0;
            graph_.add_output("loss", sum(builder_, builder_.emit("cross_entropy", attrs_of(attrs), {x_, label})[0]),
                              true);
        } else {
            const ValueId wanted = graph_.add_input("label", {dtype_, shape()}, InputRole::target);
            graph_.add_output("loss", sum(builder_, unary(builder_, UnaryKind::square, sub(builder_, x_, wanted))),
                              true);
        }
        graph_.add_output("loss.count", sum(builder_, constant(builder_, dtype_, {Dim::symbol("N")}, 1)));
    }

    std::mt19937 rng_;
    DType dtype_;
    Graph graph_;
    Builder builder_{graph_};
    ValueId x_ = no_value;
    int layers_ = 0, dropouts_ = 0;
    int64_t classes_ = 2 + below(6);
};

inline Graph random_network(unsigned seed, DType dtype = DType::f32) { return RandomNetwork(seed, dtype).make(); }

/// Fills an operand: floats from -1 to 1, integers from 0 (and below 2, the fewest classes and rows there are).
inline void fill_random(const TensorView& view, unsigned seed) {
    std::mt19937 rng(seed);
    for (int64_t i = 0; i < view.size(); ++i) {
        const double u = double(rng() % 20001) / 10000 - 1;
        if (view.dtype == DType::f32) view.as<float>()[i] = float(u);
        else if (view.dtype == DType::f64) view.as<double>()[i] = u;
        else if (view.dtype == DType::i32) view.as<int32_t>()[i] = int32_t(rng() % 2);
        else if (view.dtype == DType::i64) view.as<int64_t>()[i] = int64_t(rng() % 2);
        else if (view.dtype == DType::boolean) view.as<bool>()[i] = rng() % 2 != 0;
    }
}

/// A graph's inputs by name, filled by seed and name; controls are a learning rate of 0.01 and step 1.
inline std::map<std::string, Tensor> random_inputs(const Graph& graph, const Binding& binding, unsigned seed) {
    std::map<std::string, Tensor> inputs;
    for (const Input& input : graph.inputs) {
        Tensor tensor(graph.type(input.value).dtype, dims(bind(graph.type(input.value).shape, binding)));
        if (input.role != InputRole::control) fill_random(tensor.view(), seed + unsigned(input.name.size()) * 31);
        else if (tensor.dtype() == DType::f32) *tensor.as<float>() = 0.01f;
        else if (tensor.dtype() == DType::f64) *tensor.as<double>() = 0.01;
        else std::fill_n(tensor.as<int64_t>(), tensor.size(), 1);
        inputs[input.name] = tensor;
    }
    return inputs;
}

} // namespace ds::testing
