#include "kernels/cpu/attention/attention.h"

#include <cmath>

#include "base/parallel.h"
#include "ops/attention.h"

namespace ds::kernels::cpu {

bool has_strided_rows(const Operand& o) { return o.strides.size() == 4 && o.strides[3] == 1; }

HeadRows rows_of(const Operand& o) {
    return has_strided_rows(o) ? HeadRows{o.strides[0], o.strides[1], o.strides[2]} : contiguous_rows(o.shape);
}

HeadRows contiguous_rows(const Dims& shape) { return {shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3]}; }

std::optional<AttentionSizes> attention_sizes(const Request& r, size_t q, size_t mask, std::string& why) {
    const AttentionAttrs& a = r.as<AttentionAttrs>();
    const Dims &qs = r.in[q].shape, &ks = r.in[q + 1].shape;
    if (r.in[q].dtype != DType::f32) why = "needs f32";
    if (count(qs) == 0 || count(ks) == 0) why = "an operand is empty";
    if (!why.empty()) return std::nullopt;
    AttentionSizes s{qs[0], qs[1], ks[1], qs[2], ks[2], qs[3], a.causal, float(a.scale), r.in.size() > mask, {}, 1};
    if (a.scale == 0) s.scale = float(1 / std::sqrt(double(s.d)));
    if (s.masked) {
        const Dims &shape = r.in[mask].shape, strides = contiguous_strides(shape);
        for (size_t i = 0; i < shape.size(); ++i) s.mask[4 - shape.size() + i] = shape[i] == 1 ? 0 : strides[i];
    }
    s.workers = int(std::min<int64_t>(threads(), s.n * s.g));
    return s;
}

} // namespace ds::kernels::cpu
