// All norms are one computation over groups of elements that share a mean and a standard deviation:
// batch norm's groups are channels, group norm's are channels of a sample, layer and rms norm's are rows.
#include "ops/norm.h"

#include <cmath>

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"
#include "ops/shape_ops.h"

namespace ds::kernels::reference {
namespace {

/// The group and the channel of element i.
struct Grouping {
    std::function<int64_t(int64_t)> group, channel;
    int64_t groups = 0, per_group = 0, channels = 0;
};

Grouping by_channel(const Dims& x) { // batch norm
    const int64_t c = x[1], inner = c && x[0] ? count(x) / (x[0] * c) : 0;
    auto channel = [=](int64_t i) { return i / inner % c; };
    return {channel, channel, c, c ? count(x) / c : 0, c};
}

Grouping by_row(const Dims& x) {
    const int64_t c = x.back();
    return {[=](int64_t i) { return i / c; }, [=](int64_t i) { return i % c; }, c ? count(x) / c : 0, c, c};
}

Grouping by_channel_group(const Dims& x, int64_t groups) {
    const int64_t c = x[1], inner = count(Dims(x.begin() + 2, x.end())), per_group = c / groups * inner;
    return {[=](int64_t i) { return i / per_group; }, [=](int64_t i) { return i / inner % c; }, x[0] * groups,
            per_group, c};
}

struct Statistics {
    std::vector<double> mean, var;
};

template <class T>
Statistics statistics(const TensorView& x, const Grouping& g, bool centred) {
    Statistics s{std::vector<double>(size_t(g.groups), 0), std::vector<double>(size_t(g.groups), 0)};
    if (centred)
        for (int64_t i = 0; i < x.size(); ++i) s.mean[size_t(g.group(i))] += double(x.as<T>()[i]) / double(g.per_group);
    for (int64_t i = 0; i < x.size(); ++i) {
        const size_t k = size_t(g.group(i));
        const double d = double(x.as<T>()[i]) - s.mean[k];
        s.var[k] += d * d / double(g.per_group);
    }
    return s;
}

template <class T>
void normalise(const TensorView& x, const TensorView& scale, const TensorView* bias, const Grouping& g,
               const Statistics& s, double eps, const TensorView& y) {
    for (int64_t i = 0; y.data && i < x.size(); ++i) {
        const size_t k = size_t(g.group(i));
        const int64_t c = g.channel(i);
        const double normal = (double(x.as<T>()[i]) - s.mean[k]) / std::sqrt(s.var[k] + eps);
        y.as<T>()[i] = T(normal * double(scale.as<T>()[c]) + (bias ? double(bias->as<T>()[c]) : 0));
    }
}

template <class T, class F>
void fill(const TensorView& to, F&& value) {
    for (int64_t i = 0; to.data && i < to.size(); ++i) to.as<T>()[i] = T(value(size_t(i)));
}

template <class T>
void store_statistics(const Statistics& s, double eps, const TensorView* mean, const TensorView& rstd) {
    if (mean) fill<T>(*mean, [&](size_t k) { return s.mean[k]; });
    fill<T>(rstd, [&](size_t k) { return 1 / std::sqrt(s.var[k] + eps); });
}

/// dx = rstd * (g - mean(g) - n*mean(g*n)) with g = dy*scale, n the normalised x; without a mean, the middle term is
/// absent.
template <class T>
void backward(const TensorView& dy, const TensorView& x, const TensorView& scale, const TensorView* mean,
              const TensorView& rstd, const Grouping& g, const Call& call) {
    std::vector<double> sum_g(size_t(g.groups), 0), sum_gn(size_t(g.groups), 0), dscale(size_t(g.channels), 0),
        dbias(size_t(g.channels), 0);
    auto normal = [&](int64_t i) {
        const int64_t k = g.group(i);
        return (double(x.as<T>()[i]) - (mean ? double(mean->as<T>()[k]) : 0)) * double(rstd.as<T>()[k]);
    };
    for (int64_t i = 0; i < x.size(); ++i) {
        const size_t k = size_t(g.group(i)), c = size_t(g.channel(i));
        const double d = double(dy.as<T>()[i]), n = normal(i), weighted = d * double(scale.as<T>()[c]);
        sum_g[k] += weighted;
        sum_gn[k] += weighted * n;
        dscale[c] += d * n;
        dbias[c] += d;
    }
    for (int64_t i = 0; call.out[0].data && i < x.size(); ++i) {
        const size_t k = size_t(g.group(i));
        const double weighted = double(dy.as<T>()[i]) * double(scale.as<T>()[g.channel(i)]);
        const double centre = mean ? sum_g[k] / double(g.per_group) : 0;
        call.out[0].as<T>()[i] =
            T(double(rstd.as<T>()[k]) * (weighted - centre - normal(i) * sum_gn[k] / double(g.per_group)));
    }
    fill<T>(call.out[1], [&](size_t c) { return dscale[c]; });
    if (call.out.size() > 2) fill<T>(call.out[2], [&](size_t c) { return dbias[c]; });
}

std::unique_ptr<Kernel> batch_norm(const Request& r, std::string& why) {
    const double eps = r.as<BatchNormAttrs>().eps;
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const Grouping g = by_channel(call.in[0].shape);
            Statistics s;
            for (int64_t c = 0; c < g.channels; ++c) {
                s.mean.push_back(double(call.in[3].as<T>()[c]));
                s.var.push_back(double(call.in[4].as<T>()[c]));
            }
            normalise<T>(call.in[0], call.in[1], &call.in[2], g, s, eps, call.out[0]);
        };
    });
}

