#include "ops/linear.h"

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

std::unique_ptr<Kernel> matmul(const Request& r, std::string& why) {
    const auto attrs = attributes<MatmulAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &a = call.in[0], &b = call.in[1], &y = call.out[0];
            const size_t rank = y.shape.size();
            const int64_t m = y.shape[rank - 2], n = y.shape[rank - 1];
            const int64_t k = a.shape[a.shape.size() - (attrs.ta ? 2 : 1)];
            const Dims batch(y.shape.begin(), y.shape.end() - 2);
            const Dims batch_a(a.shape.begin(), a.shape.end() - 2), batch_b(b.shape.begin(), b.shape.end() - 2);
            for_each_index(batch, [&](const Dims& index, int64_t at) {
                const T* pa = a.as<T>() + broadcast_offset(batch_a, index) * m * k;
                const T* pb = b.as<T>() + broadcast_offset(batch_b, index) * k * n;
                for (int64_t i = 0; i < m; ++i)
                    for (int64_t j = 0; j < n; ++j) {
                        double sum = 0;
                        for (int64_t l = 0; l < k; ++l)
                            sum += double(pa[attrs.ta ? l * m + i : i * k + l]) *
                                   double(pb[attrs.tb ? j * k + l : l * n + j]);
                        y.as<T>()[(at * m + i) * n + j] = T(sum);
                    }
            });
        };
    });
}

std::unique_ptr<Kernel> linear(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return [](const Call& call) {
            const TensorView& w = call.in[1];
            const int64_t outputs = w.shape[0], inputs = w.shape[1], rows = inputs ? call.in[0].size() / inputs : 0;
            for (int64_t row = 0; row < rows; ++row)
                for (int64_t o = 0; o < outputs; ++o) {
                    double sum = call.in.size() > 2 ? double(call.in[2].as<T>()[o]) : 0;
                    for (int64_t i = 0; i < inputs; ++i)
                        sum += double(call.in[0].as<T>()[row * inputs + i]) * double(w.as<T>()[o * inputs + i]);
                    call.out[0].as<T>()[row * outputs + o] = T(sum);
                }
        };
    });
}

std::unique_ptr<Kernel> linear_dx(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return [](const Call& call) {
            const TensorView& w = call.in[1];
            const int64_t outputs = w.shape[0], inputs = w.shape[1], rows = outputs ? call.in[0].size() / outputs : 0;
            for (int64_t row = 0; row < rows; ++row)
                for (int64_t i = 0; i < inputs; ++i) {
                    double sum = 0;
                    for (int64_t o = 0; o < outputs; ++o)
                        sum += double(call.in[0].as<T>()[row * outputs + o]) * double(w.as<T>()[o * inputs + i]);
                    call.out[0].as<T>()[row * inputs + i] = T(sum);
                }
        };
    });
}

std::unique_ptr<Kernel> linear_dw(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return [](const Call& call) {
            const int64_t inputs = call.in[0].shape.back(), outputs = call.in[1].shape.back();
            const int64_t rows = inputs ? call.in[0].size() / inputs : 0;
            const T *x = call.in[0].as<T>(), *dy = call.in[1].as<T>();
            for (int64_t o = 0; o < outputs; ++o) {
                for (int64_t i = 0; call.out[0].data && i < inputs; ++i) {
                    double sum = 0;
                    for (int64_t row = 0; row < rows; ++row)
                        sum += double(dy[row * outputs + o]) * double(x[row * inputs + i]);
                    call.out[0].as<T>()[o * inputs + i] = T(sum);
                }
                if (call.out.size() < 2 || !call.out[1].data) continue;
                double sum = 0;
                for (int64_t row = 0; row < rows; ++row) sum += double(dy[row * outputs + o]);
                call.out[1].as<T>()[o] = T(sum);
            }
        };
    });
}

} // namespace

void add_linear(Registry& registry) {
    registry.add({"matmul", "reference.matmul", matmul});
    registry.add({"linear", "reference.linear", linear});
    registry.add({"linear_dx", "reference.linear_dx", linear_dx});
    registry.add({"linear_dw", "reference.linear_dw", linear_dw});
}

} // namespace ds::kernels::reference
