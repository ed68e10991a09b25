#include "ops/shape_ops.h"

#include <algorithm>

#include "ops/axes.h"
#include "ops/emit.h"
#include "ops/families.h"

namespace ds {
namespace {

double free_of_charge(const CostArgs&) { return 0; }
double per_input(const CostArgs& a) { return double(count(dims(a.in[0].shape))); }

void require_axis(const InferArgs& a, int64_t axis, size_t rank) {
    if (axis < 0 || size_t(axis) >= rank)
        a.refuse("axis " + std::to_string(axis) + " does not exist in " + text(a.in[0]));
}

std::vector<int64_t> all_axes(const ReduceAttrs& attrs, size_t rank) {
    if (!attrs.axes.empty()) return attrs.axes;
    std::vector<int64_t> axes(rank);
    for (size_t i = 0; i < rank; ++i) axes[i] = int64_t(i);
    return axes;
}

std::vector<Type> infer_reduce(const InferArgs& a) {
    const auto& attrs = a.as<ReduceAttrs>();
    const Shape& in = a.in[0].shape;
    for (int64_t axis : attrs.axes) require_axis(a, axis, in.size());
    a.require(std::is_sorted(attrs.axes.begin(), attrs.axes.end()) &&
                  std::adjacent_find(attrs.axes.begin(), attrs.axes.end()) == attrs.axes.end(),
              "axes are ascending and differ");
    a.require(a.in[0].dtype != DType::boolean, "takes numbers");
    const std::vector<int64_t> axes = all_axes(attrs, in.size());
    Shape out;
    for (size_t i = 0; i < in.size(); ++i) {
        const bool reduced = std::find(axes.begin(), axes.end(), int64_t(i)) != axes.end();
        if (!reduced) out.push_back(in[i]);
        else if (attrs.keep) out.push_back(1);
    }
    return {{a.in[0].dtype, out}};
}

/// A reduced value put back to the rank of what it was reduced from, ready to broadcast.
ValueId with_kept_axes(GradientArgs& a, ValueId v, const ReduceAttrs& attrs) {
    const Shape& in = a.g.type(a.in[0]).shape;
    Shape kept = in;
    for (int64_t axis : all_axes(attrs, in.size())) kept[size_t(axis)] = 1;
    return reshape(a.g, v, kept);
}

void gradient_reduce(GradientArgs& a) {
    const auto& attrs = a.as<ReduceAttrs>();
    const Shape in = a.g.type(a.in[0]).shape;
    ValueId dy = with_kept_axes(a, a.dout[0], attrs);
    if (attrs.kind == ReduceKind::sum) {
        a.din[0] = broadcast(a.g, dy, in);
    } else if (attrs.kind == ReduceKind::mean) {
        // The divisor may be symbolic, so it is a value: the sum of ones over the reduced axes.
        const DType dtype = a.g.type(a.in[0]).dtype;
        Shape reduced;
        for (int64_t axis : all_axes(attrs, in.size())) reduced.push_back(in[size_t(axis)]);
        const ValueId divisor = known(reduced) ? scalar(a.g, dtype, double(count(dims(reduced))))
                                               : sum(a.g, constant(a.g, dtype, reduced, 1));
        a.din[0] = broadcast(a.g, div(a.g, dy, divisor), in);
    } else { // shared equally among equals
        const DType dtype = a.g.type(a.in[0]).dtype;
        const ValueId hit = cast(a.g, binary(a.g, BinaryKind::eq, a.in[0], with_kept_axes(a, a.out[0], attrs)), dtype);
        const ValueId hits = sum(a.g, hit, attrs.axes, true);
        a.din[0] = mul(a.g, hit, div(a.g, dy, reshape(a.g, hits, a.g.type(dy).shape)));
    }
}

std::vector<Type> infer_argmax(const InferArgs& a) {
    const int64_t axis = a.as<AxisAttrs>().axis;
    require_axis(a, axis, a.in[0].shape.size());
    Shape out = a.in[0].shape;
    out.erase(out.begin() + axis);
    return {{DType::i32, out}};
}

std::vector<Type> infer_reshape(const InferArgs& a) {
    const Shape& to = a.as<ShapeAttrs>().shape;
    if (!(count(a.in[0].shape) == count(to))) a.refuse("cannot reshape " + text(a.in[0]) + " to " + text(to));
    return {{a.in[0].dtype, to}};
}

void gradient_reshape(GradientArgs& a) { a.din[0] = reshape(a.g, a.dout[0], a.g.type(a.in[0]).shape); }

std::vector<Type> infer_transpose(const InferArgs& a) {
    const auto& perm = a.as<TransposeAttrs>().perm;
    const Shape& in = a.in[0].shape;
    std::vector<int64_t> sorted = perm;
    std::sort(sorted.begin(), sorted.end());
    bool is_permutation = sorted.size() == in.size();
    for (size_t i = 0; is_permutation && i < sorted.size(); ++i) is_permutation = sorted[i] == int64_t(i);
    a.require(is_permutation, "perm names each axis once");
    Shape out;
    for (int64_t axis : perm) out.push_back(in[size_t(axis)]);
    return {{a.in[0].dtype, out}};
}

void gradient_transpose(GradientArgs& a) {
    const auto& perm = a.as<TransposeAttrs>().perm;
    std::vector<int64_t> inverse(perm.size());
    for (size_t i = 0; i < perm.size(); ++i) inverse[size_t(perm[i])] = int64_t(i);
    a.din[0] = transpose(a.g, a.dout[0], inverse);
}

std::vector<Type> infer_broadcast(const InferArgs& a) {
    const Shape& to = a.as<ShapeAttrs>().shape;
    if (!(broadcast_shapes(a, a.in[0].shape, to) == to)) a.refuse(text(a.in[0]) + " does not broadcast to " + text(to));
    return {{a.in[0].dtype, to}};
}

void gradient_broadcast(GradientArgs& a) { a.din[0] = sum_to_shape(a.g, a.dout[0], a.g.type(a.in[0]).shape); }

std::vector<Type> infer_concat(const InferArgs& a) {
    const int64_t axis = a.as<AxisAttrs>().axis;
    require_axis(a, axis, a.in[0].shape.size());
    Shape out = a.in[0].shape;
    for (size_t i = 1; i < a.in.size(); ++i) {
        const Shape& other = a.in[i].shape;
        a.require(a.in[i].dtype == a.in[0].dtype && other.size() == out.size(), "operands have one dtype and rank");
        for (size_t d = 0; d < out.size(); ++d)
            if (d != size_t(axis)) a.require(out[d] == other[d], "operands differ along the joined axis only");
        out[size_t(axis)] = out[size_t(axis)] + other[size_t(axis)];
    }
    return {{a.in[0].dtype, out}};
}

void gradient_concat(GradientArgs& a) {
    const int64_t axis = a.as<AxisAttrs>().axis;
    Dim start = 0;
    for (size_t i = 0; i < a.in.size(); ++i) {
        const Dim length = a.g.type(a.in[i]).shape[size_t(axis)];
        if (a.needs[i]) a.din[i] = slice(a.g, a.dout[0], axis, start, length);
        start = start + length;
    }
}

std::vector<Type> infer_slice(const InferArgs& a) {
    const auto& attrs = a.as<SliceAttrs>();
    require_axis(a, attrs.axis, a.in[0].shape.size());
    Shape out = a.in[0].shape;
    const Dim whole = out[size_t(attrs.axis)], end = attrs.start + attrs.length;
    if (attrs.start.known()) a.require(attrs.start.value() >= 0, "start is not negative");
    if (attrs.length.known()) a.require(attrs.length.value() >= 0, "length is not negative");
    if (whole.known() && end.known() && end.value() > whole.value())
        a.refuse("[" + attrs.start.text() + ", " + end.text() + ") lies outside axis " + std::to_string(attrs.axis) +
                 " of " + text(a.in[0]));
    out[size_t(attrs.axis)] = attrs.length;
    return {{a.in[0].dtype, out}};
}

void gradient_slice(GradientArgs& a) {
    const auto& attrs = a.as<SliceAttrs>();
    const Shape in = a.g.type(a.in[0]).shape;
    PadAttrs pad;
    pad.before.assign(in.size(), 0);
    pad.after.assign(in.size(), 0);
    pad.before[size_t(attrs.axis)] = attrs.start;
    pad.after[size_t(attrs.axis)] = in[size_t(attrs.axis)] - attrs.start - attrs.length;
    a.din[0] = a.g.emit1("pad", attrs_of(pad), {a.dout[0]});
}

std::vector<Type> infer_pad(const InferArgs& a) {
    const auto& attrs = a.as<PadAttrs>();
    Shape out = a.in[0].shape;
    a.require(attrs.before.size() == out.size() && attrs.after.size() == out.size(),
              "one pad before and after for each axis");
    for (size_t i = 0; i < out.size(); ++i) {
        const bool negative = (attrs.before[i].known() && attrs.before[i].value() < 0) ||
                              (attrs.after[i].known() && attrs.after[i].value() < 0);
        a.require(!negative, "pads are not negative");
        out[i] = out[i] + attrs.before[i] + attrs.after[i];
    }
    return {{a.in[0].dtype, out}};
}

void gradient_pad(GradientArgs& a) {
    const auto& attrs = a.as<PadAttrs>();
    const Shape in = a.g.type(a.in[0]).shape;
    ValueId d = a.dout[0];
    for (size_t i = 0; i < in.size(); ++i)
        if (!(attrs.before[i] == Dim(0)) || !(attrs.after[i] == Dim(0)))
            d = slice(a.g, d, int64_t(i), attrs.before[i], in[i]);
    a.din[0] = d;
}

void require_index(const InferArgs& a, const Type& index) {
    a.require(index.dtype == DType::i32 || index.dtype == DType::i64, "the index is i32 or i64");
}

std::vector<Type> infer_gather(const InferArgs& a) {
    a.require(!a.in[0].shape.empty(), "the table has rows");
    require_index(a, a.in[1]);
    Shape out = a.in[1].shape;
    out.insert(out.end(), a.in[0].shape.begin() + 1, a.in[0].shape.end());
    return {{a.in[0].dtype, out}};
}

void gradient_gather(GradientArgs& a) {
    if (!a.needs[0]) return;
    GatherDwAttrs attrs;
    attrs.rows = a.g.type(a.in[0]).shape[0];
    a.din[0] = a.g.emit1("gather_dw", attrs_of(attrs), {a.dout[0], a.in[1]});
}

std::vector<Type> infer_gather_dw(const InferArgs& a) {
    require_index(a, a.in[1]);
    const Shape &dy = a.in[0].shape, &index = a.in[1].shape;
    const bool leads = dy.size() >= index.size() && std::equal(index.begin(), index.end(), dy.begin());
    a.require(leads, "dy starts with the index's shape");
    Shape out{a.as<GatherDwAttrs>().rows};
    out.insert(out.end(), dy.begin() + int64_t(index.size()), dy.end());
    return {{a.in[0].dtype, out}};
}

std::vector<Type> infer_update_slice(const InferArgs& a) {
    const int64_t axis = a.as<AxisAttrs>().axis;
    const Shape &base = a.in[0].shape, &part = a.in[1].shape;
    require_axis(a, axis, base.size());
    a.require(a.in[0].dtype == a.in[1].dtype && base.size() == part.size(), "base and part have one dtype and rank");
    for (size_t i = 0; i < base.size(); ++i)
        if (i != size_t(axis)) a.require(base[i] == part[i], "base and part differ along the written axis only");
    const Dim room = base[size_t(axis)] - part[size_t(axis)];
    if (room.known()) a.require(room.value() >= 0, "the part is not longer than the base");
    a.require(a.in[2] == Type{DType::i64, {}}, "the position is i64[]");
    return {a.in[0]};
}

Flows axes_reduce(const CostArgs& a) {
    const auto& attrs = a.as<ReduceAttrs>();
    const bool adds = attrs.kind == ReduceKind::sum || attrs.kind == ReduceKind::mean;
    FlowWriter flows(a);
    const std::vector<int64_t> axes = all_axes(attrs, flows.rank(0));
    size_t kept = 0;
    for (size_t d = 0; d < flows.rank(0); ++d) {
        const bool reduced = std::find(axes.begin(), axes.end(), int64_t(d)) != axes.end();
        if (!reduced) flows.keep(0, 0, d, kept);
        else if (adds) flows.sum(0, 0, d, d);
        kept += !reduced || attrs.keep;
    }
    return flows.take();
}

/// All axes but one stay where they are.
Flows axes_but_one(const CostArgs& a) {
    FlowWriter flows(a);
    const auto axis = size_t(a.as<AxisAttrs>().axis);
    for (size_t i = 0; i < flows.inputs(); ++i)
        for (size_t d = 0; d < flows.rank(i); ++d)
            if (d != axis) flows.keep(0, i, d, d);
    return flows.take();
}

Flows axes_argmax(const CostArgs& a) {
    FlowWriter flows(a);
    const auto axis = size_t(a.as<AxisAttrs>().axis);
    flows.keep_range(0, 0, 0, axis, 0);
    flows.keep_range(0, 0, axis + 1, flows.rank(0), axis);
    return flows.take();
}

/// The shortest runs of input and output axes, from (i, j) on, that have as many elements. False: there are none.
bool next_run(const Shape& from, const Shape& to, size_t& i, size_t& j) {
    Dim have = from[i++], want = to[j++];
    while (!(have == want)) {
        const bool have_less = have.known() && want.known() ? have.value() < want.value() : divides(have, want);
        if (have_less ? i == from.size() : j == to.size()) return false;
        if (have_less) have = have * from[i++];
        else want = want * to[j++];
    }
    return true;
}

Flows axes_reshape(const CostArgs& a) {
    FlowWriter flows(a);
    const Shape &from = a.in[0].shape, &to = a.out[0].shape;
    if (count(from) == Dim(0)) return flows.take();
    for (size_t i = 0, j = 0; i < from.size() && j < to.size();) {
        if (from[i] == Dim(1) && !(to[j] == Dim(1))) ++i;
        else if (to[j] == Dim(1) && !(from[i] == Dim(1))) ++j;
        else {
            const size_t first = i, first_to = j;
            if (!next_run(from, to, i, j)) break;
            if (i - first == 1 && j - first_to == 1) flows.keep(0, 0, first, first_to);
            else if (i - first == 1) flows.split(0, 0, first, first_to);
            else if (j - first_to == 1)
                for (size_t d = first; d < i; ++d) flows.merge(0, 0, d, first_to);
        }
    }
    return flows.take();
}

Flows axes_transpose(const CostArgs& a) {
    FlowWriter flows(a);
    const auto& perm = a.as<TransposeAttrs>().perm;
    for (size_t d = 0; d < perm.size(); ++d) flows.keep(0, 0, size_t(perm[d]), d);
    return flows.take();
}

Flows axes_slice(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t d = 0; d < flows.rank(0); ++d)
        if (d != size_t(a.as<SliceAttrs>().axis)) flows.keep(0, 0, d, d);
    return flows.take();
}

Flows axes_pad(const CostArgs& a) {
    FlowWriter flows(a);
    const auto& pad = a.as<PadAttrs>();
    for (size_t d = 0; d < flows.rank(0); ++d)
        if (pad.before[d] == Dim(0) && pad.after[d] == Dim(0)) flows.keep(0, 0, d, d);
    return flows.take();
}

Flows axes_gather(const CostArgs& a) {
    FlowWriter flows(a);
    flows.keep_range(0, 1, 0, flows.rank(1), 0);
    flows.keep_range(0, 0, 1, flows.rank(0), flows.rank(1));
    return flows.take();
}

Flows axes_gather_dw(const CostArgs& a) {
    FlowWriter flows(a);
    const size_t index = flows.rank(1);
    for (size_t d = 0; d < index; ++d)
        for (size_t input : {0u, 1u}) flows.sum(0, input, d, d);
    flows.keep_range(0, 0, index, flows.rank(0), 1);
    return flows.take();
}

Flows axes_update_slice(const CostArgs& a) {
    FlowWriter flows(a);
    for (size_t input : {0u, 1u})
        for (size_t d = 0; d < flows.rank(input); ++d)
            if (d != size_t(a.as<AxisAttrs>().axis)) flows.keep(0, input, d, d);
    return flows.take();
}

const OpRow rows[] = {
    {"reduce", "sum, mean, maximum or minimum over axes", 1, 1, make_default<ReduceAttrs>, infer_reduce, axes_reduce,
     gradient_reduce, per_input},
    {"argmax", "index of the first greatest element along an axis", 1, 1, make_default<AxisAttrs>, infer_argmax,
     axes_argmax, nullptr, per_input},
    {"reshape", "the same elements in another shape", 1, 1, make_default<ShapeAttrs>, infer_reshape, axes_reshape,
     gradient_reshape, free_of_charge},
    {"transpose", "axes in another order", 1, 1, make_default<TransposeAttrs>, infer_transpose, axes_transpose,
     gradient_transpose, free_of_charge},
    {"broadcast", "axes of size 1 repeated", 1, 1, make_default<ShapeAttrs>, infer_broadcast, elementwise_axes,
     gradient_broadcast, free_of_charge},
    {"concat", "operands joined along an axis", 1, -1, make_default<AxisAttrs>, infer_concat, axes_but_one,
     gradient_concat, free_of_charge},
    {"slice", "a range of one axis", 1, 1, make_default<SliceAttrs>, infer_slice, axes_slice, gradient_slice,
     free_of_charge},
    {"pad", "a value around", 1, 1, make_default<PadAttrs>, infer_pad, axes_pad, gradient_pad, free_of_charge},
    {"gather", "rows of a table (embedding)", 2, 2, make_default<NoAttrs>, infer_gather, axes_gather, gradient_gather,
     free_of_charge},
    {"gather_dw", "gradient of gather's table", 2, 2, make_default<GatherDwAttrs>, infer_gather_dw, axes_gather_dw,
     nullptr, per_input},
    {"update_slice", "a part written into a base at a position", 3, 3, make_default<AxisAttrs>, infer_update_slice,
     axes_update_slice, nullptr, free_of_charge},
};

} // namespace

std::span<const OpRow> shape_ops() { return rows; }

} // namespace ds
