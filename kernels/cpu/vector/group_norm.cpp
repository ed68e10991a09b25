// group_norm and group_norm_dx, plain layout. A group of channels of one sample is contiguous: it is walked for
// its mean, for its squared deviations, and for the result, mostly in a cache. Gradients: per (sample, channel)
// sums of dy and dy*x first, from which everything follows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/group_norm.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cmath>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/norm_body.h"
#include "kernels/cpu/vector/simd-inl.h"
#include "ops/norm.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

constexpr int64_t chunk = 4096; // summed in float, then in double

double total(const float* x, int64_t n) {
    double sum = 0;
    for (int64_t at = 0; at < n; at += chunk)
        sum += double(sum_of(
            size_t(std::min(chunk, n - at)), [](V v) HWY_ATTR { return v; }, x + at));
    return sum;
}

double squared_deviation(const float* x, float mean, int64_t n) {
    const V m = set(mean);
    double sum = 0;
    const int64_t whole = n / int64_t(lanes) * int64_t(lanes);
    for (int64_t at = 0; at < whole; at += chunk)
        sum += double(sum_of(
            size_t(std::min(chunk, whole - at)),
            [=](V v) HWY_ATTR {
                const V e = hn::Sub(v, m);
                return hn::Mul(e, e);
            },
            x + at));
    for (int64_t i = whole; i < n; ++i) sum += double(x[i] - mean) * double(x[i] - mean);
    return sum;
}

/// y = (x - mean)*a + b
void shift_scale(const float* x, float mean, float a, float b, float* y, int64_t n) {
    const V m = set(mean), s = set(a), c = set(b);
    map(
        y, size_t(n), [=](V v) HWY_ATTR { return hn::MulAdd(hn::Sub(v, m), s, c); }, x);
}

/// Sum of dy*(x - mean).
double dot_deviation(const float* dy, const float* x, float mean, int64_t n) {
    const V m = set(mean);
    double sum = 0;
    for (int64_t at = 0; at < n; at += chunk)
        sum += double(sum_of(
            size_t(std::min(chunk, n - at)), [=](V g, V v) HWY_ATTR { return hn::Mul(g, hn::Sub(v, m)); }, dy + at,
            x + at));
    return sum;
}

/// dx = a*dy + b*(x - mean) + c
void combine(const float* dy, const float* x, float mean, float a, float b, float c, float* dx, int64_t n) {
    const V m = set(mean), p = set(a), q = set(b), r = set(c);
    map(
        dx, size_t(n), [=](V g, V v) HWY_ATTR { return hn::MulAdd(p, g, hn::MulAdd(q, hn::Sub(v, m), r)); }, dy, x);
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(total);
HWY_EXPORT(squared_deviation);
HWY_EXPORT(shift_scale);
HWY_EXPORT(dot_deviation);
HWY_EXPORT(combine);

struct Grid {
    int64_t samples = 0, channels = 0, area = 0, groups = 1;
    double eps = 0;
    int64_t members() const { return channels / groups; }
    int64_t size() const { return members() * area; }
    int64_t grain() const { return std::max<int64_t>(1, min_work / 2 / std::max<int64_t>(1, size())); }
};

Grid grid_of(const GroupNormAttrs& attrs, const Dims& shape) {
    const int64_t planes = shape[0] * shape[1], area = planes > 0 ? count(shape) / planes : 0;
    return {shape[0], shape[1], area, attrs.groups, attrs.eps};
}

std::unique_ptr<Kernel> make_forward(const Request& request, std::string& why) {
    NormBody body;
    if (!all_f32(request, why) || !read_norm_body(request, body, why)) return nullptr;
    if (body.op != "group_norm") return refuse(why, "a norm of another kind"), nullptr;
    const Grid grid = grid_of(static_cast<const GroupNormAttrs&>(*body.attrs), request.in[size_t(body.x)].shape);
    auto kernel = make_kernel([grid, body](const Call& call) {
        const float *scale = body.input(call, body.scale), *bias = body.input(call, body.bias);
        float *mean_out = body.output(call, body.mean), *rstd_out = body.output(call, body.rstd);
        float* result = body.output(call, body.y);
        parallel_for(grid.samples * grid.groups, grid.grain(), [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t) {
                const float* x = body.input(call, body.x) + t * grid.size();
                const double n = double(grid.size());
                const float mean = float(HWY_DYNAMIC_DISPATCH(total)(x, grid.size()) / n);
                const double var = HWY_DYNAMIC_DISPATCH(squared_deviation)(x, mean, grid.size()) / n;
                const float rstd = float(1 / std::sqrt(var + grid.eps));
                if (mean_out) mean_out[t] = mean;
                if (rstd_out) rstd_out[t] = rstd;
                if (!result) continue;
                float* y = result + t * grid.size();
                for (int64_t m = 0; m < grid.members(); ++m) {
                    const int64_t c = t % grid.groups * grid.members() + m;
                    HWY_DYNAMIC_DISPATCH(shift_scale)
                    (x + m * grid.area, mean, rstd * scale[c], bias[c], y + m * grid.area, grid.area);
                    body.activate(y + m * grid.area, grid.area);
                }
            }
        });
    });
    kernel->in_place = {{body.y, body.x}};
    return kernel;
}

