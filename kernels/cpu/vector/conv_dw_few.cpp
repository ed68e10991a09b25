// conv2d_dw for the first layer of a network: one or two input channels, which oneDNN pads to a whole vector on
// machines without AVX-512. x is plain, dy in blocks of channels. Each sample's x is copied with its padding;
// then dw[o, c, i, j] = sum over pixels of x[c, y + i, x + j] dy[o, y, x] runs with the sums of several blocks of o and
// one kernel row in registers. Each worker sums its samples; the workers' sums are added in order.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/conv_dw_few.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cstring>

#include "base/parallel.h"
#include "kernels/kernel.h"

#ifndef DS_KERNELS_CPU_CONV_DW_FEW_ONCE
#define DS_KERNELS_CPU_CONV_DW_FEW_ONCE
namespace ds::kernels::cpu {

struct FewChannels {
    int64_t n, c, h, w, o, oh, ow, kh, kw, sh, sw, top, left;
    int workers;

    static constexpr int64_t block = 8;  // of dy's channels
    static constexpr int64_t widest = 7; // kernel columns that fit the registers
    int64_t blocks() const { return (o + block - 1) / block; }
    int64_t padded_h() const { return (oh - 1) * sh + kh; } // the part of padded x that is read
    int64_t padded_w() const { return (ow - 1) * sw + kw; }
    int64_t image() const { return (c * padded_h() * padded_w() + 15) / 16 * 16; }
    int64_t sums() const { return blocks() * (c * kh * kw + 1) * block; } // by block: taps, then the bias
    int64_t worker_size() const { return image() + sums(); }
};

} // namespace ds::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using BlockTag = hn::CappedTag<float, 8>;
using BlockVec = hn::Vec<BlockTag>;

/// Copies one sample with zeros around it.
HWY_INLINE void pad_image(const FewChannels& s, const float* x, float* image) {
    std::memset(image, 0, size_t(s.image()) * sizeof(float));
    const int64_t rows = std::min(s.h, s.padded_h() - s.top), columns = std::min(s.w, s.padded_w() - s.left);
    if (columns <= 0) return; // the stride passes over the whole image
    for (int64_t c = 0; c < s.c; ++c)
        for (int64_t y = 0; y < rows; ++y)
            std::memcpy(image + (c * s.padded_h() + y + s.top) * s.padded_w() + s.left, x + (c * s.h + y) * s.w,
                        size_t(columns) * sizeof(float));
}

/// Adds one kernel row of one input channel, for Blocks blocks of output channels, to sums[block][tap][8].
template <int Taps, int Blocks>
HWY_INLINE void add_row(const FewChannels& s, const float* row, const float* dy, float* sums, int64_t block_sums) {
    const BlockTag d;
    BlockVec sum[Blocks][Taps];
    for (int b = 0; b < Blocks; ++b)
        for (int j = 0; j < Taps; ++j) sum[b][j] = hn::LoadU(d, sums + b * block_sums + j * 8);
    for (int64_t y = 0; y < s.oh; ++y) {
        const float *p = row + y * s.sh * s.padded_w(), *g = dy + y * s.ow * 8;
        for (int64_t x = 0; x < s.ow; ++x, p += s.sw, g += 8)
            for (int b = 0; b < Blocks; ++b) {
                const BlockVec v = hn::LoadU(d, g + b * s.oh * s.ow * 8);
                for (int j = 0; j < Taps; ++j) sum[b][j] = hn::MulAdd(hn::Set(d, p[j]), v, sum[b][j]);
            }
    }
    for (int b = 0; b < Blocks; ++b)
        for (int j = 0; j < Taps; ++j) hn::StoreU(sum[b][j], d, sums + b * block_sums + j * 8);
}

template <int Taps>
HWY_INLINE void add_rows(const FewChannels& s, const float* image, const float* dy, float* sums) {
    constexpr int together = Taps <= 3 ? 4 : Taps <= 5 ? 2 : 1; // blocks whose sums fit sixteen registers
    const int64_t block_sums = (s.c * s.kh * s.kw + 1) * 8, plane = s.oh * s.ow * 8;
    for (int64_t c = 0; c < s.c; ++c)
        for (int64_t i = 0; i < s.kh; ++i) {
            const float* row = image + (c * s.padded_h() + i) * s.padded_w();
            float* to = sums + (c * s.kh + i) * s.kw * 8;
            int64_t b = 0;
            for (; b + together <= s.blocks(); b += together)
                add_row<Taps, together>(s, row, dy + b * plane, to + b * block_sums, block_sums);
            for (; b < s.blocks(); ++b) add_row<Taps, 1>(s, row, dy + b * plane, to + b * block_sums, block_sums);
        }
}

