// layer_norm, rms_norm and their gradients. A row is read once from memory and stays in a cache for the passes
// over it; variance is the mean of squared deviations. Weight gradients: each part of the rows keeps its own
// sums (float over 32 rows, then double), which meet in a fixed order.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/layer_norm.cpp"
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

/// y = (x - mean) * rstd * scale + bias by rows; bias null: rms_norm, whose mean is 0. Outputs may be null.
void forward_rows(const float* x, const float* scale, const float* bias, float* y, float* mean_out, float* rstd_out,
                  int64_t rows, int64_t width, double eps) {
    const size_t n = size_t(width);
    for (int64_t r = 0; r < rows; ++r, x += width) {
        const float mean = bias ? sum_of(
                                      n, [](V v) HWY_ATTR { return v; }, x) /
                                      float(width)
                                : 0.0f;
        const V m = set(mean);
        double square = double(sum_of(
            n / lanes * lanes,
            [=](V v) HWY_ATTR {
                const V e = hn::Sub(v, m);
                return hn::Mul(e, e);
            },
            x));
        for (size_t i = n / lanes * lanes; i < n; ++i) square += double(x[i] - mean) * double(x[i] - mean);
        const float rstd = float(1 / std::sqrt(square / double(width) + eps));
        if (mean_out) mean_out[r] = mean;
        if (rstd_out) rstd_out[r] = rstd;
        if (!y) continue;
        const V s = set(rstd);
        float* out = y + r * width;
        if (bias)
            map(
                out, n, [=](V v, V a, V b) HWY_ATTR { return hn::MulAdd(hn::Mul(hn::Sub(v, m), s), a, b); }, x, scale,
                bias);
        else
            map(
                out, n, [=](V v, V a) HWY_ATTR { return hn::Mul(hn::Mul(v, s), a); }, x, scale);
    }
}

