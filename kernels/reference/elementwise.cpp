#include "ops/elementwise.h"

#include <cmath>

#include "base/number_cast.h"
#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

constexpr double half_root2 = 0.70710678118654752440, inv_root_2pi = 0.39894228040143267794,
                 root_2_by_pi = 0.79788456080286535588;

double sigmoid(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
double gelu_tanh_inner(double x) { return root_2_by_pi * (x + 0.044715 * x * x * x); }

double value(const UnaryAttrs& a, double x) {
    switch (a.kind) {
    case UnaryKind::identity: return x;
    case UnaryKind::neg: return -x;
    case UnaryKind::abs: return std::abs(x);
    case UnaryKind::sign: return double(x > 0) - double(x < 0);
    case UnaryKind::exp: return std::exp(x);
    case UnaryKind::log: return std::log(x);
    case UnaryKind::sqrt: return std::sqrt(x);
    case UnaryKind::rsqrt: return 1 / std::sqrt(x);
    case UnaryKind::square: return x * x;
    case UnaryKind::reciprocal: return 1 / x;
    case UnaryKind::relu: return x > 0 || std::isnan(x) ? x : 0;
    case UnaryKind::leaky_relu: return x > 0 ? x : a.alpha * x;
    case UnaryKind::gelu: return 0.5 * x * (1 + std::erf(x * half_root2));
    case UnaryKind::gelu_tanh: return 0.5 * x * (1 + std::tanh(gelu_tanh_inner(x)));
    case UnaryKind::silu: return x * sigmoid(x);
    case UnaryKind::sigmoid: return sigmoid(x);
    case UnaryKind::tanh: return std::tanh(x);
    case UnaryKind::softplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case UnaryKind::affine: return a.alpha * x + a.beta;
    case UnaryKind::clamp: return std::min(std::max(x, a.alpha), a.beta);
    case UnaryKind::is_finite: return std::isfinite(x);
    case UnaryKind::logical_not: return x == 0;
    }
    return 0;
}

/// The derivative; r is y where gradient_uses_output(kind), else x.
double derivative(const UnaryAttrs& a, double r) {
    switch (a.kind) {
    case UnaryKind::identity: return 1;
    case UnaryKind::neg: return -1;
    case UnaryKind::abs: return double(r > 0) - double(r < 0);
    case UnaryKind::exp: return r;
    case UnaryKind::log: return 1 / r;
    case UnaryKind::sqrt: return 0.5 / r;
    case UnaryKind::rsqrt: return -0.5 * r * r * r;
    case UnaryKind::square: return 2 * r;
    case UnaryKind::reciprocal: return -r * r;
    case UnaryKind::relu: return r > 0 ? 1 : 0;
    case UnaryKind::leaky_relu: return r > 0 ? 1 : a.alpha;
    case UnaryKind::gelu: return 0.5 * (1 + std::erf(r * half_root2)) + r * inv_root_2pi * std::exp(-0.5 * r * r);
    case UnaryKind::gelu_tanh: {
        const double t = std::tanh(gelu_tanh_inner(r));
        return 0.5 * (1 + t) + 0.5 * r * (1 - t * t) * root_2_by_pi * (1 + 3 * 0.044715 * r * r);
    }
    case UnaryKind::silu: return sigmoid(r) * (1 + r * (1 - sigmoid(r)));
    case UnaryKind::sigmoid: return r * (1 - r);
    case UnaryKind::tanh: return 1 - r * r;
    case UnaryKind::softplus: return sigmoid(r);
    case UnaryKind::affine: return a.alpha;
    case UnaryKind::clamp: return r >= a.alpha && r <= a.beta ? 1 : 0;
    default: return 0; // sign, is_finite, logical_not
    }
}

std::unique_ptr<Kernel> unary(const Request& r, std::string& why) {
    const auto attrs = attributes<UnaryAttrs>(r);
    const DType out = r.out[0].dtype;
    return for_numbers(
        r.in[0].dtype, why,
        [=](auto zero) -> Body {
            using T = decltype(zero);
            return [=](const Call& call) {
                for (int64_t i = 0; i < call.in[0].size(); ++i) {
                    const T x = call.in[0].as<T>()[i];
                    if (out == DType::boolean) call.out[0].as<bool>()[i] = value(attrs, double(x)) != 0;
                    else
                        call.out[0].as<T>()[i] =
                            attrs.kind == UnaryKind::identity ? x : number_cast<T>(value(attrs, double(x)));
                }
            };
        },
        out == r.in[0].dtype ? std::vector<std::pair<int, int>>{{0, 0}} : std::vector<std::pair<int, int>>{});
}

std::unique_ptr<Kernel> unary_dx(const Request& r, std::string& why) {
    const auto attrs = attributes<UnaryAttrs>(r);
    return for_floats(r.in[0].dtype, why,
                      [=](auto zero) -> Body {
                          using T = decltype(zero);
                          return [=](const Call& call) {
                              for (int64_t i = 0; i < call.out[0].size(); ++i)
                                  call.out[0].as<T>()[i] = T(double(call.in[0].as<T>()[i]) *
                                                             derivative(attrs, double(call.in[1].as<T>()[i])));
                          };
                      },
                      {{0, 0}, {0, 1}});
}

/// Integers wrap; a division by zero gives 0, and the one quotient that has no place in its type wraps, too.
template <class T>
T arithmetic(BinaryKind kind, T a, T b) {
    using Wide = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;
    switch (kind) {
    case BinaryKind::add: return static_cast<T>(static_cast<Wide>(a) + static_cast<Wide>(b));
    case BinaryKind::sub: return static_cast<T>(static_cast<Wide>(a) - static_cast<Wide>(b));
    case BinaryKind::mul: return static_cast<T>(static_cast<Wide>(a) * static_cast<Wide>(b));
    case BinaryKind::div:
        if constexpr (!std::is_integral_v<T>) return a / b;
        else if (b == 0) return 0;
        else if (std::is_signed_v<T> && b == static_cast<T>(-1)) return arithmetic<T>(BinaryKind::sub, 0, a);
        else return static_cast<T>(a / b);
    case BinaryKind::max: return a > b || a != a ? a : b;
    case BinaryKind::min: return a < b || a != a ? a : b;
    default: return number_cast<T>(std::pow(double(a), double(b)));
    }
}

template <class T>
bool comparison(BinaryKind kind, T a, T b) {
    switch (kind) {
    case BinaryKind::eq: return a == b;
    case BinaryKind::ne: return a != b;
    case BinaryKind::lt: return a < b;
    case BinaryKind::le: return a <= b;
    case BinaryKind::gt: return a > b;
    case BinaryKind::ge: return a >= b;
    case BinaryKind::logical_and: return a && b;
    default: return a || b;
    }
}

std::unique_ptr<Kernel> binary(const Request& r, std::string& why) {
    const BinaryKind kind = r.as<BinaryAttrs>().kind;
    return for_numbers(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &a = call.in[0], &b = call.in[1], &y = call.out[0];
            for_each_index(y.shape, [&](const Dims& index, int64_t i) {
                const T u = a.as<T>()[broadcast_offset(a.shape, index)],
                        v = b.as<T>()[broadcast_offset(b.shape, index)];
                if (kind >= BinaryKind::eq) y.as<bool>()[i] = comparison(kind, u, v);
                else if constexpr (!std::is_same_v<T, bool>) y.as<T>()[i] = arithmetic(kind, u, v);
            });
        };
    });
}

