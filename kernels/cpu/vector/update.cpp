// sgd_update, adam_update, ema_update: each slot is read once and written once, in place where the planner
// likes. global_norm: squares summed in double over chunks of fixed size, so any thread count agrees.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/update.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/simd-inl.h"
#include "kernels/cpu/vector/update.h"
#include "ops/update.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

void sgd(const SgdStep& s, const float* w, const float* g, const float* m, float* w_out, float* m_out, int64_t n) {
    const V lr = set(s.lr), scale = set(s.scale), decay = set(s.decay), mu = set(s.momentum);
    const auto gradient = [=](V weight, V grad) HWY_ATTR { return hn::MulAdd(decay, weight, hn::Mul(scale, grad)); };
    if (!m) {
        map(
            w_out, size_t(n), [=](V a, V b) HWY_ATTR { return hn::NegMulAdd(lr, gradient(a, b), a); }, w, g);
        return;
    }
    const auto step = [&](int64_t i, auto get, auto put) HWY_ATTR {
        const V weight = get(w + i), grad = gradient(weight, get(g + i));
        const V momentum = hn::MulAdd(mu, get(m + i), grad);
        put(momentum, m_out + i);
        put(hn::NegMulAdd(lr, s.nesterov ? hn::MulAdd(mu, momentum, grad) : momentum, weight), w_out + i);
    };
    int64_t i = 0;
    for (; i + int64_t(lanes) <= n; i += int64_t(lanes))
        step(
            i, [](const float* p) HWY_ATTR { return load(p); }, [](V v, float* p) HWY_ATTR { store(v, p); });
    const size_t rest = size_t(n - i);
    if (rest)
        step(
            i, [=](const float* p) HWY_ATTR { return load_n(p, rest); },
            [=](V v, float* p) HWY_ATTR { store_n(v, p, rest); });
}

void adam(const AdamStep& s, const float* w, const float* g, const float* m, const float* v, float* w_out, float* m_out,
          float* v_out, int64_t n) {
    const V scale = set(s.scale), keep = set(s.keep), decay = set(s.decay), eps = set(s.eps);
    const V beta1 = set(s.beta1), beta2 = set(s.beta2), rest1 = set(s.rest1), rest2 = set(s.rest2);
    const V rate = set(s.rate), root = set(s.root);
    const auto step = [&](int64_t i, auto get, auto put) HWY_ATTR {
        const V weight = get(w + i), grad = hn::MulAdd(decay, weight, hn::Mul(scale, get(g + i)));
        const V first = hn::MulAdd(beta1, get(m + i), hn::Mul(rest1, grad));
        const V second = hn::MulAdd(beta2, get(v + i), hn::Mul(rest2, hn::Mul(grad, grad)));
        put(first, m_out + i);
        put(second, v_out + i);
        const V below = hn::MulAdd(hn::Sqrt(second), root, eps);
        put(hn::NegMulAdd(rate, hn::Div(first, below), hn::Mul(keep, weight)), w_out + i);
    };
    int64_t i = 0;
    for (; i + int64_t(lanes) <= n; i += int64_t(lanes))
        step(
            i, [](const float* p) HWY_ATTR { return load(p); }, [](V x, float* p) HWY_ATTR { store(x, p); });
    const size_t rest = size_t(n - i);
    if (rest)
        step(
            i, [=](const float* p) HWY_ATTR { return load_n(p, rest); },
            [=](V x, float* p) HWY_ATTR { store_n(x, p, rest); });
}

void ema(float decay, float fresh, const float* e, const float* w, float* out, int64_t n) {
    const V d = set(decay), f = set(fresh);
    map(
        out, size_t(n), [=](V a, V b) HWY_ATTR { return hn::MulAdd(d, a, hn::Mul(f, b)); }, e, w);
}

double sum_of_squares(const float* x, int64_t n) {
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> half;
    const int64_t width = int64_t(hn::Lanes(d));
    auto s0 = hn::Zero(d), s1 = s0;
    int64_t i = 0;
    for (; i + 2 * width <= n; i += 2 * width) {
        const auto a = hn::PromoteTo(d, hn::LoadU(half, x + i)), b = hn::PromoteTo(d, hn::LoadU(half, x + i + width));
        s0 = hn::MulAdd(a, a, s0);
        s1 = hn::MulAdd(b, b, s1);
    }
    double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1)));
    for (; i < n; ++i) sum += double(x[i]) * double(x[i]);
    return sum;
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(sgd);
HWY_EXPORT(adam);
HWY_EXPORT(ema);
HWY_EXPORT(sum_of_squares);

/// apply == false: every output is its input.
void keep_all(const Call& call, std::initializer_list<std::pair<int, int>> slots, int64_t n) {
    for (const auto& [out, in] : slots) {
        std::byte *to = call.out[size_t(out)].data, *from = call.in[size_t(in)].data;
        if (to && to != from) std::memcpy(to, from, size_t(n) * sizeof(float));
    }
}

float scalar(const Call& call, size_t i) { return call.in[i].as<float>()[0]; }
bool applies(const Call& call, size_t i) { return *call.in[i].data != std::byte{0}; }

bool update_types(const Request& request, size_t apply, size_t step, std::string& why) {
    for (size_t i = 0; i < request.in.size(); ++i)
        if (i != apply && i != step && request.in[i].dtype != DType::f32) return refuse(why, "needs f32");
    for (const Operand& o : request.out)
        if (!o.used) return refuse(why, "an output that nobody reads");
    return true;
}