std::unique_ptr<Kernel> batch_norm_train(const Request& r, std::string& why) {
    const auto attrs = attributes<BatchNormAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const Grouping g = by_channel(call.in[0].shape);
            const Statistics s = statistics<T>(call.in[0], g, true);
            normalise<T>(call.in[0], call.in[1], &call.in[2], g, s, attrs.eps, call.out[0]);
            if (call.out[1].data) store_statistics<T>(s, attrs.eps, &call.out[1], call.out[2]);
            else store_statistics<T>(s, attrs.eps, nullptr, call.out[2]);
            const double unbias = g.per_group > 1 ? double(g.per_group) / double(g.per_group - 1) : 1;
            auto running = [&](const TensorView& before, size_t c, double batch) {
                return (1 - attrs.momentum) * double(before.as<T>()[c]) + attrs.momentum * batch;
            };
            fill<T>(call.out[3], [&](size_t c) { return running(call.in[3], c, s.mean[c]); });
            fill<T>(call.out[4], [&](size_t c) { return running(call.in[4], c, s.var[c] * unbias); });
        };
    });
}

std::unique_ptr<Kernel> batch_norm_dx(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return [](const Call& c) {
            backward<T>(c.in[0], c.in[1], c.in[2], &c.in[3], c.in[4], by_channel(c.in[1].shape), c);
        };
    });
}

std::unique_ptr<Kernel> layer_norm(const Request& r, std::string& why) {
    const double eps = r.as<RowNormAttrs>().eps;
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& c) {
            const Grouping g = by_row(c.in[0].shape);
            const Statistics s = statistics<T>(c.in[0], g, true);
            normalise<T>(c.in[0], c.in[1], &c.in[2], g, s, eps, c.out[0]);
            store_statistics<T>(s, eps, &c.out[1], c.out[2]);
        };
    });
}

std::unique_ptr<Kernel> layer_norm_dx(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return
            [](const Call& c) { backward<T>(c.in[0], c.in[1], c.in[2], &c.in[3], c.in[4], by_row(c.in[1].shape), c); };
    });
}

std::unique_ptr<Kernel> rms_norm(const Request& r, std::string& why) {
    const double eps = r.as<RowNormAttrs>().eps;
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& c) {
            const Grouping g = by_row(c.in[0].shape);
            const Statistics s = statistics<T>(c.in[0], g, false);
            normalise<T>(c.in[0], c.in[1], nullptr, g, s, eps, c.out[0]);
            store_statistics<T>(s, eps, nullptr, c.out[1]);
        };
    });
}

std::unique_ptr<Kernel> rms_norm_dx(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return
            [](const Call& c) { backward<T>(c.in[0], c.in[1], c.in[2], nullptr, c.in[3], by_row(c.in[1].shape), c); };
    });
}

