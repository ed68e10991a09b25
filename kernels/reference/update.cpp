#include "ops/update.h"

#include <cmath>
#include <cstring>

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

/// Copies operands to outputs: what an update does when `apply` is false.
void keep(const Call& call, std::initializer_list<int> inputs) {
    size_t o = 0;
    for (int i : inputs) {
        const TensorView &from = call.in[size_t(i)], &to = call.out[o++];
        if (to.data && to.data != from.data) std::memcpy(to.data, from.data, size_t(bytes(from.dtype, from.shape)));
    }
}

std::unique_ptr<Kernel> sgd_update(const Request& r, std::string& why) {
    const auto a = attributes<SgdAttrs>(r);
    const bool has_moment = a.momentum != 0;
    return for_floats(
        r.in[0].dtype, why,
        [=](auto zero) -> Body {
            using T = decltype(zero);
            return [=](const Call& call) {
                if (!call.in[4].as<bool>()[0]) return has_moment ? keep(call, {0, 5}) : keep(call, {0});
                const double lr = double(call.in[2].as<T>()[0]), scale = double(call.in[3].as<T>()[0]);
                for (int64_t i = 0; i < call.in[0].size(); ++i) {
                    const double w = double(call.in[0].as<T>()[i]),
                                 g = scale * double(call.in[1].as<T>()[i]) + a.weight_decay * w;
                    const double m = has_moment ? a.momentum * double(call.in[5].as<T>()[i]) + g : g;
                    call.out[0].as<T>()[i] = T(w - lr * (a.nesterov ? g + a.momentum * m : m));
                    if (has_moment) call.out[1].as<T>()[i] = T(m);
                }
            };
        },
        has_moment ? std::vector<std::pair<int, int>>{{0, 0}, {1, 5}} : std::vector<std::pair<int, int>>{{0, 0}});
}

std::unique_ptr<Kernel> adam_update(const Request& r, std::string& why) {
    const auto a = attributes<AdamAttrs>(r);
    return for_floats(r.in[0].dtype, why,
                      [=](auto zero) -> Body {
                          using T = decltype(zero);
                          return [=](const Call& call) {
                              if (!call.in[4].as<bool>()[0]) return keep(call, {0, 5, 6});
                              const double lr = double(call.in[2].as<T>()[0]), scale = double(call.in[3].as<T>()[0]);
                              const double step = double(call.in[7].as<int64_t>()[0]);
                              const double correct1 = 1 - std::pow(a.beta1, step),
                                           correct2 = 1 - std::pow(a.beta2, step);
                              for (int64_t i = 0; i < call.in[0].size(); ++i) {
                                  double w = double(call.in[0].as<T>()[i]), g = scale * double(call.in[1].as<T>()[i]);
                                  if (a.decoupled) w *= 1 - lr * a.weight_decay;
                                  else g += a.weight_decay * w;
                                  const double m = a.beta1 * double(call.in[5].as<T>()[i]) + (1 - a.beta1) * g;
                                  const double v = a.beta2 * double(call.in[6].as<T>()[i]) + (1 - a.beta2) * g * g;
                                  call.out[0].as<T>()[i] =
                                      T(w - lr * (m / correct1) / (std::sqrt(v / correct2) + a.eps));
                                  call.out[1].as<T>()[i] = T(m);
                                  call.out[2].as<T>()[i] = T(v);
                              }
                          };
                      },
                      {{0, 0}, {1, 5}, {2, 6}});
}

std::unique_ptr<Kernel> ema_update(const Request& r, std::string& why) {
    const double decay = r.as<EmaAttrs>().decay;
    return for_floats(r.in[0].dtype, why,
                      [=](auto zero) -> Body {
                          using T = decltype(zero);
                          return [=](const Call& call) {
                              if (!call.in[2].as<bool>()[0]) return keep(call, {0});
                              for (int64_t i = 0; i < call.in[0].size(); ++i)
                                  call.out[0].as<T>()[i] = T(decay * double(call.in[0].as<T>()[i]) +
                                                             (1 - decay) * double(call.in[1].as<T>()[i]));
                          };
                      },
                      {{0, 0}});
}

std::unique_ptr<Kernel> global_norm(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return [](const Call& call) {
            double sum = 0;
            for (const TensorView& g : call.in)
                for (int64_t i = 0; i < g.size(); ++i) sum += double(g.as<T>()[i]) * double(g.as<T>()[i]);
            call.out[0].as<T>()[0] = T(std::sqrt(sum));
        };
    });
}

} // namespace

void add_update(Registry& registry) {
    registry.add({"sgd_update", "reference.sgd_update", sgd_update});
    registry.add({"adam_update", "reference.adam_update", adam_update});
    registry.add({"ema_update", "reference.ema_update", ema_update});
    registry.add({"global_norm", "reference.global_norm", global_norm});
}

} // namespace ds::kernels::reference
