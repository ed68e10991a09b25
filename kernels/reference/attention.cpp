#include "ops/attention.h"

#include <cmath>
#include <limits>

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

/// Sizes and addressing of one attention; rows of q, k, v are found by (sample, place, head).
struct Geometry {
    int64_t n, t, h, s, g, d;
    double scale;
    bool causal;
    const TensorView* mask;

    Geometry(const AttentionAttrs& a, const TensorView& q, const TensorView& k, const TensorView* m)
        : n(q.shape[0]),
          t(q.shape[1]),
          h(q.shape[2]),
          s(k.shape[1]),
          g(k.shape[2]),
          d(q.shape[3]),
          scale(a.scale != 0 ? a.scale : 1 / std::sqrt(double(d))),
          causal(a.causal),
          mask(m) {}
    int64_t query(int64_t b, int64_t i, int64_t head) const { return ((b * t + i) * h + head) * d; }
    int64_t key(int64_t b, int64_t j, int64_t head) const { return ((b * s + j) * g + head / (h / g)) * d; }
    bool sees(int64_t b, int64_t head, int64_t i, int64_t j) const {
        if (causal && j > i + (s - t)) return false;
        return !mask || mask->as<bool>()[broadcast_offset(mask->shape, {b, head, i, j})];
    }
};

template <class T>
double score(const Geometry& z, const TensorView& q, const TensorView& k, int64_t b, int64_t head, int64_t i,
             int64_t j) {
    double dot = 0;
    for (int64_t c = 0; c < z.d; ++c)
        dot += double(q.as<T>()[z.query(b, i, head) + c]) * double(k.as<T>()[z.key(b, j, head) + c]);
    return dot * z.scale;
}

std::unique_ptr<Kernel> attention(const Request& r, std::string& why) {
    const auto attrs = attributes<AttentionAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &q = call.in[0], &k = call.in[1], &v = call.in[2];
            const Geometry z(attrs, q, k, call.in.size() > 3 ? &call.in[3] : nullptr);
            const double hidden = -std::numeric_limits<double>::infinity();
            std::vector<double> scores(static_cast<size_t>(z.s)), y(static_cast<size_t>(z.d));
            for (int64_t b = 0; b < z.n; ++b)
                for (int64_t head = 0; head < z.h; ++head)
                    for (int64_t i = 0; i < z.t; ++i) {
                        double top = hidden, sum = 0;
                        for (int64_t j = 0; j < z.s; ++j) {
                            scores[size_t(j)] = z.sees(b, head, i, j) ? score<T>(z, q, k, b, head, i, j) : hidden;
                            top = std::max(top, scores[size_t(j)]);
                        }
                        std::fill(y.begin(), y.end(), 0.0);
                        for (int64_t j = 0; j < z.s; ++j) {
                            if (scores[size_t(j)] == hidden) continue;
                            const double p = std::exp(scores[size_t(j)] - top);
                            sum += p;
                            for (int64_t c = 0; c < z.d; ++c)
                                y[size_t(c)] += p * double(v.as<T>()[z.key(b, j, head) + c]);
                        }
                        for (int64_t c = 0; call.out[0].data && c < z.d; ++c)
                            call.out[0].as<T>()[z.query(b, i, head) + c] = T(sum > 0 ? y[size_t(c)] / sum : 0);
                        if (call.out[1].data)
                            call.out[1].as<T>()[(b * z.h + head) * z.t + i] = T(sum > 0 ? top + std::log(sum) : hidden);
                    }
        };
    });
}

std::unique_ptr<Kernel> attention_dx(const Request& r, std::string& why) {
    const auto attrs = attributes<AttentionAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView &dy = call.in[0], &q = call.in[1], &k = call.in[2], &v = call.in[3], &y = call.in[4],
                             &lse = call.in[5];
            const Geometry z(attrs, q, k, call.in.size() > 6 ? &call.in[6] : nullptr);
            std::vector<double> dq(size_t(q.size()), 0), dk(size_t(k.size()), 0), dv(size_t(v.size()), 0);
            for (int64_t b = 0; b < z.n; ++b)
                for (int64_t head = 0; head < z.h; ++head)
                    for (int64_t i = 0; i < z.t; ++i) {
                        const int64_t at = z.query(b, i, head);
                        double delta = 0; // sum over keys of p*dp, which is dy . y
                        for (int64_t c = 0; c < z.d; ++c)
                            delta += double(dy.as<T>()[at + c]) * double(y.as<T>()[at + c]);
                        for (int64_t j = 0; j < z.s; ++j) {
                            if (!z.sees(b, head, i, j)) continue;
                            const int64_t to = z.key(b, j, head);
                            const double p = std::exp(score<T>(z, q, k, b, head, i, j) -
                                                      double(lse.as<T>()[(b * z.h + head) * z.t + i]));
                            double dp = 0;
                            for (int64_t c = 0; c < z.d; ++c)
                                dp += double(dy.as<T>()[at + c]) * double(v.as<T>()[to + c]);
                            const double ds = p * (dp - delta) * z.scale;
                            for (int64_t c = 0; c < z.d; ++c) {
                                dv[size_t(to + c)] += p * double(dy.as<T>()[at + c]);
                                dq[size_t(at + c)] += ds * double(k.as<T>()[to + c]);
                                dk[size_t(to + c)] += ds * double(q.as<T>()[at + c]);
                            }
                        }
                    }
            const std::vector<double>* sums[] = {&dq, &dk, &dv};
            for (size_t o = 0; o < 3; ++o)
                for (int64_t i = 0; call.out[o].data && i < call.out[o].size(); ++i)
                    call.out[o].as<T>()[i] = T((*sums[o])[size_t(i)]);
        };
    });
}

} // namespace

void add_attention(Registry& registry) {
    registry.add({"attention", "reference.attention", attention});
    registry.add({"attention_dx", "reference.attention_dx", attention_dx});
}

} // namespace ds::kernels::reference
