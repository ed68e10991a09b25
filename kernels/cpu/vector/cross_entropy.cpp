// cross_entropy and cross_entropy_dx. A row of K logits is read once from memory and stays in a cache for its
// maximum, sum and products. Labels are checked before the threads start.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/cross_entropy.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cmath>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/simd-inl.h"
#include "ops/loss.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

float log_sum_exp(const float* x, int64_t k) {
    const float top = max_of(x, size_t(k));
    if (std::isinf(top)) return top;
    const V shift = set(top);
    const size_t rest = size_t(k) % lanes, whole = size_t(k) - rest; // zeros beyond the end must not count
    double sum = double(sum_of(
        whole, [=](V v) HWY_ATTR { return exp_of(hn::Sub(v, shift)); }, x));
    if (rest) {
        const V e = exp_of(hn::Sub(load_n(x + whole, rest), shift));
        sum += double(hn::GetLane(hn::SumOfLanes(F(), hn::IfThenElseZero(hn::FirstN(F(), rest), e))));
    }
    return float(double(top) + std::log(sum));
}

float row_sum(const float* x, int64_t k) {
    return sum_of(
        size_t(k), [](V v) HWY_ATTR { return v; }, x);
}

float row_dot(const float* a, const float* b, int64_t k) {
    return sum_of(
        size_t(k), [](V u, V v) HWY_ATTR { return hn::Mul(u, v); }, a, b);
}

/// dx = scale*softmax(x) - flat, from the row's log sum exp.
void dx_of_label(const float* x, float lse, float scale, float flat, float* dx, int64_t k) {
    const V shift = set(lse), s = set(scale), f = set(flat);
    map(
        dx, size_t(k), [=](V v) HWY_ATTR { return hn::MulSub(s, exp_of(hn::Sub(v, shift)), f); }, x);
}