std::unique_ptr<Kernel> select(const Request& r, std::string& why) {
    return for_numbers(r.in[1].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return [](const Call& call) {
            const TensorView &c = call.in[0], &a = call.in[1], &b = call.in[2];
            for_each_index(call.out[0].shape, [&](const Dims& index, int64_t i) {
                const TensorView& from = c.as<bool>()[broadcast_offset(c.shape, index)] ? a : b;
                call.out[0].as<T>()[i] = from.as<T>()[broadcast_offset(from.shape, index)];
            });
        };
    });
}

template <class From>
void cast_from(const TensorView& x, const TensorView& y) {
    std::string ignored;
    for_numbers(y.dtype, ignored, [&](auto zero) -> Body {
        using To = decltype(zero);
        for (int64_t i = 0; i < x.size(); ++i) y.as<To>()[i] = number_cast<To>(x.as<From>()[i]);
        return {};
    });
}

std::unique_ptr<Kernel> cast(const Request& r, std::string& why) {
    if (!for_numbers(r.out[0].dtype, why, [](auto) -> Body { return {}; })) return nullptr;
    return for_numbers(r.in[0].dtype, why, [](auto zero) -> Body {
        using From = decltype(zero);
        return [](const Call& call) { cast_from<From>(call.in[0], call.out[0]); };
    });
}

std::unique_ptr<Kernel> constant(const Request& r, std::string& why) {
    const std::vector<Number> values = r.as<ConstantAttrs>().values;
    return for_numbers(r.out[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            for (int64_t i = 0; i < call.out[0].size(); ++i)
                call.out[0].as<T>()[i] = values[values.size() == 1 ? 0 : size_t(i)].to<T>();
        };
    });
}

} // namespace

void add_elementwise(Registry& registry) {
    registry.add({"constant", "reference.constant", constant});
    registry.add({"unary", "reference.unary", unary});
    registry.add({"unary_dx", "reference.unary_dx", unary_dx});
    registry.add({"binary", "reference.binary", binary});
    registry.add({"select", "reference.select", select});
    registry.add({"cast", "reference.cast", cast});
}

} // namespace ds::kernels::reference
