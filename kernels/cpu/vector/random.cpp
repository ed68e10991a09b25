// dropout_train: Philox (base/rng.h) for a vector of blocks at a time, one block in each 64-bit lane, so that a
// product of two words fits. Which word belongs to which element is said in ops/random.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/random.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/random.h"
#include "kernels/cpu/vector/simd-inl.h"
#include "ops/random.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

using W = hn::ScalableTag<uint64_t>;
using Words = hn::Vec<W>;

HWY_INLINE Words word(uint32_t x) { return hn::Set(W(), uint64_t{x}); }
HWY_INLINE Words product(Words a, Words b) { // of the low halves
    const hn::Repartition<uint32_t, W> half;
    return hn::MulEven(hn::BitCast(half, a), hn::BitCast(half, b));
}

/// The words of blocks first, first + 1, ... (one per lane), in the order of elements.
HWY_INLINE void draw(const MaskKey& key, uint32_t sample, uint64_t first, uint64_t* words) {
    const W d;
    const Words low = word(0xFFFFFFFFu), m0 = word(0xD2511F53u), m1 = word(0xCD9E8D57u);
    Words c0 = hn::And(hn::Add(hn::Set(d, first), hn::Iota(d, 0)), low);
    Words c1 = word(sample), c2 = word(key.step), c3 = word(key.stream);
    uint32_t k0 = key.seed[0], k1 = key.seed[1];
    for (int round = 0; round < 10; ++round) {
        const Words p0 = product(m0, c0), p1 = product(m1, c2);
        c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), word(k0));
        c1 = hn::And(p1, low);
        c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), word(k1));
        c3 = hn::And(p0, low);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    hn::StoreInterleaved2(hn::Or(c0, hn::ShiftLeft<32>(c1)), hn::Or(c2, hn::ShiftLeft<32>(c3)), d, words);
}

/// y = x*scale where the element's word is at least `threshold`, else 0, for elements [begin, begin + n) of a sample;
/// begin is a multiple of 4.
void drop(const MaskKey& key, uint32_t sample, int64_t begin, int64_t n, uint32_t threshold, float scale,
          const float* x, float* y) {
    const F d;
    const hn::RebindToUnsigned<F> du;
    constexpr size_t blocks = HWY_LANES(uint64_t), step = 4 * blocks;
    HWY_ALIGN uint64_t words[2 * blocks];
    const uint32_t* word_at = reinterpret_cast<const uint32_t*>(words);
    const auto limit = hn::Set(du, threshold);
    const V s = set(scale);
    for (size_t at = 0; at < size_t(n); at += step) {
        draw(key, sample, uint64_t(begin) / 4 + at / 4, words);
        const size_t m = std::min(step, size_t(n) - at);
        for (size_t i = 0; i < m; i += lanes) {
            const auto off = hn::RebindMask(d, hn::Lt(hn::LoadU(du, word_at + i), limit));
            if (m - i >= lanes) store(hn::IfThenZeroElse(off, hn::Mul(load(x + at + i), s)), y + at + i);
            else store_n(hn::IfThenZeroElse(off, hn::Mul(load_n(x + at + i, m - i), s)), y + at + i, m - i);
        }
    }
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(drop);

std::unique_ptr<Kernel> make_dropout(const Request& request, std::string& why) {
    const Operand& x = request.in[0];
    if (x.dtype != DType::f32) return refuse(why, "needs f32"), nullptr;
    const auto& attrs = request.as<DropoutAttrs>();
    const double limit = std::ceil(attrs.p * 0x1p32);
    if (!(limit < 0x1p32)) return refuse(why, "p so near to 1 that nothing is kept"), nullptr;
    const uint32_t threshold = uint32_t(limit), stream = uint32_t(attrs.stream * 16 + int64_t(rng::Stream::dropout));
    const float scale = float(1 / (1 - attrs.p));
    const int64_t samples = x.shape[0], size = samples ? count(x.shape) / samples : 0;
    constexpr int64_t piece = 4096; // elements; pieces begin at whole blocks
    const int64_t pieces = (size + piece - 1) / piece;
    auto kernel = make_kernel([=](const Call& call) {
        const uint64_t seed = uint64_t(call.in[1].as<int64_t>()[0]);
        const MaskKey key{{uint32_t(seed), uint32_t(seed >> 32)}, uint32_t(call.in[2].as<int64_t>()[0]), stream};
        const int64_t* sample = call.in[3].as<int64_t>();
        const float* from = call.in[0].as<float>();
        float* to = call.out[0].as<float>();
        parallel_for(samples * pieces, std::max<int64_t>(1, min_work / 4 / std::min(piece, std::max<int64_t>(1, size))),
                     [&](int64_t first, int64_t last) {
                         for (int64_t t = first; t < last; ++t) {
                             const int64_t n = t / pieces, begin = t % pieces * piece, at = n * size + begin;
                             HWY_DYNAMIC_DISPATCH(drop)
                             (key, uint32_t(sample[n]), begin, std::min(piece, size - begin), threshold, scale,
                              from + at, to + at);
                         }
                     });
    });
    kernel->in_place = {{0, 0}};
    return kernel;
}

} // namespace

void add_random(Registry& registry) { registry.add({"dropout_train", "cpu.vector.dropout", make_dropout}); }

} // namespace ds::kernels::cpu
#endif
