// softmax and softmax_dx over one axis. The last axis is a contiguous row; any other axis is walked for
// many columns at once.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/softmax.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/simd-inl.h"
#include "ops/shape_ops.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

/// y = softmax of rows of k elements.
void softmax_rows(const float* x, float* y, int64_t rows, int64_t k) {
    const size_t n = size_t(k);
    for (int64_t r = 0; r < rows; ++r, x += k, y += k) {
        const V top = set(max_of(x, n));
        const auto shifted = [=](V v) HWY_ATTR { return exp_of(hn::Sub(v, top)); };
        const V scale = set(1.0f / map_and_sum(y, n, shifted, x));
        const auto scaled = [=](V v) HWY_ATTR { return hn::Mul(v, scale); };
        map(y, n, scaled, y);
    }
}

/// dx = y * (dy - sum(dy*y)) by rows.
void softmax_dx_rows(const float* dy, const float* y, float* dx, int64_t rows, int64_t k) {
    const size_t n = size_t(k);
    for (int64_t r = 0; r < rows; ++r, dy += k, y += k, dx += k) {
        const V dot = set(sum_of(
            n, [](V a, V b) HWY_ATTR { return hn::Mul(a, b); }, dy, y));
        map(
            dx, n, [=](V a, V b) HWY_ATTR { return hn::Mul(b, hn::Sub(a, dot)); }, dy, y);
    }
}

constexpr int64_t columns = 256;

/// The same for `n` <= columns columns, k elements each, `stride` apart.
void softmax_columns(const float* x, float* y, int64_t k, int64_t stride, int64_t count) {
    HWY_ALIGN float top[columns], total[columns];
    const size_t n = size_t(count);
    std::copy(x, x + n, top);
    std::fill(total, total + n, 0.0f);
    for (int64_t i = 1; i < k; ++i)
        map(
            top, n, [](V a, V b) HWY_ATTR { return hn::IfThenElse(hn::IsNaN(a), a, hn::Max(a, b)); }, top,
            x + i * stride);
    for (int64_t i = 0; i < k; ++i) {
        map(
            y + i * stride, n, [](V v, V t) HWY_ATTR { return exp_of(hn::Sub(v, t)); }, x + i * stride, top);
        map(
            total, n, [](V a, V b) HWY_ATTR { return hn::Add(a, b); }, total, y + i * stride);
    }
    for (int64_t i = 0; i < k; ++i)
        map(
            y + i * stride, n, [](V v, V t) HWY_ATTR { return hn::Div(v, t); }, y + i * stride, total);
}

void softmax_dx_columns(const float* dy, const float* y, float* dx, int64_t k, int64_t stride, int64_t count) {
    HWY_ALIGN float dot[columns];
    const size_t n = size_t(count);
    std::fill(dot, dot + n, 0.0f);
    for (int64_t i = 0; i < k; ++i)
        map(
            dot, n, [](V s, V a, V b) HWY_ATTR { return hn::MulAdd(a, b, s); }, dot, dy + i * stride, y + i * stride);
    for (int64_t i = 0; i < k; ++i)
        map(
            dx + i * stride, n, [](V a, V b, V s) HWY_ATTR { return hn::Mul(b, hn::Sub(a, s)); }, dy + i * stride,
            y + i * stride, dot);
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(softmax_rows);
HWY_EXPORT(softmax_dx_rows);
HWY_EXPORT(softmax_columns);
HWY_EXPORT(softmax_dx_columns);

constexpr int64_t columns = HWY_NAMESPACE::columns;

/// The tensor as [outer, k, inner].
struct Axes {
    int64_t outer = 1, k = 1, inner = 1;
};

Axes axes_of(const Request& request) {
    const Dims& shape = request.in[0].shape;
    const size_t axis = size_t(request.as<AxisAttrs>().axis);
    Axes a;
    for (size_t i = 0; i < shape.size(); ++i) (i < axis ? a.outer : i == axis ? a.k : a.inner) *= shape[i];
    return a;
}

/// rows(offset, number of rows) or column(offset, number of columns) for every piece.
template <class Rows, class Columns>
void walk(const Axes& a, const Rows& rows, const Columns& column) {
    if (a.inner == 1) {
        parallel_for(a.outer, std::max<int64_t>(1, min_work / 4 / a.k),
                     [&](int64_t begin, int64_t end) { rows(begin * a.k, end - begin); });
        return;
    }
    const int64_t chunks = (a.inner + columns - 1) / columns;
    parallel_for(a.outer * chunks, std::max<int64_t>(1, min_work / 4 / (a.k * std::min(columns, a.inner))),
                 [&](int64_t begin, int64_t end) {
                     for (int64_t t = begin; t < end; ++t) {
                         const int64_t first = t % chunks * columns;
                         column(t / chunks * a.k * a.inner + first, std::min(columns, a.inner - first));
                     }
                 });
}

std::unique_ptr<Kernel> make_softmax(const Request& request, std::string& why) {
    if (!all_f32(request, why)) return nullptr;
    const Axes a = axes_of(request);
    if (a.k == 0) return refuse(why, "no elements"), nullptr;
    auto kernel = make_kernel([a](const Call& call) {
        const float* x = call.in[0].as<float>();
        float* y = call.out[0].as<float>();
        walk(
            a,
            [&](int64_t at, int64_t rows) {
                HWY_DYNAMIC_DISPATCH(softmax_rows)
                (x + at, y + at, rows, a.k);
            },
            [&](int64_t at, int64_t n) {
                HWY_DYNAMIC_DISPATCH(softmax_columns)
                (x + at, y + at, a.k, a.inner, n);
            });
    });
    kernel->in_place = {{0, 0}};
    return kernel;
}

std::unique_ptr<Kernel> make_softmax_dx(const Request& request, std::string& why) {
    if (!all_f32(request, why)) return nullptr;
    const Axes a = axes_of(request);
    if (a.k == 0) return refuse(why, "no elements"), nullptr;
    auto kernel = make_kernel([a](const Call& call) {
        const float *dy = call.in[0].as<float>(), *y = call.in[1].as<float>();
        float* dx = call.out[0].as<float>();
        walk(
            a,
            [&](int64_t at, int64_t rows) {
                HWY_DYNAMIC_DISPATCH(softmax_dx_rows)(dy + at, y + at, dx + at, rows, a.k);
            },
            [&](int64_t at, int64_t n) {
                HWY_DYNAMIC_DISPATCH(softmax_dx_columns)(dy + at, y + at, dx + at, a.k, a.inner, n);
            });
    });
    kernel->in_place = {{0, 0}, {0, 1}};
    return kernel;
}

} // namespace

void add_softmax(Registry& registry) {
    registry.add({"softmax", "cpu.vector.softmax", make_softmax});
    registry.add({"softmax_dx", "cpu.vector.softmax", make_softmax_dx});
}

} // namespace ds::kernels::cpu
#endif
