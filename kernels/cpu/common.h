// What the vector kernels share: a kernel made of a function, layouts, refusals.
#pragma once

#include <functional>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "kernels/cpu/rows.h"
#include "kernels/kernel.h"

namespace ds::kernels::cpu {

/// Items of work below which a second thread costs more than it brings (floats read or written).
constexpr int64_t min_work = 16384;

class RunKernel final : public Kernel {
public:
    explicit RunKernel(std::function<void(const Call&)> run) : run_(std::move(run)) {}
    void run(const Call& call) const override { run_(call); }

private:
    std::function<void(const Call&)> run_;
};

inline std::unique_ptr<Kernel> make_kernel(std::function<void(const Call&)> run) {
    return std::make_unique<RunKernel>(std::move(run));
}

/// Fills in_layout and out_layout with `layout` for every operand that has the shape `main`, plain for the others.
inline void set_layouts(Kernel& kernel, const Request& request, const Dims& main, Layout layout) {
    for (const Operand& o : request.in) kernel.in_layout.push_back(o.shape == main ? layout : Layout{});
    for (const Operand& o : request.out) kernel.out_layout.push_back(o.shape == main ? layout : Layout{});
}

/// The layout to work in: that of the first blocked input of shape `main`, plain if there is none.
inline Layout layout_of(const Request& request, const Dims& main) {
    for (const Operand& o : request.in)
        if (o.layout.format == Format::blocked && o.shape == main) return o.layout;
    return {};
}

inline bool refuse(std::string& why, std::string_view reason) {
    why = reason;
    return false;
}

inline bool all_f32(const Request& request, std::string& why) {
    for (const Operand& o : request.in)
        if (o.dtype != DType::f32) return refuse(why, "needs f32");
    for (const Operand& o : request.out)
        if (o.dtype != DType::f32) return refuse(why, "needs f32");
    return true;
}

inline int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

} // namespace ds::kernels::cpu
