// Pooling in the layout of its input. Blocked: a vector holds the channels of one pixel, one (sample, block of
// channels) is one task. Plain: loops over one plane. A NaN in a window is its maximum.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/pool.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/parallel.h"
#include "kernels/kernel.h"
#include "ops/conv.h"

#ifndef DS_KERNELS_CPU_POOL_ONCE
#define DS_KERNELS_CPU_POOL_ONCE
namespace ds::kernels::cpu {

/// Sizes of one pooling: x is [planes][H, W], y [planes][OH, OW]; a plane's pixel has `block` channels.
struct PoolSizes {
    int64_t planes, channels, h, w, oh, ow; // channels: real ones, for the tail of the last block
    int64_t kh, kw, sh, sw, top, left;
    bool count_pad;
    int64_t block;
};

/// The part of a window that lies inside of the image: rows i0 .. i1-1, columns j0 .. j1-1 of the window.
struct Window {
    int64_t i0, i1, j0, j1;
    int64_t y0, x0; // the image place of the window's first element; may be negative
};

inline Window window_at(const PoolSizes& s, int64_t oy, int64_t ox) {
    const int64_t y0 = oy * s.sh - s.top, x0 = ox * s.sw - s.left;
    return {std::max<int64_t>(0, -y0),
            std::min(s.kh, s.h - y0),
            std::max<int64_t>(0, -x0),
            std::min(s.kw, s.w - x0),
            y0,
            x0};
}

inline float divisor(const PoolSizes& s, const Window& w) {
    return float(s.count_pad ? s.kh * s.kw : std::max<int64_t>(1, (w.i1 - w.i0) * (w.j1 - w.j0)));
}

} // namespace ds::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls visit(window, first pixel of output) for each output of a plane.
template <class Visit>
HWY_INLINE void each_output(const PoolSizes& s, const Visit& visit) {
    for (int64_t oy = 0; oy < s.oh; ++oy)
        for (int64_t ox = 0; ox < s.ow; ++ox) visit(window_at(s, oy, ox), oy * s.ow + ox);
}

/// Calls visit(pixel of x, place in the window) for each pixel of a window.
template <class Visit>
HWY_INLINE void each_pixel(const PoolSizes& s, const Window& w, const Visit& visit) {
    for (int64_t i = w.i0; i < w.i1; ++i)
        for (int64_t j = w.j0; j < w.j1; ++j) visit((w.y0 + i) * s.w + w.x0 + j, i * s.kw + j);
}

// D is the vector that is used for the channels of one pixel: B lanes where the machine has them, one for plain.
template <class D, int B>
struct PoolPlane {
    using V = hn::Vec<D>;
    using DI = hn::RebindToSigned<D>;
    using DU = hn::Rebind<uint8_t, D>;

    static HWY_INLINE void store_places(hn::Vec<DI> places, uint8_t* to) {
        hn::StoreU(hn::DemoteTo(DU(), places), DU(), to);
    }
    static HWY_INLINE hn::Vec<DI> load_places(const uint8_t* from) {
        return hn::PromoteTo(DI(), hn::LoadU(DU(), from));
    }

    static void max(const PoolSizes& s, int64_t channels, const float* x, float* y, uint8_t* index) {
        const D d;
        const DI di;
        const int64_t lanes = int64_t(hn::Lanes(d));
        for (int64_t c = 0; c < B; c += lanes) {
            const auto real = hn::Lt(hn::Iota(di, 0), hn::Set(di, int32_t(std::max<int64_t>(0, channels - c))));
            each_output(s, [&](const Window& w, int64_t o) {
                V best = hn::Set(d, -std::numeric_limits<float>::infinity());
                hn::Vec<DI> place = hn::Set(di, int32_t(w.i0 * s.kw + w.j0));
                each_pixel(s, w, [&](int64_t pixel, int64_t at) {
                    const V v = hn::LoadU(d, x + pixel * B + c);
                    const auto keep = hn::Or(hn::Le(v, best), hn::IsNaN(best));
                    best = hn::IfThenElse(keep, best, v);
                    place = hn::IfThenElse(hn::RebindMask(di, keep), place, hn::Set(di, int32_t(at)));
                });
                if (y) hn::StoreU(best, d, y + o * B + c);
                if (index) store_places(hn::IfThenElseZero(real, place), index + o * B + c);
            });
        }
    }

