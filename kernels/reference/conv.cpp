#include "ops/conv.h"

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

/// Calls body(output element, input element, weight element) for every product of a convolution of x by w into y.
template <class F>
void for_each_product(const ConvAttrs& c, const Dims& x, const Dims& w, const Dims& y, F&& body) {
    const int64_t outputs_per_group = y[1] / c.groups;
    for (int64_t n = 0; n < y[0]; ++n)
        for (int64_t o = 0; o < y[1]; ++o)
            for (int64_t i = 0; i < y[2]; ++i)
                for (int64_t j = 0; j < y[3]; ++j)
                    for (int64_t ch = 0; ch < w[1]; ++ch)
                        for (int64_t p = 0; p < w[2]; ++p)
                            for (int64_t q = 0; q < w[3]; ++q) {
                                const int64_t row = i * c.stride[0] - c.pad[0] + p * c.dilation[0];
                                const int64_t column = j * c.stride[1] - c.pad[1] + q * c.dilation[1];
                                if (row < 0 || row >= x[2] || column < 0 || column >= x[3]) continue;
                                const int64_t channel = o / outputs_per_group * w[1] + ch;
                                body(((n * y[1] + o) * y[2] + i) * y[3] + j,
                                     ((n * x[1] + channel) * x[2] + row) * x[3] + column,
                                     ((o * w[1] + ch) * w[2] + p) * w[3] + q);
                            }
}

template <class T>
void store(const TensorView& to, const std::vector<double>& sums) {
    for (size_t i = 0; i < sums.size(); ++i) to.as<T>()[i] = T(sums[i]);
}

std::unique_ptr<Kernel> conv2d(const Request& r, std::string& why) {
    const auto attrs = attributes<ConvAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &x = call.in[0], &w = call.in[1], &y = call.out[0];
            std::vector<double> sums(size_t(y.size()), 0);
            if (call.in.size() > 2)
                for (int64_t i = 0; i < y.size(); ++i)
                    sums[size_t(i)] = double(call.in[2].as<T>()[i / (y.shape[2] * y.shape[3]) % y.shape[1]]);
            for_each_product(attrs, x.shape, w.shape, y.shape, [&](int64_t i, int64_t j, int64_t k) {
                sums[size_t(i)] += double(x.as<T>()[j]) * double(w.as<T>()[k]);
            });
            store<T>(y, sums);
        };
    });
}

std::unique_ptr<Kernel> conv2d_dx(const Request& r, std::string& why) {
    const auto attrs = attributes<ConvGradAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &dy = call.in[0], &w = call.in[1], &dx = call.out[0];
            std::vector<double> sums(size_t(dx.size()), 0);
            for_each_product(attrs.conv, dx.shape, w.shape, dy.shape, [&](int64_t i, int64_t j, int64_t k) {
                sums[size_t(j)] += double(dy.as<T>()[i]) * double(w.as<T>()[k]);
            });
            store<T>(dx, sums);
        };
    });
}

std::unique_ptr<Kernel> conv2d_dw(const Request& r, std::string& why) {
    const auto attrs = attributes<ConvGradAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &x = call.in[0], &dy = call.in[1];
            if (const TensorView& dw = call.out[0]; dw.data) {
                std::vector<double> sums(size_t(dw.size()), 0);
                for_each_product(attrs.conv, x.shape, dw.shape, dy.shape, [&](int64_t i, int64_t j, int64_t k) {
                    sums[size_t(k)] += double(x.as<T>()[j]) * double(dy.as<T>()[i]);
                });
                store<T>(dw, sums);
            }
            if (call.out.size() < 2 || !call.out[1].data) return;
            std::vector<double> sums(size_t(dy.shape[1]), 0);
            for (int64_t i = 0; i < dy.size(); ++i)
                sums[size_t(i / (dy.shape[2] * dy.shape[3]) % dy.shape[1])] += double(dy.as<T>()[i]);
            store<T>(call.out[1], sums);
        };
    });
}

/// Calls body(plane of the image, output element, place in the window, input element) for each element of each window.
template <class F>
void for_each_window_element(const PoolAttrs& p, const Dims& x, const Dims& y, F&& body) {
    for (int64_t plane = 0; plane < y[0] * y[1]; ++plane)
        for (int64_t i = 0; i < y[2]; ++i)
            for (int64_t j = 0; j < y[3]; ++j)
                for (int64_t u = 0; u < p.kernel[0]; ++u)
                    for (int64_t v = 0; v < p.kernel[1]; ++v) {
                        const int64_t row = i * p.stride[0] - p.pad[0] + u, column = j * p.stride[1] - p.pad[1] + v;
                        if (row < 0 || row >= x[2] || column < 0 || column >= x[3]) continue;
                        body((plane * y[2] + i) * y[3] + j, u * p.kernel[1] + v, (plane * x[2] + row) * x[3] + column);
                    }
}