/// dx = scale*softmax(x) - weight*target - flat.
void dx_of_target(const float* x, const float* target, float lse, float scale, float weight, float flat, float* dx,
                  int64_t k) {
    const V shift = set(lse), s = set(scale), f = set(flat), w = set(weight);
    map(
        dx, size_t(k),
        [=](V v, V t) HWY_ATTR { return hn::NegMulAdd(w, t, hn::MulSub(s, exp_of(hn::Sub(v, shift)), f)); }, x, target);
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(log_sum_exp);
HWY_EXPORT(row_sum);
HWY_EXPORT(row_dot);
HWY_EXPORT(dx_of_label);
HWY_EXPORT(dx_of_target);

struct Loss {
    int64_t rows = 0, k = 0, ignore = -100;
    double smoothing = 0;
    DType target = DType::i64;
    bool soft() const { return target == DType::f32; }
    int64_t grain() const { return std::max<int64_t>(1, min_work / 8 / k); }
};

int64_t label(const Loss& loss, const TensorView& target, int64_t row) {
    return loss.target == DType::i32 ? target.as<int32_t>()[row] : target.as<int64_t>()[row];
}

/// Error(data) for a label outside of [0, K) that is not ignore_index.
void check_labels(const Loss& loss, const TensorView& target) {
    if (loss.soft()) return;
    for (int64_t row = 0; row < loss.rows; ++row) {
        const int64_t t = label(loss, target, row);
        if (t != loss.ignore && (t < 0 || t >= loss.k))
            fail(Exit::data, "label {} in row {} is outside 0..{}; check the labels or the model's number of classes",
                 t, row, loss.k - 1);
    }
}

void forward_row(const Loss& loss, const Call& call, int64_t r) {
    const float* x = call.in[0].as<float>() + r * loss.k;
    float *out = call.out[0].as<float>(), *lse_out = call.out[1].as<float>();
    const float lse = HWY_DYNAMIC_DISPATCH(log_sum_exp)(x, loss.k);
    if (lse_out) lse_out[r] = lse;
    if (!out) return;
    const double s = loss.smoothing,
                 uniform = s > 0 ? s / double(loss.k) * double(HWY_DYNAMIC_DISPATCH(row_sum)(x, loss.k)) : 0;
    if (loss.soft()) {
        const float* t = call.in[1].as<float>() + r * loss.k;
        const double mass = double(HWY_DYNAMIC_DISPATCH(row_sum)(t, loss.k)),
                     dot = double(HWY_DYNAMIC_DISPATCH(row_dot)(x, t, loss.k));
        out[r] = float(((1 - s) * mass + s) * double(lse) - (1 - s) * dot - uniform);
        return;
    }
    const int64_t t = label(loss, call.in[1], r);
    out[r] = t == loss.ignore ? 0 : float(double(lse) - (1 - s) * double(x[t]) - uniform);
}

void backward_row(const Loss& loss, const Call& call, int64_t r) {
    const float dloss = call.in[0].as<float>()[r], lse = call.in[3].as<float>()[r];
    const float* x = call.in[1].as<float>() + r * loss.k;
    float* dx = call.out[0].as<float>() + r * loss.k;
    const float s = float(loss.smoothing), flat = dloss * s / float(loss.k);
    if (loss.soft()) {
        const float* t = call.in[2].as<float>() + r * loss.k;
        const float mass = (1 - s) * HWY_DYNAMIC_DISPATCH(row_sum)(t, loss.k) + s;
        HWY_DYNAMIC_DISPATCH(dx_of_target)(x, t, lse, dloss * mass, dloss * (1 - s), flat, dx, loss.k);
        return;
    }
    const int64_t t = label(loss, call.in[2], r);
    if (t == loss.ignore) {
        std::fill(dx, dx + loss.k, 0.0f);
        return;
    }
    HWY_DYNAMIC_DISPATCH(dx_of_label)(x, lse, dloss, flat, dx, loss.k);
    dx[t] -= dloss * (1 - s);
}

bool read(const Request& request, size_t logits, size_t target, Loss& loss, std::string& why) {
    for (size_t i = 0; i < request.in.size(); ++i)
        if (i != target && request.in[i].dtype != DType::f32) return refuse(why, "needs f32");
    const auto& attrs = request.as<CrossEntropyAttrs>();
    loss.target = request.in[target].dtype;
    if (loss.target != DType::f32 && loss.target != DType::i32 && loss.target != DType::i64)
        return refuse(why, "targets are neither f32, i32 nor i64");
    loss.k = request.in[logits].shape.back();
    loss.rows = count(request.in[logits].shape) / std::max<int64_t>(1, loss.k);
    loss.smoothing = attrs.smoothing;
    loss.ignore = attrs.ignore_index;
    return loss.k > 0 || refuse(why, "no classes");
}

std::unique_ptr<Kernel> make_loss(const Request& request, std::string& why) {
    Loss loss;
    if (!read(request, 0, 1, loss, why)) return nullptr;
    return make_kernel([loss](const Call& call) {
        check_labels(loss, call.in[1]);
        parallel_for(loss.rows, loss.grain(), [&](int64_t begin, int64_t end) {
            for (int64_t r = begin; r < end; ++r) forward_row(loss, call, r);
        });
    });
}

std::unique_ptr<Kernel> make_dx(const Request& request, std::string& why) {
    Loss loss;
    if (!read(request, 1, 2, loss, why)) return nullptr;
    auto kernel = make_kernel([loss](const Call& call) {
        check_labels(loss, call.in[2]);
        parallel_for(loss.rows, loss.grain(), [&](int64_t begin, int64_t end) {
            for (int64_t r = begin; r < end; ++r) backward_row(loss, call, r);
        });
    });
    kernel->in_place = {{0, 1}};
    return kernel;
}

} // namespace

void add_cross_entropy(Registry& registry) {
    registry.add({"cross_entropy", "cpu.vector.cross_entropy", make_loss});
    registry.add({"cross_entropy_dx", "cpu.vector.cross_entropy", make_dx});
}

} // namespace ds::kernels::cpu
#endif