    static void max_dx(const PoolSizes& s, const float* dy, const uint8_t* index, float* dx) {
        const D d;
        const DI di;
        const int64_t lanes = int64_t(hn::Lanes(d));
        const bool apart = s.sh >= s.kh && s.sw >= s.kw; // windows do not overlap: each pixel is written once
        const bool covered =
            s.sh == s.kh && s.sw == s.kw && s.top == 0 && s.left == 0 && s.oh * s.kh == s.h && s.ow * s.kw == s.w;
        if (!covered) std::memset(dx, 0, size_t(s.h * s.w * B) * sizeof(float));
        for (int64_t c = 0; c < B; c += lanes)
            each_output(s, [&](const Window& w, int64_t o) {
                const V g = hn::LoadU(d, dy + o * B + c);
                const hn::Vec<DI> place = load_places(index + o * B + c);
                each_pixel(s, w, [&](int64_t pixel, int64_t at) {
                    float* to = dx + pixel * B + c;
                    const auto here = hn::RebindMask(d, hn::Eq(place, hn::Set(di, int32_t(at))));
                    const V part = hn::IfThenElseZero(here, g);
                    hn::StoreU(apart ? part : hn::Add(hn::LoadU(d, to), part), d, to);
                });
            });
    }

    static void average(const PoolSizes& s, const float* x, float* y) {
        const D d;
        const int64_t lanes = int64_t(hn::Lanes(d));
        for (int64_t c = 0; c < B; c += lanes)
            each_output(s, [&](const Window& w, int64_t o) {
                V sum = hn::Zero(d);
                each_pixel(s, w, [&](int64_t pixel, int64_t) { sum = hn::Add(sum, hn::LoadU(d, x + pixel * B + c)); });
                hn::StoreU(hn::Div(sum, hn::Set(d, divisor(s, w))), d, y + o * B + c);
            });
    }

    static void average_dx(const PoolSizes& s, const float* dy, float* dx) {
        const D d;
        const int64_t lanes = int64_t(hn::Lanes(d));
        std::memset(dx, 0, size_t(s.h * s.w * B) * sizeof(float));
        for (int64_t c = 0; c < B; c += lanes)
            each_output(s, [&](const Window& w, int64_t o) {
                const V g = hn::Div(hn::LoadU(d, dy + o * B + c), hn::Set(d, divisor(s, w)));
                each_pixel(s, w, [&](int64_t pixel, int64_t) {
                    float* to = dx + pixel * B + c;
                    hn::StoreU(hn::Add(hn::LoadU(d, to), g), d, to);
                });
            });
    }
};

/// Calls f with the PoolPlane that fits the block.
template <class F>
HWY_INLINE void with_block(int64_t block, const F& f) {
    if (block == 16) f(PoolPlane<hn::CappedTag<float, 16>, 16>());
    else if (block == 8) f(PoolPlane<hn::CappedTag<float, 8>, 8>());
    else f(PoolPlane<hn::CappedTag<float, 1>, 1>());
}

HWY_NOINLINE void max_pool(const PoolSizes& s, const float* x, float* y, uint8_t* index) {
    const int64_t in = s.h * s.w * s.block, out = s.oh * s.ow * s.block, blocks = (s.channels + s.block - 1) / s.block;
    with_block(s.block, [&](auto plane) {
        parallel_for(s.planes, 1 + 8192 / std::max<int64_t>(1, in), [&](int64_t begin, int64_t end) {
            for (int64_t p = begin; p < end; ++p)
                plane.max(s, s.channels - p % blocks * s.block, x + p * in, y ? y + p * out : nullptr,
                          index ? index + p * out : nullptr);
        });
    });
}

HWY_NOINLINE void max_pool_dx(const PoolSizes& s, const float* dy, const uint8_t* index, float* dx) {
    const int64_t in = s.h * s.w * s.block, out = s.oh * s.ow * s.block;
    with_block(s.block, [&](auto plane) {
        parallel_for(s.planes, 1 + 8192 / std::max<int64_t>(1, in), [&](int64_t begin, int64_t end) {
            for (int64_t p = begin; p < end; ++p) plane.max_dx(s, dy + p * out, index + p * out, dx + p * in);
        });
    });
}

HWY_NOINLINE void average_pool(const PoolSizes& s, const float* x, float* y) {
    const int64_t in = s.h * s.w * s.block, out = s.oh * s.ow * s.block;
    with_block(s.block, [&](auto plane) {
        parallel_for(s.planes, 1 + 8192 / std::max<int64_t>(1, in), [&](int64_t begin, int64_t end) {
            for (int64_t p = begin; p < end; ++p) plane.average(s, x + p * in, y + p * out);
        });
    });
}