/// Sums of dy and of dy*(x - mean) of each channel of each sample.
struct ChannelSums {
    double plain, product;
};

void backward_group(const Grid& grid, const Call& call, int64_t t, ChannelSums* sums) {
    const float *dy = call.in[0].as<float>() + t * grid.size(), *x = call.in[1].as<float>() + t * grid.size();
    const float* scale = call.in[2].as<float>() + t % grid.groups * grid.members();
    const float mean = call.in[3].as<float>()[t];
    const double rstd = double(call.in[4].as<float>()[t]), n = double(grid.size());
    double h = 0, he = 0; // sums of dy*scale and of dy*scale*(x - mean)
    for (int64_t m = 0; m < grid.members(); ++m) {
        const int64_t at = m * grid.area;
        sums[m] = {HWY_DYNAMIC_DISPATCH(total)(dy + at, grid.area),
                   HWY_DYNAMIC_DISPATCH(dot_deviation)(dy + at, x + at, mean, grid.area)};
        h += sums[m].plain * double(scale[m]);
        he += sums[m].product * double(scale[m]);
    }
    float* dx = call.out[0].as<float>();
    if (!dx) return;
    const float b = float(-rstd * rstd * rstd * he / n), c = float(-rstd * h / n);
    for (int64_t m = 0; m < grid.members(); ++m) {
        const int64_t at = m * grid.area;
        HWY_DYNAMIC_DISPATCH(combine)
        (dy + at, x + at, mean, float(rstd * double(scale[m])), b, c, dx + t * grid.size() + at, grid.area);
    }
}

std::unique_ptr<Kernel> make_backward(const Request& request, std::string& why) {
    if (!all_f32(request, why)) return nullptr;
    const Grid grid = grid_of(request.as<GroupNormAttrs>(), request.in[1].shape);
    auto kernel = make_kernel([grid](const Call& call) {
        ChannelSums* sums = reinterpret_cast<ChannelSums*>(call.scratch);
        parallel_for(grid.samples * grid.groups, grid.grain(), [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t) backward_group(grid, call, t, sums + t * grid.members());
        });
        float *dscale = call.out[1].as<float>(), *dbias = call.out[2].as<float>();
        const float* rstd = call.in[4].as<float>();
        for (int64_t c = 0; c < grid.channels; ++c) {
            double s = 0, b = 0;
            for (int64_t n = 0; n < grid.samples; ++n) {
                const ChannelSums& own = sums[n * grid.channels + c];
                s += own.product * double(rstd[n * grid.groups + c / grid.members()]);
                b += own.plain;
            }
            if (dscale) dscale[c] = float(s);
            if (dbias) dbias[c] = float(b);
        }
    });
    kernel->scratch = size_t(grid.samples * grid.channels) * sizeof(ChannelSums);
    kernel->in_place = {{0, 0}, {0, 1}};
    return kernel;
}

} // namespace

void add_group_norm(Registry& registry) {
    registry.add({"group_norm", "cpu.vector.group_norm", make_forward});
    registry.add({"fused/norm", "cpu.vector.group_norm", make_forward});
    registry.add({"group_norm_dx", "cpu.vector.group_norm", make_backward});
}

} // namespace ds::kernels::cpu
#endif