/// With e = (x - mean)*rstd and h = dy*scale: dx = rstd * (h - mean(h) - e*mean(h*e)); rms: without mean(h).
/// dscale += dy*e, dbias += dy over the rows; mean null: rms_norm. dx, dbias may be null.
void backward_rows(const float* dy, const float* x, const float* scale, const float* mean, const float* rstd, float* dx,
                   float* dscale, float* dbias, int64_t rows, int64_t width) {
    const size_t n = size_t(width);
    for (int64_t r = 0; r < rows; ++r, dy += width, x += width) {
        const V m = set(mean ? mean[r] : 0.0f), s = set(rstd[r]);
        V sum_h = set(0), sum_he = sum_h;
        const auto visit = [&](size_t i, auto get, auto put) HWY_ATTR {
            const V g = get(dy + i), e = hn::Mul(hn::Sub(get(x + i), m), s), h = hn::Mul(g, get(scale + i));
            sum_h = hn::Add(sum_h, h);
            sum_he = hn::MulAdd(h, e, sum_he);
            put(hn::MulAdd(g, e, get(dscale + i)), dscale + i);
            if (dbias) put(hn::Add(g, get(dbias + i)), dbias + i);
        };
        size_t i = 0;
        for (; i + lanes <= n; i += lanes)
            visit(
                i, [](const float* p) HWY_ATTR { return load(p); }, [](V v, float* p) HWY_ATTR { store(v, p); });
        if (const size_t rest = n - i; rest)
            visit(
                i, [=](const float* p) HWY_ATTR { return load_n(p, rest); },
                [=](V v, float* p) HWY_ATTR { store_n(v, p, rest); });
        if (!dx) continue;
        const float inverse = 1.0f / float(width);
        const V a = set(mean ? hn::GetLane(hn::SumOfLanes(F(), sum_h)) * inverse : 0.0f);
        const V b = set(hn::GetLane(hn::SumOfLanes(F(), sum_he)) * inverse);
        map(
            dx + r * width, n,
            [=](V g, V v, V w) HWY_ATTR {
                const V e = hn::Mul(hn::Sub(v, m), s);
                return hn::Mul(s, hn::NegMulAdd(e, b, hn::MulSub(g, w, a)));
            },
            dy, x, scale);
    }
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(forward_rows);
HWY_EXPORT(backward_rows);

std::unique_ptr<Kernel> make_forward(const Request& request, std::string& why) {
    NormBody body;
    if (!all_f32(request, why) || !read_norm_body(request, body, why)) return nullptr;
    if (body.op == "group_norm") return refuse(why, "a norm of another kind"), nullptr;
    const Dims& shape = request.in[size_t(body.x)].shape;
    const int64_t width = shape.back(), rows = width ? count(shape) / width : 0;
    const double eps = static_cast<const RowNormAttrs&>(*body.attrs).eps;
    auto kernel = make_kernel([=](const Call& call) {
        const float *x = body.input(call, body.x), *scale = body.input(call, body.scale);
        const float* bias = body.input(call, body.bias);
        float *y = body.output(call, body.y), *mean = body.output(call, body.mean);
        float* rstd = body.output(call, body.rstd);
        // The activation follows where the rows are still in the first cache.
        const int64_t few = body.activation ? std::max<int64_t>(1, 2048 / std::max<int64_t>(1, width)) : rows;
        parallel_for(rows, std::max<int64_t>(1, min_work / 2 / std::max<int64_t>(1, width)), [&](int64_t b, int64_t e) {
            for (int64_t r = b; r < e; r += few) {
                const int64_t n = std::min(few, e - r);
                HWY_DYNAMIC_DISPATCH(forward_rows)
                (x + r * width, scale, bias, y ? y + r * width : nullptr, mean ? mean + r : nullptr,
                 rstd ? rstd + r : nullptr, n, width, eps);
                if (y) body.activate(y + r * width, n * width);
            }
        });
    });
    kernel->in_place = {{body.y, body.x}};
    return kernel;
}

/// The sums of one part of the rows: float over a few rows, double over all.
struct Partial {
    double *scale = nullptr, *bias = nullptr;
    float *scale_now = nullptr, *bias_now = nullptr;
};

struct Backward {
    int64_t rows = 0, width = 0, parts = 1;
    bool rms = false;
    static constexpr int64_t few = 32;

    int64_t padded() const { return round_up(std::max<int64_t>(1, width), 16); }
    size_t part_bytes() const { return size_t(padded()) * 2 * (sizeof(double) + sizeof(float)); }
    Partial partial(std::byte* scratch, int64_t part) const {
        double* wide = reinterpret_cast<double*>(scratch + size_t(part) * part_bytes());
        float* narrow = reinterpret_cast<float*>(wide + 2 * padded());
        return {wide, wide + padded(), narrow, narrow + padded()};
    }
    void run_part(const Call& call, int64_t part) const {
        const Partial own = partial(call.scratch, part);
        std::fill(own.scale, own.scale + 2 * padded(), 0.0);
        const float *dy = call.in[0].as<float>(), *x = call.in[1].as<float>(), *scale = call.in[2].as<float>();
        const float *mean = rms ? nullptr : call.in[3].as<float>(), *rstd = call.in[rms ? 3 : 4].as<float>();
        float* dx = call.out[0].as<float>();
        const int64_t begin = rows * part / parts, end = rows * (part + 1) / parts;
        for (int64_t at = begin; at < end; at += few) {
            std::fill(own.scale_now, own.scale_now + 2 * padded(), 0.0f);
            HWY_DYNAMIC_DISPATCH(backward_rows)
            (dy + at * width, x + at * width, scale, mean ? mean + at : nullptr, rstd + at,
             dx ? dx + at * width : nullptr, own.scale_now, rms ? nullptr : own.bias_now, std::min(few, end - at),
             width);
            for (int64_t i = 0; i < 2 * padded(); ++i) own.scale[i] += double(own.scale_now[i]);
        }
    }
    void run(const Call& call) const {
        parallel_for(parts, 1, [&](int64_t b, int64_t e) {
            for (int64_t part = b; part < e; ++part) run_part(call, part);
        });
        float *dscale = call.out[1].as<float>(), *dbias = rms ? nullptr : call.out[2].as<float>();
        for (int64_t i = 0; i < width; ++i) {
            double s = 0, b = 0;
            for (int64_t part = 0; part < parts; ++part) {
                s += partial(call.scratch, part).scale[i];
                b += partial(call.scratch, part).bias[i];
            }
            if (dscale) dscale[i] = float(s);
            if (dbias) dbias[i] = float(b);
        }
    }
};

std::unique_ptr<Kernel> make_backward(const Request& request, std::string& why) {
    if (!all_f32(request, why)) return nullptr;
    const Dims& shape = request.in[1].shape;
    Backward b;
    b.width = shape.back();
    b.rows = b.width ? count(shape) / b.width : 0;
    b.rms = request.op == "rms_norm_dx";
    b.parts = std::clamp<int64_t>(std::min(b.rows, count(shape) / min_work), 1, threads());
    auto kernel = make_kernel([b](const Call& call) { b.run(call); });
    kernel->scratch = size_t(b.parts) * b.part_bytes();
    kernel->in_place = {{0, 0}, {0, 1}};
    return kernel;
}

} // namespace

void add_layer_norm(Registry& registry) {
    for (std::string_view op : {"layer_norm", "rms_norm", "fused/norm"})
        registry.add({op, "cpu.vector.layer_norm", make_forward});
    for (std::string_view op : {"layer_norm_dx", "rms_norm_dx"})
        registry.add({op, "cpu.vector.layer_norm", make_backward});
}

} // namespace ds::kernels::cpu
#endif