HWY_INLINE void add_bias(const FewChannels& s, const float* dy, float* sums) {
    const BlockTag d;
    const int64_t block_sums = (s.c * s.kh * s.kw + 1) * 8;
    for (int64_t b = 0; b < s.blocks(); ++b) {
        float* to = sums + (b + 1) * block_sums - 8;
        BlockVec sum = hn::LoadU(d, to);
        for (int64_t i = 0; i < s.oh * s.ow; ++i, dy += 8) sum = hn::Add(sum, hn::LoadU(d, dy));
        hn::StoreU(sum, d, to);
    }
}

HWY_NOINLINE void conv_dw_few(const FewChannels& s, const float* x, const float* dy, float* scratch, bool bias) {
    parallel_for(s.workers, 1, [&](int64_t first, int64_t end) {
        for (int64_t worker = first; worker < end; ++worker) {
            float *image = scratch + worker * s.worker_size(), *sums = image + s.image();
            std::memset(sums, 0, size_t(s.sums()) * sizeof(float));
            for (int64_t n = s.n * worker / s.workers; n < s.n * (worker + 1) / s.workers; ++n) {
                const float* g = dy + n * s.blocks() * s.oh * s.ow * 8;
                pad_image(s, x + n * s.c * s.h * s.w, image);
                switch (s.kw) {
                case 1: add_rows<1>(s, image, g, sums); break;
                case 2: add_rows<2>(s, image, g, sums); break;
                case 3: add_rows<3>(s, image, g, sums); break;
                case 4: add_rows<4>(s, image, g, sums); break;
                case 5: add_rows<5>(s, image, g, sums); break;
                case 6: add_rows<6>(s, image, g, sums); break;
                default: add_rows<7>(s, image, g, sums); break;
                }
                if (bias) add_bias(s, g, sums);
            }
        }
    });
}

} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/cpu/rows.h"
#include "ops/conv.h"

namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(conv_dw_few);

class FewChannelsKernel final : public Kernel {
public:
    explicit FewChannelsKernel(const FewChannels& sizes) : sizes_(sizes) {
        in_layout = {Layout{}, Layout{Format::blocked, int(FewChannels::block)}};
        scratch = size_t(sizes.workers) * size_t(sizes.worker_size()) * sizeof(float);
    }

    void run(const Call& c) const override {
        const FewChannels& s = sizes_;
        float* work = reinterpret_cast<float*>(c.scratch);
        float *dw = c.out[0].as<float>(), *db = c.out.size() > 1 ? c.out[1].as<float>() : nullptr;
        HWY_DYNAMIC_DISPATCH(conv_dw_few)(s, c.in[0].as<const float>(), c.in[1].as<const float>(), work, db != nullptr);
        const int64_t taps = s.c * s.kh * s.kw;
        for (int64_t o = 0; o < s.o; ++o)
            for (int64_t t = 0; t <= taps; ++t) {
                float sum = 0;
                for (int64_t worker = 0; worker < s.workers; ++worker)
                    sum += work[worker * s.worker_size() + s.image() + (o / 8 * (taps + 1) + t) * 8 + o % 8];
                float* to = t < taps ? (dw ? dw + o * taps + t : nullptr) : (db ? db + o : nullptr);
                if (to) *to = sum;
            }
    }

private:
    FewChannels sizes_;
};

std::unique_ptr<Kernel> make_few_channels(const Request& r, std::string& why) {
    const ConvGradAttrs& a = r.as<ConvGradAttrs>();
    const Dims &x = r.in[0].shape, &dy = r.in[1].shape, &w = r.out[0].shape;
    if (r.in[0].dtype != DType::f32) why = "needs f32";
    else if (x[1] > 2) why = "more than two input channels";
    else if (a.conv.groups != 1 || a.conv.dilation != std::vector<int64_t>{1, 1}) why = "groups or dilation";
    else if (w[3] > FewChannels::widest) why = "a kernel of more than seven columns";
    if (!why.empty()) return nullptr;
    const int workers = int(std::clamp<int64_t>(threads(), 1, std::max<int64_t>(1, x[0])));
    return std::make_unique<FewChannelsKernel>(FewChannels{x[0], x[1], x[2], x[3], dy[1], dy[2], dy[3], w[2], w[3],
                                                           a.conv.stride[0], a.conv.stride[1], a.conv.pad[0],
                                                           a.conv.pad[1], workers});
}

} // namespace

void add_conv_dw_few(Registry& registry) {
    registry.add({"conv2d_dw", "cpu.conv2d_dw.few_channels", make_few_channels});
}

} // namespace ds::kernels::cpu
#endif