std::unique_ptr<Kernel> make_sgd(const Request& request, std::string& why) {
    if (!update_types(request, 4, 4, why)) return nullptr;
    const SgdAttrs attrs = request.as<SgdAttrs>();
    const int64_t n = count(request.in[0].shape);
    const bool momentum = request.in.size() > 5;
    auto kernel = make_kernel([=](const Call& call) {
        if (!applies(call, 4)) {
            if (momentum) keep_all(call, {{0, 0}, {1, 5}}, n);
            else keep_all(call, {{0, 0}}, n);
            return;
        }
        const SgdStep s{scalar(call, 2), scalar(call, 3), float(attrs.weight_decay), float(attrs.momentum),
                        attrs.nesterov};
        const float *w = call.in[0].as<float>(), *g = call.in[1].as<float>();
        const float* m = momentum ? call.in[5].as<float>() : nullptr;
        float *w_out = call.out[0].as<float>(), *m_out = momentum ? call.out[1].as<float>() : nullptr;
        parallel_for(n, min_work / 4, [&](int64_t b, int64_t e) {
            HWY_DYNAMIC_DISPATCH(sgd)
            (s, w + b, g + b, m ? m + b : nullptr, w_out + b, m_out ? m_out + b : nullptr, e - b);
        });
    });
    kernel->in_place = {{0, 0}};
    if (momentum) kernel->in_place.push_back({1, 5});
    return kernel;
}

std::unique_ptr<Kernel> make_adam(const Request& request, std::string& why) {
    if (!update_types(request, 4, 7, why)) return nullptr;
    const AdamAttrs a = request.as<AdamAttrs>();
    const int64_t n = count(request.in[0].shape);
    auto kernel = make_kernel([=](const Call& call) {
        if (!applies(call, 4)) return keep_all(call, {{0, 0}, {1, 5}, {2, 6}}, n);
        const double t = double(call.in[7].as<int64_t>()[0]), lr = double(scalar(call, 2));
        AdamStep s;
        s.scale = scalar(call, 3);
        s.decay = a.decoupled ? 0 : float(a.weight_decay);
        s.keep = a.decoupled ? float(1 - lr * a.weight_decay) : 1;
        s.beta1 = float(a.beta1);
        s.beta2 = float(a.beta2);
        s.rest1 = float(1 - a.beta1);
        s.rest2 = float(1 - a.beta2);
        s.eps = float(a.eps);
        s.rate = float(lr / (1 - std::pow(a.beta1, t)));
        s.root = float(1 / std::sqrt(1 - std::pow(a.beta2, t)));
        const float *w = call.in[0].as<float>(), *g = call.in[1].as<float>(), *m = call.in[5].as<float>(),
                    *v = call.in[6].as<float>();
        float *w_out = call.out[0].as<float>(), *m_out = call.out[1].as<float>(), *v_out = call.out[2].as<float>();
        parallel_for(n, min_work / 8, [&](int64_t b, int64_t e) {
            HWY_DYNAMIC_DISPATCH(adam)(s, w + b, g + b, m + b, v + b, w_out + b, m_out + b, v_out + b, e - b);
        });
    });
    kernel->in_place = {{0, 0}, {1, 5}, {2, 6}};
    return kernel;
}

std::unique_ptr<Kernel> make_ema(const Request& request, std::string& why) {
    if (!update_types(request, 2, 2, why)) return nullptr;
    const double decay = request.as<EmaAttrs>().decay;
    const int64_t n = count(request.in[0].shape);
    auto kernel = make_kernel([=](const Call& call) {
        if (!applies(call, 2)) return keep_all(call, {{0, 0}}, n);
        const float *e = call.in[0].as<float>(), *w = call.in[1].as<float>();
        float* out = call.out[0].as<float>();
        parallel_for(n, min_work / 4, [&](int64_t b, int64_t end) {
            HWY_DYNAMIC_DISPATCH(ema)(float(decay), float(1 - decay), e + b, w + b, out + b, end - b);
        });
    });
    kernel->in_place = {{0, 0}};
    return kernel;
}

constexpr int64_t norm_chunk = 65536;

std::unique_ptr<Kernel> make_norm(const Request& request, std::string& why) {
    if (!all_f32(request, why)) return nullptr;
    struct Chunk {
        size_t input;
        int64_t begin, count;
    };
    std::vector<Chunk> chunks;
    for (size_t i = 0; i < request.in.size(); ++i)
        for (int64_t at = 0, n = count(request.in[i].shape); at < n; at += norm_chunk)
            chunks.push_back({i, at, std::min(norm_chunk, n - at)});
    auto kernel = make_kernel([chunks](const Call& call) {
        double* partial = reinterpret_cast<double*>(call.scratch);
        parallel_for(int64_t(chunks.size()), 1, [&](int64_t begin, int64_t end) {
            for (int64_t c = begin; c < end; ++c) {
                const Chunk& k = chunks[size_t(c)];
                partial[c] = HWY_DYNAMIC_DISPATCH(sum_of_squares)(call.in[k.input].as<float>() + k.begin, k.count);
            }
        });
        double sum = 0;
        for (size_t c = 0; c < chunks.size(); ++c) sum += partial[c];
        call.out[0].as<float>()[0] = float(std::sqrt(sum));
    });
    kernel->scratch = chunks.size() * sizeof(double);
    return kernel;
}

} // namespace

void add_update(Registry& registry) {
    registry.add({"sgd_update", "cpu.vector.update", make_sgd});
    registry.add({"adam_update", "cpu.vector.update", make_adam});
    registry.add({"ema_update", "cpu.vector.update", make_ema});
    registry.add({"global_norm", "cpu.vector.norm", make_norm});
}

} // namespace ds::kernels::cpu
#endif
