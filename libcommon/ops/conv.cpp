#include "ops/conv.h"

#include "ops/axes.h"
#include "ops/emit.h"
#include "ops/families.h"

namespace ds {
namespace {

void require_image(const InferArgs& a, const Type& type) {
    a.require(type.shape.size() == 4 && is_float(type.dtype), "takes a floating-point value [N,C,H,W]");
}

void require_geometry(const InferArgs& a, const std::vector<int64_t>& stride, const std::vector<int64_t>& pad) {
    a.require(stride.size() == 2 && stride[0] > 0 && stride[1] > 0, "stride is two positive numbers");
    a.require(pad.size() == 4, "pad is [top,left,bottom,right]");
    for (int64_t p : pad) a.require(p >= 0, "pads are not negative");
}

/// floor((in + pads - window) / stride) + 1, where window = dilation*(kernel-1) + 1.
Dim output_size(const InferArgs& a, const Dim& in, const Dim& pads, const Dim& window, int64_t stride) {
    const Dim room = in + pads - window;
    if (room.known() && room.value() < 0)
        a.refuse("the window of " + window.text() + " is larger than " + in.text() + " and its padding");
    return floor_div(room, stride) + Dim(1);
}

Shape conv_output(const InferArgs& a, const ConvAttrs& conv, const Shape& x, const Dim& channels, int64_t kh,
                  int64_t kw) {
    return {x[0], channels,
            output_size(a, x[2], Dim(conv.pad[0]) + Dim(conv.pad[2]), Dim(conv.dilation[0]) * Dim(kh - 1) + Dim(1),
                        conv.stride[0]),
            output_size(a, x[3], Dim(conv.pad[1]) + Dim(conv.pad[3]), Dim(conv.dilation[1]) * Dim(kw - 1) + Dim(1),
                        conv.stride[1])};
}

void require_conv(const InferArgs& a, const ConvAttrs& conv) {
    require_geometry(a, conv.stride, conv.pad);
    a.require(conv.dilation.size() == 2 && conv.dilation[0] > 0 && conv.dilation[1] > 0,
              "dilation is two positive numbers");
    a.require(conv.groups > 0, "groups is positive");
}

std::vector<Type> infer_conv2d(const InferArgs& a) {
    const auto& conv = a.as<ConvAttrs>();
    require_image(a, a.in[0]);
    require_conv(a, conv);
    const Shape &x = a.in[0].shape, &w = a.in[1].shape;
    a.require(w.size() == 4 && a.in[1].dtype == a.in[0].dtype && known(w), "w is [O,C/groups,kh,kw] in x's dtype");
    if (!(x[1] == w[1] * Dim(conv.groups)))
        a.refuse("x has " + x[1].text() + " channels and w takes " + (w[1] * Dim(conv.groups)).text());
    a.require(w[0].value() % conv.groups == 0, "groups divide the output channels");
    a.require(w[2].value() > 0 && w[3].value() > 0, "the kernel has a size");
    if (a.in.size() > 2)
        a.require(a.in[2] == Type{a.in[0].dtype, {w[0]}}, "the bias has one element for each output channel");
    return {{a.in[0].dtype, conv_output(a, conv, x, w[0], w[2].value(), w[3].value())}};
}

void gradient_conv2d(GradientArgs& a) {
    const Shape x = a.g.type(a.in[0]).shape, w = a.g.type(a.in[1]).shape;
    ConvGradAttrs attrs;
    attrs.conv = a.as<ConvAttrs>();
    if (a.needs[0]) {
        attrs.size = {x[2], x[3]};
        a.din[0] = a.g.emit1("conv2d_dx", attrs_of(attrs), {a.dout[0], a.in[1]});
    }
    attrs.bias = a.in.size() > 2 && a.needs[2];
    if (a.needs[1]) {
        attrs.size = {w[2], w[3]};
        const std::vector<ValueId> dw = a.g.emit("conv2d_dw", attrs_of(attrs), {a.in[0], a.dout[0]});
        a.din[1] = dw[0];
        if (attrs.bias) a.din[2] = dw[1];
    } else if (attrs.bias) {
        a.din[2] = sum(a.g, a.dout[0], {0, 2, 3});
    }
}

std::vector<Type> infer_conv2d_dx(const InferArgs& a) {
    const auto& attrs = a.as<ConvGradAttrs>();
    require_image(a, a.in[0]);
    require_conv(a, attrs.conv);
    const Shape &dy = a.in[0].shape, &w = a.in[1].shape;
    a.require(w.size() == 4 && known(w) && dy[1] == w[0] && a.in[1].dtype == a.in[0].dtype,
              "dy's channels are w's outputs");
    a.require(attrs.size.size() == 2, "size is [H,W]");
    const Shape x{dy[0], w[1] * Dim(attrs.conv.groups), attrs.size[0], attrs.size[1]};
    a.require(conv_output(a, attrs.conv, x, w[0], w[2].value(), w[3].value()) == dy,
              "a convolution of `size` gives dy's shape");
    return {{a.in[0].dtype, x}};
}

std::vector<Type> infer_conv2d_dw(const InferArgs& a) {
    const auto& attrs = a.as<ConvGradAttrs>();
    require_image(a, a.in[0]);
    require_image(a, a.in[1]);
    require_conv(a, attrs.conv);
    const Shape &x = a.in[0].shape, &dy = a.in[1].shape;
    a.require(a.in[0].dtype == a.in[1].dtype && attrs.size.size() == 2 && known(attrs.size), "size is [kh,kw]");
    a.require(x[1].known() && x[1].value() % attrs.conv.groups == 0, "groups divide the channels");
    const int64_t kh = attrs.size[0].value(), kw = attrs.size[1].value();
    a.require(kh > 0 && kw > 0, "the kernel has a size");
    a.require(conv_output(a, attrs.conv, x, dy[1], kh, kw) == dy, "a convolution of x gives dy's shape");
    std::vector<Type> out{{a.in[0].dtype, {dy[1], floor_div(x[1], attrs.conv.groups), kh, kw}}};
    if (attrs.bias) out.push_back({a.in[0].dtype, {dy[1]}});
    return out;
}

double elements(const Type& type) { return double(count(dims(type.shape))); }

/// Two for each output element, kernel element and channel of the group.
double flops_forward(const CostArgs& a) {
    const Shape& w = a.in[1].shape;
    return 2 * elements(a.out[0]) * double(w[1].value() * w[2].value() * w[3].value());
}
double flops_dx(const CostArgs& a) {
    const Shape& w = a.in[1].shape;
    return 2 * elements(a.in[0]) * double(w[1].value() * w[2].value() * w[3].value());
}
double flops_dw(const CostArgs& a) {
    const Shape& w = a.out[0].shape;
    return 2 * elements(a.in[1]) * double(w[1].value() * w[2].value() * w[3].value());
}

void require_pool(const InferArgs& a, const PoolAttrs& pool) {
    require_geometry(a, pool.stride, pool.pad);
    a.require(pool.kernel.size() == 2 && pool.kernel[0] > 0 && pool.kernel[1] > 0, "kernel is two positive numbers");
    const bool pads_fit = pool.pad[0] < pool.kernel[0] && pool.pad[2] < pool.kernel[0] &&
                          pool.pad[1] < pool.kernel[1] && pool.pad[3] < pool.kernel[1];
    a.require(pads_fit, "pads are smaller than the window, which must touch the image");
}

Shape pool_output(const InferArgs& a, const PoolAttrs& pool, const Shape& x) {
    return {x[0], x[1], output_size(a, x[2], Dim(pool.pad[0]) + Dim(pool.pad[2]), pool.kernel[0], pool.stride[0]),
            output_size(a, x[3], Dim(pool.pad[1]) + Dim(pool.pad[3]), pool.kernel[1], pool.stride[1])};
}

std::vector<Type> infer_max_pool(const InferArgs& a) {
    const auto& pool = a.as<PoolAttrs>();
    require_image(a, a.in[0]);
    require_pool(a, pool);
    const bool few = pool.kernel[0] <= 256 && pool.kernel[1] <= 256 && pool.kernel[0] * pool.kernel[1] <= 256;
    a.require(few, "the window has at most 256 elements");
    const Shape out = pool_output(a, pool, a.in[0].shape);
    return {{a.in[0].dtype, out}, {DType::u8, out}};
}

std::vector<Type> infer_avg_pool(const InferArgs& a) {
    require_image(a, a.in[0]);
    require_pool(a, a.as<PoolAttrs>());
    return {{a.in[0].dtype, pool_output(a, a.as<PoolAttrs>(), a.in[0].shape)}};
}

Type pool_input(const InferArgs& a) {
    const auto& attrs = a.as<PoolGradAttrs>();
    require_image(a, a.in[0]);
    require_pool(a, attrs.pool);
    a.require(attrs.size.size() == 2, "size is [H,W]");
    const Shape x{a.in[0].shape[0], a.in[0].shape[1], attrs.size[0], attrs.size[1]};
    a.require(pool_output(a, attrs.pool, x) == a.in[0].shape, "pooling `size` gives dy's shape");
    return {a.in[0].dtype, x};
}

std::vector<Type> infer_max_pool_dx(const InferArgs& a) {
    a.require(a.in[1] == Type{DType::u8, a.in[0].shape}, "the index is u8 in dy's shape");
    return {pool_input(a)};
}

std::vector<Type> infer_avg_pool_dx(const InferArgs& a) { return {pool_input(a)}; }

AttrsPtr pool_gradient(const GradientArgs& a) {
    const Shape& x = a.g.type(a.in[0]).shape;
    PoolGradAttrs attrs;
    attrs.pool = a.as<PoolAttrs>();
    attrs.size = {x[2], x[3]};
    return attrs_of(attrs);
}

void gradient_max_pool(GradientArgs& a) {
    a.din[0] = a.g.emit1("max_pool2d_dx", pool_gradient(a), {a.dout[0], a.out[1]});
}
void gradient_avg_pool(GradientArgs& a) { a.din[0] = a.g.emit1("avg_pool2d_dx", pool_gradient(a), {a.dout[0]}); }

double flops_pool(const CostArgs& a) {
    const auto& pool = a.as<PoolAttrs>();
    return elements(a.out[0]) * double(pool.kernel[0] * pool.kernel[1]);
}

/// Channels are apart (depthwise), together (one group), or neither.
enum class Channels { apart, together, grouped };

Channels channels_of(const ConvAttrs& conv, const Dim& in, const Dim& out) {
    if (conv.groups == 1) return Channels::together;
    return in == Dim(conv.groups) && out == Dim(conv.groups) ? Channels::apart : Channels::grouped;
}

Flows axes_conv2d(const CostArgs& a) {
    FlowWriter flows(a);
    flows.keep(0, 0, 0, 0);
    const Channels channels = channels_of(a.as<ConvAttrs>(), a.in[0].shape[1], a.in[1].shape[0]);
    if (channels == Channels::grouped) return flows.take();
    for (size_t input = 1; input < flows.inputs(); ++input) flows.keep(0, input, 0, 1);
    if (channels == Channels::apart) {
        flows.keep(0, 0, 1, 1);
    } else {
        flows.sum(0, 0, 1, 0);
        flows.sum(0, 1, 1, 0);
    }
    return flows.take();
}

Flows axes_conv2d_dx(const CostArgs& a) {
    FlowWriter flows(a);
    flows.keep(0, 0, 0, 0);
    const Channels channels = channels_of(a.as<ConvGradAttrs>().conv, a.out[0].shape[1], a.in[1].shape[0]);
    if (channels == Channels::grouped) return flows.take();
    if (channels == Channels::apart) {
        flows.keep(0, 0, 1, 1);
        flows.keep(0, 1, 0, 1);
    } else {
        flows.sum(0, 0, 1, 0);
        flows.sum(0, 1, 0, 0);
        flows.keep(0, 1, 1, 1);
    }
    return flows.take();
}

Flows axes_conv2d_dw(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t o = 0; o < a.out.size(); ++o)
        for (size_t input : {0u, 1u}) flows.sum(o, input, 0, 0);
    const Channels channels = channels_of(a.as<ConvGradAttrs>().conv, a.in[0].shape[1], a.in[1].shape[1]);
    if (channels != Channels::grouped) {
        flows.keep(0, 0, 1, channels == Channels::apart ? 0 : 1);
        flows.keep(0, 1, 1, 0);
    }
    if (a.out.size() > 1) flows.keep(1, 1, 1, 0); // db
    return flows.take();
}

/// Samples and channels of all operands stay apart.
Flows axes_pool(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t o = 0; o < a.out.size(); ++o)
        for (size_t input = 0; input < flows.inputs(); ++input) flows.keep_range(o, input, 0, 2, 0);
    return flows.take();
}

