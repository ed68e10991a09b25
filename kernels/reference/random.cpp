#include "ops/random.h"

#include "base/rng.h"
#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

std::unique_ptr<Kernel> dropout_train(const Request& r, std::string& why) {
    const auto attrs = attributes<DropoutAttrs>(r);
    return for_floats(r.in[0].dtype, why,
                      [=](auto zero) -> Body {
                          using T = decltype(zero);
                          return [=](const Call& call) {
                              const TensorView& x = call.in[0];
                              const uint64_t seed = uint64_t(call.in[1].as<int64_t>()[0]),
                                             step = uint64_t(call.in[2].as<int64_t>()[0]);
                              const int64_t samples = x.shape[0], per_sample = samples ? x.size() / samples : 0;
                              const double threshold = attrs.p * 0x1p32, scale = 1 / (1 - attrs.p);
                              for (int64_t n = 0; n < samples; ++n)
                                  for (int64_t e = 0; e < per_sample; ++e) {
                                      const rng::Block words = rng::philox(
                                          {uint32_t(e / 4), uint32_t(call.in[3].as<int64_t>()[n]), uint32_t(step),
                                           uint32_t(attrs.stream) * 16 + uint32_t(rng::Stream::dropout)},
                                          {uint32_t(seed), uint32_t(seed >> 32)});
                                      const int64_t i = n * per_sample + e;
                                      call.out[0].as<T>()[i] = double(words[size_t(e % 4)]) >= threshold
                                                                   ? T(double(x.as<T>()[i]) * scale)
                                                                   : T(0);
                                  }
                          };
                      },
                      {{0, 0}});
}

} // namespace

void add_random(Registry& registry) { registry.add({"dropout_train", "reference.dropout_train", dropout_train}); }

} // namespace ds::kernels::reference