std::unique_ptr<Kernel> group_norm(const Request& r, std::string& why) {
    const auto attrs = attributes<GroupNormAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& c) {
            const Grouping g = by_channel_group(c.in[0].shape, attrs.groups);
            const Statistics s = statistics<T>(c.in[0], g, true);
            normalise<T>(c.in[0], c.in[1], &c.in[2], g, s, attrs.eps, c.out[0]);
            store_statistics<T>(s, attrs.eps, &c.out[1], c.out[2]);
        };
    });
}

std::unique_ptr<Kernel> group_norm_dx(const Request& r, std::string& why) {
    const int64_t groups = r.as<GroupNormAttrs>().groups;
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& c) {
            backward<T>(c.in[0], c.in[1], c.in[2], &c.in[3], c.in[4], by_channel_group(c.in[1].shape, groups), c);
        };
    });
}

std::unique_ptr<Kernel> softmax(const Request& r, std::string& why) {
    const int64_t axis = r.as<AxisAttrs>().axis;
    return for_floats(r.in[0].dtype, why,
                      [=](auto zero) -> Body {
                          using T = decltype(zero);
                          return [=](const Call& call) {
                              const AroundAxis a(call.in[0].shape, axis);
                              for (int64_t o = 0; o < a.outer; ++o)
                                  for (int64_t i = 0; i < a.inner; ++i) {
                                      const int64_t base = o * a.size * a.inner + i;
                                      const T* x = call.in[0].as<T>() + base;
                                      double top = double(x[0]), sum = 0;
                                      for (int64_t k = 1; k < a.size; ++k) top = std::max(top, double(x[k * a.inner]));
                                      for (int64_t k = 0; k < a.size; ++k)
                                          sum += std::exp(double(x[k * a.inner]) - top);
                                      for (int64_t k = 0; k < a.size; ++k)
                                          call.out[0].as<T>()[base + k * a.inner] =
                                              T(std::exp(double(x[k * a.inner]) - top) / sum);
                                  }
                          };
                      },
                      {{0, 0}});
}

std::unique_ptr<Kernel> softmax_dx(const Request& r, std::string& why) {
    const int64_t axis = r.as<AxisAttrs>().axis;
    return for_floats(r.in[0].dtype, why,
                      [=](auto zero) -> Body {
                          using T = decltype(zero);
                          return [=](const Call& call) {
                              const AroundAxis a(call.in[0].shape, axis);
                              for (int64_t o = 0; o < a.outer; ++o)
                                  for (int64_t i = 0; i < a.inner; ++i) {
                                      const int64_t base = o * a.size * a.inner + i;
                                      const T *dy = call.in[0].as<T>() + base, *y = call.in[1].as<T>() + base;
                                      double dot = 0;
                                      for (int64_t k = 0; k < a.size; ++k)
                                          dot += double(dy[k * a.inner]) * double(y[k * a.inner]);
                                      for (int64_t k = 0; k < a.size; ++k)
                                          call.out[0].as<T>()[base + k * a.inner] =
                                              T(double(y[k * a.inner]) * (double(dy[k * a.inner]) - dot));
                                  }
                          };
                      },
                      {{0, 0}, {0, 1}});
}

} // namespace

void add_norm(Registry& registry) {
    registry.add({"batch_norm", "reference.batch_norm", batch_norm});
    registry.add({"batch_norm_train", "reference.batch_norm_train", batch_norm_train});
    registry.add({"batch_norm_dx", "reference.batch_norm_dx", batch_norm_dx});
    registry.add({"layer_norm", "reference.layer_norm", layer_norm});
    registry.add({"layer_norm_dx", "reference.layer_norm_dx", layer_norm_dx});
    registry.add({"rms_norm", "reference.rms_norm", rms_norm});
    registry.add({"rms_norm_dx", "reference.rms_norm_dx", rms_norm_dx});
    registry.add({"group_norm", "reference.group_norm", group_norm});
    registry.add({"group_norm_dx", "reference.group_norm_dx", group_norm_dx});
    registry.add({"softmax", "reference.softmax", softmax});
    registry.add({"softmax_dx", "reference.softmax_dx", softmax_dx});
}

} // namespace ds::kernels::reference