HWY_NOINLINE void average_pool_dx(const PoolSizes& s, const float* dy, float* dx) {
    const int64_t in = s.h * s.w * s.block, out = s.oh * s.ow * s.block;
    with_block(s.block, [&](auto plane) {
        parallel_for(s.planes, 1 + 8192 / std::max<int64_t>(1, in), [&](int64_t begin, int64_t end) {
            for (int64_t p = begin; p < end; ++p) plane.average_dx(s, dy + p * out, dx + p * in);
        });
    });
}

} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/cpu/rows.h"

namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(max_pool);
HWY_EXPORT(max_pool_dx);
HWY_EXPORT(average_pool);
HWY_EXPORT(average_pool_dx);

enum class PoolOp { max, max_dx, average, average_dx };

class PoolKernel final : public Kernel {
public:
    PoolKernel(PoolOp op, const PoolSizes& sizes) : op_(op), sizes_(sizes) {}

    void run(const Call& c) const override {
        const float* from = c.in[0].as<const float>();
        float* to = c.out[0].as<float>();
        switch (op_) {
        case PoolOp::max:
            HWY_DYNAMIC_DISPATCH(max_pool)(sizes_, from, to, c.out[1].data ? c.out[1].as<uint8_t>() : nullptr);
            break;
        case PoolOp::max_dx: HWY_DYNAMIC_DISPATCH(max_pool_dx)(sizes_, from, c.in[1].as<const uint8_t>(), to); break;
        case PoolOp::average: HWY_DYNAMIC_DISPATCH(average_pool)(sizes_, from, to); break;
        case PoolOp::average_dx: HWY_DYNAMIC_DISPATCH(average_pool_dx)(sizes_, from, to); break;
        }
    }

private:
    PoolOp op_;
    PoolSizes sizes_;
};

PoolSizes pool_sizes(const PoolAttrs& a, const Dims& x, const Dims& y, Layout layout) {
    const int64_t block = layout.format == Format::blocked ? layout.block : 1;
    return {x[0] * ((x[1] + block - 1) / block),
            x[1],
            x[2],
            x[3],
            y[2],
            y[3],
            a.kernel[0],
            a.kernel[1],
            a.stride[0],
            a.stride[1],
            a.pad[0],
            a.pad[1],
            a.count_pad,
            block};
}

std::unique_ptr<Kernel> make_pool(PoolOp op, const PoolAttrs& attrs, const Request& r, std::string& why) {
    const bool backward = op == PoolOp::max_dx || op == PoolOp::average_dx;
    const Operand &x = backward ? r.out[0] : r.in[0], &y = backward ? r.in[0] : r.out[0];
    if (x.dtype != DType::f32) {
        why = "needs f32";
        return nullptr;
    }
    const Layout layout = r.in.back().layout; // of x, or of the index that the forward pass left, or of dy
    auto kernel = std::make_unique<PoolKernel>(op, pool_sizes(attrs, x.shape, y.shape, layout));
    kernel->in_layout.assign(r.in.size(), layout);
    kernel->out_layout.assign(r.out.size(), layout);
    return kernel;
}

std::unique_ptr<Kernel> make_max_pool(const Request& r, std::string& why) {
    return make_pool(PoolOp::max, r.as<PoolAttrs>(), r, why);
}
std::unique_ptr<Kernel> make_max_pool_dx(const Request& r, std::string& why) {
    return make_pool(PoolOp::max_dx, r.as<PoolGradAttrs>().pool, r, why);
}
std::unique_ptr<Kernel> make_avg_pool(const Request& r, std::string& why) {
    return make_pool(PoolOp::average, r.as<PoolAttrs>(), r, why);
}
std::unique_ptr<Kernel> make_avg_pool_dx(const Request& r, std::string& why) {
    return make_pool(PoolOp::average_dx, r.as<PoolGradAttrs>().pool, r, why);
}

} // namespace

void add_pool(Registry& registry) {
    registry.add({"max_pool2d", "cpu.max_pool2d", make_max_pool});
    registry.add({"max_pool2d_dx", "cpu.max_pool2d_dx", make_max_pool_dx});
    registry.add({"avg_pool2d", "cpu.avg_pool2d", make_avg_pool});
    registry.add({"avg_pool2d_dx", "cpu.avg_pool2d_dx", make_avg_pool_dx});
}

} // namespace ds::kernels::cpu
#endif
