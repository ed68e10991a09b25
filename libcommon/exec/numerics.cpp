// Scans operands for NaN and infinity. A value that was packed is judged by its plain form, which was seen before.
#include "exec/numerics.h"

#include <cmath>

#include "base/error.h"

namespace ds {

namespace {

void classify(double x, Oddities& found) {
    found.nan += std::isnan(x);
    found.inf += std::isinf(x);
}

/// 16-bit floats: all ones in the exponent is an infinity, or a NaN when the fraction is not zero.
void classify_bits(uint16_t x, uint16_t exponent, uint16_t fraction, Oddities& found) {
    if ((x & exponent) != exponent) return;
    ++((x & fraction) ? found.nan : found.inf);
}

void scan_run(const TensorView& view, int64_t at, int64_t n, int64_t stride, Oddities& found) {
    for (int64_t i = 0; i < n; ++i, at += stride) {
        if (view.dtype == DType::f32) classify(double(view.as<float>()[at]), found);
        else if (view.dtype == DType::f64) classify(view.as<double>()[at], found);
        else if (view.dtype == DType::bf16) classify_bits(view.as<uint16_t>()[at], 0x7f80, 0x007f, found);
        else classify_bits(view.as<uint16_t>()[at], 0x7c00, 0x03ff, found);
    }
}

void scan_axis(const TensorView& view, size_t axis, int64_t at, Oddities& found) {
    if (axis + 1 == view.shape.size()) return scan_run(view, at, view.shape[axis], view.strides[axis], found);
    for (int64_t i = 0; i < view.shape[axis]; ++i) scan_axis(view, axis + 1, at + i * view.strides[axis], found);
}

std::string describe(const Oddities& o) {
    if (!o.any()) return "finite";
    std::string text;
    if (o.nan) text = fmt::format("{} NaN", o.nan);
    if (o.inf) text += fmt::format("{}{} Inf", text.empty() ? "" : ", ", o.inf);
    return text;
}

} // namespace

Oddities find_oddities(const TensorView& view) {
    Oddities found;
    if (!view.data || !is_float(view.dtype)) return found;
    if (view.layout.format == Format::blocked) // padding is zero
        scan_run(view, 0, bytes(view.dtype, view.shape, view.layout) * 8 / bits(view.dtype), 1, found);
    else if (view.shape.empty() || view.contiguous()) scan_run(view, 0, view.size(), 1, found);
    else scan_axis(view, 0, 0, found);
    return found;
}

void NumericsCheck::before(size_t step, const kernels::Call& call) {
    const Step& s = plan_.steps[step];
    for (size_t i = 0; i < s.in.size(); ++i)
        if (s.in[i].value >= 0 && is_float(call.in[i].dtype)) seen_[size_t(s.in[i].value)] = find_oddities(call.in[i]);
}

void NumericsCheck::after(size_t step, const kernels::Call& call) const {
    const Step& s = plan_.steps[step];
    for (size_t o = 0; o < s.out.size(); ++o) {
        const Oddities found = find_oddities(call.out[o]);
        if (!found.any()) continue;
        std::string inputs;
        for (const PlanOperand& in : s.in)
            if (in.value >= 0)
                inputs += fmt::format("{}{}: {}", inputs.empty() ? "" : ", ", plan_.value_names[size_t(in.value)],
                                      describe(seen_[size_t(in.value)]));
        fail(Exit::data, "node '{}' ({}, kernel {}) made {} among the {} elements of {}; inputs: {}", s.node, s.op,
             s.kernel_name, describe(found), call.out[o].size(), plan_.value_names[size_t(s.out[o].value)],
             inputs.empty() ? "none" : inputs);
    }
}

} // namespace ds
