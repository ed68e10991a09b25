// Views that cost nothing: the same memory with other sizes, strides or start.
#include "ops/shape_ops.h"
#include "plan/draft/draft.h"

namespace ds {

namespace {

/// Strides of a reshape that keeps every element where it is: runs of old axes that lie densely behind each other
/// are cut anew. None when a new axis would have to cross a gap.
std::optional<Dims> reshaped_strides(const Dims& from, const Dims& strides, const Dims& to) {
    Dims result(to.size(), 1);
    size_t j = 0;
    for (size_t i = 0; i < from.size() || j < to.size();) {
        int64_t have = i < from.size() ? from[i] : 1, want = j < to.size() ? to[j] : 1;
        const size_t first = i, first_new = j;
        i = std::min(i + 1, from.size());
        j = std::min(j + 1, to.size());
        while (have != want) {
            if (have < want) {
                if (i == from.size()) return std::nullopt;
                have *= from[i++];
            } else {
                if (j == to.size()) return std::nullopt;
                want *= to[j++];
            }
        }
        int64_t stride = 1;
        bool known = false;
        for (size_t k = i; k-- > first;) { // the run [first, i) must be dense, axes of size 1 aside
            if (from[k] == 1) continue;
            if (!known) stride = strides[k];
            int64_t dense = stride;
            for (size_t m = k + 1; m < i; ++m) dense *= from[m];
            if (known && strides[k] != dense) return std::nullopt;
            known = true;
        }
        for (size_t k = j; k-- > first_new;) {
            result[k] = stride;
            stride *= to[k];
        }
    }
    return result;
}

} // namespace

std::optional<Location> view_of(const Node& node, const Dims& in_shape, const Dims& out_shape, const Location& in,
                                DType dtype) {
    Location out = in;
    const std::string_view op = node.op->name;
    if (op == "dropout" || op == "unary" || op == "pad") return out; // may_be_view() says that they change nothing
    if (in.layout.format != Format::plain) return std::nullopt;
    if (op == "reshape") {
        if (count(in_shape) == 0) return std::nullopt;
        std::optional<Dims> strides = reshaped_strides(in_shape, in.strides, out_shape);
        if (!strides) return std::nullopt;
        out.strides = std::move(*strides);
    } else if (op == "slice") {
        const auto& slice = node.as<SliceAttrs>();
        out.offset += slice.start.value() * in.strides[size_t(slice.axis)] * (bits(dtype) / 8);
    } else if (op == "transpose") {
        const auto& perm = node.as<TransposeAttrs>().perm;
        for (size_t i = 0; i < perm.size(); ++i) out.strides[i] = in.strides[size_t(perm[i])];
    } else {
        return std::nullopt;
    }
    return out;
}

} // namespace ds