const OpRow rows[] = {
    {"conv2d", "convolution", 2, 3, make_default<ConvAttrs>, infer_conv2d, axes_conv2d, gradient_conv2d, flops_forward},
    {"conv2d_dx", "gradient of conv2d's input", 2, 2, make_default<ConvGradAttrs>, infer_conv2d_dx, axes_conv2d_dx,
     nullptr, flops_dx},
    {"conv2d_dw", "gradient of conv2d's weight, and bias", 2, 2, make_default<ConvGradAttrs>, infer_conv2d_dw,
     axes_conv2d_dw, nullptr, flops_dw},
    {"max_pool2d", "greatest of each window, and where it was", 1, 1, make_default<PoolAttrs>, infer_max_pool,
     axes_pool, gradient_max_pool, flops_pool},
    {"max_pool2d_dx", "gradient of max_pool2d", 2, 2, make_default<PoolGradAttrs>, infer_max_pool_dx, axes_pool},
    {"avg_pool2d", "mean of each window", 1, 1, make_default<PoolAttrs>, infer_avg_pool, axes_pool, gradient_avg_pool,
     flops_pool},
    {"avg_pool2d_dx", "gradient of avg_pool2d", 1, 1, make_default<PoolGradAttrs>, infer_avg_pool_dx, axes_pool},
};

} // namespace

std::span<const OpRow> conv_ops() { return rows; }

} // namespace ds