std::unique_ptr<Kernel> max_pool2d(const Request& r, std::string& why) {
    const auto attrs = attributes<PoolAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &x = call.in[0], &y = call.out[0];
            std::vector<int64_t> best(size_t(y.size()), -1), place(size_t(y.size()), 0);
            for_each_window_element(attrs, x.shape, y.shape, [&](int64_t out, int64_t at, int64_t in) {
                int64_t& b = best[size_t(out)];
                if (b >= 0 && !(x.as<T>()[in] > x.as<T>()[b]) && x.as<T>()[in] == x.as<T>()[in]) return;
                b = in;
                place[size_t(out)] = at;
            });
            for (int64_t i = 0; i < y.size(); ++i) {
                if (y.data) y.as<T>()[i] = x.as<T>()[best[size_t(i)]];
                if (call.out[1].data) call.out[1].as<uint8_t>()[i] = uint8_t(place[size_t(i)]);
            }
        };
    });
}

std::unique_ptr<Kernel> max_pool2d_dx(const Request& r, std::string& why) {
    const auto attrs = attributes<PoolGradAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &dy = call.in[0], &dx = call.out[0];
            std::vector<double> sums(size_t(dx.size()), 0);
            for_each_window_element(attrs.pool, dx.shape, dy.shape, [&](int64_t out, int64_t at, int64_t in) {
                if (call.in[1].as<uint8_t>()[out] == at) sums[size_t(in)] += double(dy.as<T>()[out]);
            });
            store<T>(dx, sums);
        };
    });
}

/// How many elements each window is divided by.
std::vector<int64_t> divisors(const PoolAttrs& p, const Dims& x, const Dims& y) {
    std::vector<int64_t> n(size_t(count(y)), p.count_pad ? p.kernel[0] * p.kernel[1] : 0);
    if (!p.count_pad) for_each_window_element(p, x, y, [&](int64_t out, int64_t, int64_t) { ++n[size_t(out)]; });
    return n;
}

std::unique_ptr<Kernel> avg_pool2d(const Request& r, std::string& why) {
    const auto attrs = attributes<PoolAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &x = call.in[0], &y = call.out[0];
            const std::vector<int64_t> n = divisors(attrs, x.shape, y.shape);
            std::vector<double> sums(size_t(y.size()), 0);
            for_each_window_element(attrs, x.shape, y.shape, [&](int64_t out, int64_t, int64_t in) {
                sums[size_t(out)] += double(x.as<T>()[in]);
            });
            for (size_t i = 0; i < sums.size(); ++i) y.as<T>()[i] = T(sums[i] / double(n[i]));
        };
    });
}

std::unique_ptr<Kernel> avg_pool2d_dx(const Request& r, std::string& why) {
    const auto attrs = attributes<PoolGradAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &dy = call.in[0], &dx = call.out[0];
            const std::vector<int64_t> n = divisors(attrs.pool, dx.shape, dy.shape);
            std::vector<double> sums(size_t(dx.size()), 0);
            for_each_window_element(attrs.pool, dx.shape, dy.shape, [&](int64_t out, int64_t, int64_t in) {
                sums[size_t(in)] += double(dy.as<T>()[out]) / double(n[size_t(out)]);
            });
            store<T>(dx, sums);
        };
    });
}

} // namespace

void add_conv(Registry& registry) {
    registry.add({"conv2d", "reference.conv2d", conv2d});
    registry.add({"conv2d_dx", "reference.conv2d_dx", conv2d_dx});
    registry.add({"conv2d_dw", "reference.conv2d_dw", conv2d_dw});
    registry.add({"max_pool2d", "reference.max_pool2d", max_pool2d});
    registry.add({"max_pool2d_dx", "reference.max_pool2d_dx", max_pool2d_dx});
    registry.add({"avg_pool2d", "reference.avg_pool2d", avg_pool2d});
    registry.add({"avg_pool2d_dx", "reference.avg_pool2d_dx", avg_pool2d_dx});
}

} // namespace ds::kernels::reference
